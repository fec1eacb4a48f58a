/**
 * Client's end of an NTLM login (MS-NLMP 3.1.5): NTLMv2 with MIC, channel binding and the service's
 * name. Start reading here; `messages/` has the wire format, `keys/` the computations.
 */
import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { authError } from '../contract/auth-errors.ts';
import type { InitiatorInput, SecurityStep } from '../contract/security-context.ts';
import { channelBindingsHash } from './channel-bindings.ts';
import { hmacMd5 } from './crypto/digests.ts';
import { Rc4 } from './crypto/rc4.ts';
import { ntlmIdentity } from './identity.ts';
import * as v2 from './keys/ntlmv2.ts';
import { encodeAuthenticate, setMic } from './messages/authenticate.ts';
import { AV, AV_FLAG_MIC, avFlags, encodeAvPairs, type AvPairs } from './messages/av-pairs.ts';
import { parseChallenge, type Challenge } from './messages/challenge.ts';
import {
  combineFlags,
  formatFlags,
  hasFlag,
  missingFlags,
  type FlagName,
} from './messages/flags.ts';
import { encodeNegotiate } from './messages/negotiate.ts';
import { utf16 } from './messages/text.ts';
import { NtlmContext } from './ntlm-context.ts';

const SESSION_KEY_LENGTH = 16;

/** Requested but not required, or required with sealing only: see {@link requiredFlags}. */
const REQUESTED: readonly FlagName[] = [
  'unicode',
  'requestTarget',
  'sign',
  'ntlm',
  'alwaysSign',
  'extendedSessionSecurity',
  'targetInfo',
  'version',
  'key128',
  'keyExchange',
  'key56',
];

export interface NtlmOptions {
  /**
   * Requires sealing (the default). SMB needs the session key only, and its servers need not offer
   * sealing.
   */
  readonly sealing?: boolean;
}

/**
 * Creates a client's context. Throws `http.auth.missing` without a user's name: anonymous logins are
 * not supported.
 */
export function ntlmInitiator(input: InitiatorInput, options: NtlmOptions = {}): NtlmInitiator {
  return new NtlmInitiator(input, options.sealing ?? true);
}

/** Flags without which the client does not log in. */
function requiredFlags(sealing: boolean): readonly FlagName[] {
  const always = ['unicode', 'extendedSessionSecurity', 'targetInfo', 'key128', 'sign'] as const;
  return sealing ? [...always, 'seal'] : always;
}

class NtlmInitiator extends NtlmContext {
  readonly needsListMic = true;
  readonly #input: InitiatorInput;
  readonly #sealing: boolean;
  readonly #flags: number;
  #negotiate: Buffer | undefined;
  #done = false;

  constructor(input: InitiatorInput, sealing: boolean) {
    super();
    this.#input = input;
    this.#sealing = sealing;
    this.#flags = combineFlags(...REQUESTED, ...(sealing ? (['seal'] as const) : []));
  }

  async step(token: Buffer | undefined): Promise<SecurityStep> {
    this.checkOpen();
    if (this.#done) throw authError('http.auth.token', 'The NTLM login is complete already');
    if (this.#negotiate === undefined) {
      if (token !== undefined) {
        throw authError('http.auth.token', 'The peer sent an NTLM token before the first one');
      }
      this.#negotiate = encodeNegotiate(this.#flags);
      return { token: this.#negotiate, complete: false };
    }
    if (token === undefined) {
      throw authError('http.auth.token', 'The host did not answer the NTLM NEGOTIATE message');
    }
    this.#done = true;
    const challenge = parseChallenge(token);
    this.#checkFlags(challenge.flags);
    return { token: this.#answer(this.#negotiate, token, challenge), complete: true };
  }

  #checkFlags(flags: number): void {
    const missing = missingFlags(flags, requiredFlags(this.#sealing));
    if (missing === '') return;
    throw authError(
      'http.auth.downgrade',
      `The host's NTLM CHALLENGE lacks ${missing} (flags ${formatFlags(flags)}): it does not support NTLMv2 with sealed messages, or somebody in between removed it`,
      { data: { missing, flags } },
    );
  }

  #answer(negotiate: Buffer, challengeMessage: Buffer, challenge: Challenge): Buffer {
    const { serverChallenge, targetInfo } = challenge;
    const flags = (this.#flags & challenge.flags) >>> 0;
    const credential = this.#input.credential;
    if (credential === undefined) throw missingUser();
    const identity = ntlmIdentity(credential.user, targetInfo);
    if (identity.user === '') throw missingUser();
    const serverTime = targetInfo.get(AV.timestamp);
    const clientChallenge = randomBytes(v2.CLIENT_CHALLENGE_LENGTH);
    const blob = v2.encodeBlob({
      time: serverTime ?? v2.fileTime(Date.now()),
      clientChallenge,
      avPairs: encodeAvPairs(this.#clientPairs(targetInfo)),
    });
    const key = v2.ntowfV2(credential.password.reveal(), identity.user, identity.domain);
    const ntResponse = v2.ntResponse(key, serverChallenge, blob);
    const base = v2.sessionBaseKey(key, ntResponse.subarray(0, 16));
    const exchange = hasFlag(flags, 'keyExchange');
    const sessionKey = exchange ? randomBytes(SESSION_KEY_LENGTH) : base;
    const message = encodeAuthenticate({
      flags,
      ...identity,
      workstation: workstationName(),
      lmResponse:
        serverTime === undefined
          ? v2.lmV2Response(key, serverChallenge, clientChallenge)
          : Buffer.alloc(24),
      ntResponse,
      encryptedSessionKey: exchange ? new Rc4(base).update(sessionKey) : Buffer.alloc(0),
    });
    setMic(message, hmacMd5(sessionKey, negotiate, challengeMessage, message));
    key.fill(0);
    if (exchange) base.fill(0);
    this.establish(sessionKey, flags, 'client');
    return message;
  }

  /** Returns the server's attributes with those of the client. */
  #clientPairs(targetInfo: AvPairs): AvPairs {
    const { service, host, channelBinding } = this.#input;
    const flags = Buffer.alloc(4);
    flags.writeUInt32LE((avFlags(targetInfo) | AV_FLAG_MIC) >>> 0);
    return new Map([
      ...targetInfo,
      [AV.flags, flags],
      [AV.channelBindings, channelBindingsHash(channelBinding)],
      [AV.targetName, utf16(`${service}/${host}`)],
    ]);
  }
}

function missingUser(): Error {
  return authError(
    'http.auth.missing',
    'NTLM needs a user name and a password; anonymous logins are not supported',
  );
}

/** Returns the computer's NetBIOS name, which the host logs. */
function workstationName(): string {
  return (hostname().split('.')[0] ?? '').slice(0, 15).toUpperCase();
}
