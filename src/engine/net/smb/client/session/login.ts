import { Buffer } from 'node:buffer';
import { EngineError, isEngineError } from '../../../../base/errors.ts';
import { authError } from '../../../auth/contract/auth-errors.ts';
import type {
  AuthenticationChoice,
  AuthScheme,
  AuthSession,
} from '../../../auth/contract/scheme.ts';
import type { Credential } from '../../../auth/contract/secret.ts';
import { notAgain } from '../../../auth/login-refusal.ts';
import { refusedPasswords } from '../../../auth/refused-passwords.ts';
import { usableSchemes } from '../../../auth/schemes.ts';
import { smbError } from '../../contract/smb-errors.ts';
import { DIALECT, SECURITY_MODE, SESSION_FLAG } from '../../codec/protocol/constants.ts';
import { SESSION_SETUP } from '../../codec/session/session-setup.ts';
import { PreauthHash } from '../../crypto/preauth-hash.ts';
import { SessionProtection } from '../../crypto/session-protection.ts';
import { STATUS } from '../../status/nt-status.ts';
import type { SmbConnection } from '../connection/smb-connection.ts';
import { joined } from '../wire/pieces.ts';
import { loginError } from './login-status.ts';

export interface SmbAccount {
  /** undefined: the ticket cache, or on Windows the user who is logged on. */
  readonly credential: Credential | undefined;
  readonly authentication: AuthenticationChoice;
  /** `auto` may log in with NTLM if Kerberos fails. */
  readonly ntlmFallback?: boolean;
}

/** A login that both sides have proven. */
export interface LoggedIn {
  readonly protection: SessionProtection;
  readonly mechanism: 'kerberos' | 'ntlm';
  /** SessionFlags of the server. */
  readonly flags: number;
}

const MAX_ROUNDS = 8;
/** Schemes whose tokens SESSION_SETUP can carry. */
const NEGOTIABLE: readonly AuthScheme['name'][] = ['sspi', 'kerberos', 'ntlm'];

/** Failures before the server could check a password, after which another scheme may be tried. */
const HARMLESS = [
  'http.auth.clock',
  'http.auth.kdc',
  'http.auth.library',
  'http.auth.mechanism',
  'http.auth.noTicket',
  'http.auth.spn',
  'http.auth.system',
] as const;

/**
 * Logs in (MS-SMB2 3.2.4.2.3, 3.2.5.3). Nothing that the server answered counts before its last SESSION_SETUP
 * is verified with the key that only it and this client have. Throws `http.auth.*`, `smb.guest`,
 * `smb.signature`.
 * @param previous session that the server is to end; 0 for none
 */
export async function logIn(
  connection: SmbConnection,
  account: SmbAccount,
  previous: bigint,
  signal: AbortSignal,
): Promise<LoggedIn> {
  const { credential, authentication, ntlmFallback = true } = account;
  const url = new URL(
    `smb://${connection.host.includes(':') ? `[${connection.host}]` : connection.host}`,
  );
  const target = { url, credential, ntlmFallback };
  const schemes = usableSchemes(authentication, target).filter(({ name }) =>
    NEGOTIABLE.includes(name),
  );
  const refused = refusedPasswords.find(target);
  if (refused !== undefined) throw notAgain(refused);
  let failure: unknown;
  for (const scheme of schemes) {
    const [word = ''] = scheme.words;
    const session = scheme.begin({ ...target, word, service: 'cifs', certificate: undefined });
    try {
      const done = await exchange(connection, session, account, previous, signal);
      refusedPasswords.forget(target);
      return done;
    } catch (error) {
      failure ??= error;
      if (refusesPassword(error, scheme)) refusedPasswords.add(target, error);
      if (
        !(error instanceof EngineError) ||
        !(HARMLESS as readonly string[]).includes(error.code)
      ) {
        throw error;
      }
    } finally {
      session.close?.();
    }
  }
  if (failure !== undefined) throw failure;
  throw authError(
    credential === undefined ? 'http.auth.missing' : 'http.auth.scheme',
    `The file server ${connection.host} requires a login with Kerberos or NTLM`,
    { data: { host: connection.host } },
  );
}

