/**
 * Service's end of an NTLM login (MS-NLMP 3.2.5), as strict as Windows: NTLMv2 only, MIC, channel
 * binding. A rejected login looks the same to the client, whatever the reason.
 */
import { Buffer } from 'node:buffer';
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { authError } from '../contract/auth-errors.ts';
import type { AcceptorContext, SecurityStep } from '../contract/security-context.ts';
import { bindsNoChannel, channelBindingsHash } from './channel-bindings.ts';
import type { NtlmAccounts } from './accounts.ts';
import { hmacMd5 } from './crypto/digests.ts';
import { Rc4 } from './crypto/rc4.ts';
import * as v2 from './keys/ntlmv2.ts';
import { parseAuthenticate, takeMic, type Authenticate } from './messages/authenticate.ts';
import {
  AV,
  AV_FLAG_MIC,
  avFlags,
  parseAvPairs,
  serverAvPairs,
  type AvPairs,
  type ServerNames,
} from './messages/av-pairs.ts';
import { CHALLENGE_LENGTH, encodeChallenge } from './messages/challenge.ts';
import {
  combineFlags,
  FLAG,
  formatFlags,
  hasFlag,
  missingFlags,
  type FlagName,
} from './messages/flags.ts';
import { parseNegotiate } from './messages/negotiate.ts';
import { NtlmContext } from './ntlm-context.ts';

const SESSION_KEY_LENGTH = 16;

/** Flags that the server grants if the client requests them. */
const GRANTED = combineFlags(
  'requestTarget',
  'sign',
  'seal',
  'alwaysSign',
  'extendedSessionSecurity',
  'version',
  'key128',
  'keyExchange',
  'key56',
);
/** Flags that the server sets in any case. */
const OWN = combineFlags('ntlm', 'targetInfo', 'targetTypeServer');

export interface NtlmAcceptorInput {
  readonly names: ServerNames;
  readonly accounts: NtlmAccounts;
  /** `tls-server-end-point:` and the hash of the own certificate; undefined without TLS. */
  readonly channelBinding: Buffer | undefined;
  /** Rejects clients that do not bind the channel. A wrong binding is rejected in any case. */
  readonly strictBinding?: boolean;
  /** Rejects clients that cannot seal (default), as plain HTTP requires. */
  readonly sealing?: boolean;
}

/** Creates the context of one connection. */
export function ntlmAcceptor(input: NtlmAcceptorInput): NtlmAcceptor {
  return new NtlmAcceptor(input);
}

/** First two messages, as the MIC and the response need them. */
interface Challenged {
  readonly negotiate: Buffer;
  readonly challenge: Buffer;
  readonly serverChallenge: Buffer;
  readonly flags: number;
}

class NtlmAcceptor extends NtlmContext implements AcceptorContext {
  readonly #input: NtlmAcceptorInput;
  readonly #required: readonly FlagName[];
  #challenged: Challenged | undefined;
  #done = false;
  #user: string | undefined;
  #hasMic = false;

  constructor(input: NtlmAcceptorInput) {
    super();
    this.#input = input;
    const always = ['extendedSessionSecurity'] as const;
    this.#required = (input.sealing ?? true) ? [...always, 'key128', 'sign', 'seal'] : always;
  }

  get user(): string | undefined {
    return this.#user;
  }

  /** A client that signs its messages of the login also signs the list of mechanisms. */
  get needsListMic(): boolean {
    return this.#hasMic;
  }

  async step(token: Buffer | undefined): Promise<SecurityStep> {
    this.checkOpen();
    if (token === undefined) throw authError('http.auth.token', 'The client sent no NTLM token');
    if (this.#done) throw authError('http.auth.token', 'The NTLM login has ended already');
    if (this.#challenged === undefined) {
      this.#challenged = this.#challenge(token);
      return { token: this.#challenged.challenge, complete: false };
    }
    this.#done = true;
    this.#user = this.#authenticate(token, this.#challenged);
    return { token: undefined, complete: true };
  }

  #challenge(negotiate: Buffer): Challenged {
    const { flags: requested } = parseNegotiate(negotiate);
    this.#requireFlags(requested, 'NEGOTIATE');
    const charset = FLAG.unicode & requested || FLAG.oem & requested;
    if (charset === 0) {
      throw authError('http.auth.token', 'The NTLM NEGOTIATE message has neither UNICODE nor OEM');
    }
    const flags = ((requested & GRANTED) | OWN | charset) >>> 0;
    const serverChallenge = randomBytes(CHALLENGE_LENGTH);
    const challenge = encodeChallenge({
      flags,
      serverChallenge,
      targetName: this.#input.names.nbComputer,
      targetInfo: serverAvPairs(this.#input.names, v2.fileTime(Date.now())),
    });
    return { negotiate, challenge, serverChallenge, flags };
  }

  /** Checks an AUTHENTICATE message and returns the account's name. */
  #authenticate(token: Buffer, challenged: Challenged): string {
    const message = parseAuthenticate(token, challenged.flags);
    const flags = (message.flags & challenged.flags) >>> 0;
    this.#requireFlags(flags, 'AUTHENTICATE');
    if (message.user === '') {
      throw rejected('anonymous', 'Anonymous NTLM logins are not accepted');
    }
    const response = v2.splitNtResponse(message.ntResponse);
    if (response === undefined) {
      throw authError(
        'http.auth.downgrade',
        `The client answered with NTLMv1 or LM (a response of ${message.ntResponse.length} bytes); only NTLMv2 is accepted`,
        { data: { found: message.ntResponse.length } },
      );
    }
    const account = this.#input.accounts.find(message);
    // The same work for an unknown user: the time of the answer must not tell which users exist.
    const password = account?.password.reveal() ?? randomBytes(16).toString('hex');
    const key = v2.ntowfV2(password, message.user, message.domain);
    const expected = v2.ntResponse(key, challenged.serverChallenge, response.blob);
    const proven = timingSafeEqual(expected.subarray(0, response.proof.length), response.proof);
    if (account === undefined) throw rejected('unknown', 'The NTLM user is unknown');
    if (!proven) throw rejected('password', 'The NTLM password is wrong');
    if ((account.state ?? 'enabled') !== 'enabled') {
      throw rejected(account.state as string, `The account ${account.name} is ${account.state}`);
    }
    const pairs = parseAvPairs(response.avPairs);
    this.#checkBinding(pairs);
    const sessionKey = sessionKeyOf(message, flags, v2.sessionBaseKey(key, response.proof));
    this.#hasMic = (avFlags(pairs) & AV_FLAG_MIC) !== 0;
    if (this.#hasMic) checkMic(token, challenged, sessionKey);
    this.establish(sessionKey, flags, 'server');
    return account.name;
  }

  #requireFlags(flags: number, name: string): void {
    const missing = missingFlags(flags, this.#required);
    if (missing === '') return;
    throw authError(
      'http.auth.downgrade',
      `The client's NTLM ${name} lacks ${missing} (flags ${formatFlags(flags)})`,
      { data: { missing, flags } },
    );
  }

  #checkBinding(pairs: AvPairs): void {
    const { channelBinding, strictBinding = false } = this.#input;
    if (channelBinding === undefined) return;
    const found = pairs.get(AV.channelBindings);
    if (bindsNoChannel(found)) {
      if (!strictBinding) return;
      throw rejected('binding', 'The client did not bind its login to the TLS channel');
    }
    if (found?.equals(channelBindingsHash(channelBinding)) === true) return;
    throw rejected('binding', 'The client bound its login to another TLS channel');
  }
}

/** Returns the session key: the client's random one if keys are exchanged. */
function sessionKeyOf(message: Authenticate, flags: number, base: Buffer): Buffer {
  if (!hasFlag(flags, 'keyExchange')) return base;
  const { length } = message.encryptedSessionKey;
  if (length !== SESSION_KEY_LENGTH) {
    throw authError(
      'http.auth.token',
      `EncryptedRandomSessionKey: expected ${SESSION_KEY_LENGTH} bytes, found ${length}`,
    );
  }
  return new Rc4(base).update(message.encryptedSessionKey);
}

/** Checks the MIC, which covers the three messages. Throws `http.auth.downgrade`. */
function checkMic(token: Buffer, { negotiate, challenge }: Challenged, key: Buffer): void {
  const { mic, without } = takeMic(token);
  if (timingSafeEqual(hmacMd5(key, negotiate, challenge, without), mic)) return;
  throw authError(
    'http.auth.downgrade',
    'The MIC of the NTLM login is wrong: a message was changed on the way',
  );
}

/** @param reason cause for the log of the service; the client must not learn it. */
function rejected(reason: string, message: string): Error {
  return authError('http.auth.failed', message, { data: { reason } });
}