/**
 * Whether an error says that the password is wrong or the account is barred. With Kerberos only the
 * KDC says so: a server that refuses a ticket has other reasons, such as old keys.
 */
function refusesPassword(error: unknown, { name }: AuthScheme): error is EngineError {
  if (!isEngineError(error, 'http.auth.failed', 'http.auth.locked', 'http.auth.expired')) {
    return false;
  }
  return name !== 'kerberos' || error.data['status'] === undefined;
}

async function exchange(
  connection: SmbConnection,
  session: AuthSession,
  account: SmbAccount,
  previous: bigint,
  signal: AbortSignal,
): Promise<LoggedIn> {
  const hash = new PreauthHash(connection.preauth.value);
  let sessionId = 0n;
  let challenge: Buffer | undefined;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const step = await session.next(challenge);
    const answer = await connection.request(
      SESSION_SETUP,
      {
        flags: 0,
        securityMode: SECURITY_MODE.enabled | SECURITY_MODE.required,
        capabilities: 0,
        previousSessionId: previous,
        token: step.token ?? Buffer.alloc(0),
      },
      { protection: 'plain', sessionId, treeId: 0, sent: (message) => hash.add(message) },
      signal,
    );
    const { header, pieces } = answer;
    const { status } = header;
    if (status !== 0 && status !== STATUS.moreProcessingRequired) {
      throw loginError(connection.host, account.credential?.user ?? '', status);
    }
    const { flags, token } = SESSION_SETUP.decodeResponse(joined(pieces));
    sessionId = header.sessionId;
    if (status === STATUS.moreProcessingRequired) {
      hash.add(...pieces);
      challenge = token;
      continue;
    }
    rejectGuest(connection.host, flags);
    if (session.security === undefined) {
      await session.next(token.length === 0 ? undefined : token);
    }
    return establish(connection, session, { hash, sessionId, flags }, pieces);
  }
  throw smbError('smb.answer', `The login was not complete after ${MAX_ROUNDS} exchanges`);
}

/** Derives the keys and verifies the last answer with them. */
function establish(
  connection: SmbConnection,
  session: AuthSession,
  { hash, sessionId, flags }: { hash: PreauthHash; sessionId: bigint; flags: number },
  pieces: readonly Buffer[],
): LoggedIn {
  const { mechanism } = session.security ?? {};
  const known = mechanism === 'kerberos' || mechanism === 'ntlm';
  const sessionKey = known ? session.sessionKey?.() : undefined;
  if (!known || sessionKey === undefined || sessionKey.length < 16) {
    throw smbError('smb.guest', `The login at ${connection.host} ended without a key`, {
      data: { host: connection.host },
    });
  }
  const { dialect, cipher, signing } = connection.negotiated;
  const preauthHash = dialect === DIALECT.smb311 ? hash.value : Buffer.alloc(0);
  const protection = new SessionProtection({
    side: 'client',
    sessionId,
    dialect,
    cipher,
    signing,
    sessionKey,
    preauthHash,
  });
  if (!protection.verifies(pieces)) {
    throw smbError(
      'smb.signature',
      `The last answer of the login at ${connection.host} has no valid signature: somebody in between changed the negotiation, or is not the server`,
      { data: { host: connection.host } },
    );
  }
  return { protection, mechanism, flags };
}

function rejectGuest(host: string, flags: number): void {
  if ((flags & (SESSION_FLAG.guest | SESSION_FLAG.anonymous)) === 0) return;
  const kind = (flags & SESSION_FLAG.guest) !== 0 ? 'a guest' : 'an anonymous user';
  throw smbError('smb.guest', `The file server ${host} let the account in as ${kind} only`, {
    data: { host, flags },
  });
}
