import { isEngineError } from '../../../base/errors.ts';
import { PreauthHash } from '../../../net/smb/crypto/preauth-hash.ts';
import { SessionProtection } from '../../../net/smb/crypto/session-protection.ts';
import { DIALECT, SESSION_FLAG } from '../../../net/smb/codec/protocol/constants.ts';
import type { SmbHeader } from '../../../net/smb/codec/protocol/header.ts';
import { SESSION_SETUP } from '../../../net/smb/codec/session/session-setup.ts';
import type { SecurityStep } from '../../../net/auth/contract/security-context.ts';
import type { Negotiated } from '../commands/contract/request.ts';
import { SERVER_STATUS as STATUS } from '../contract/server-status.ts';
import { StatusError } from '../contract/status-error.ts';
import type { FileServer } from '../sessions/file-server.ts';
import type { LoginInProgress, Session } from '../sessions/session.ts';

const BINDING = 1;
const NOTHING = Buffer.alloc(0);

/** Part of a connection that a login needs. */
export interface LoginPlace {
  readonly server: FileServer;
  readonly negotiated: Negotiated;
  /** Hash of the connection, after NEGOTIATE. */
  readonly preauth: PreauthHash;
  addSession(): Session;
  /** Returns a session of this connection; undefined if there is not one. */
  session(id: bigint): Session | undefined;
  removeSession(session: Session): Promise<void>;
}

export interface LoginAnswer {
  readonly session: Session;
  readonly status: number;
  readonly body: Buffer;
  /** A guest has no keys, so nothing is signed. */
  readonly isGuest: boolean;
  /** Takes the answer as it is sent, for the hash of the login. */
  readonly sent: (message: Buffer) => void;
}

/** Takes one step of a login (MS-SMB2 3.3.5.5). A refused login ends its session. */
export async function sessionSetup(
  place: LoginPlace,
  header: SmbHeader,
  message: Buffer,
): Promise<LoginAnswer> {
  const request = SESSION_SETUP.decodeRequest(message);
  // One connection per session.
  if ((request.flags & BINDING) !== 0) throw new StatusError(STATUS.requestNotAccepted);
  const session = header.sessionId === 0n ? place.addSession() : place.session(header.sessionId);
  if (session === undefined) throw new StatusError(STATUS.userSessionDeleted);
  session.login ??= beginLogin(place, session);
  const { login } = session;
  login.hash?.add(message);
  let step: SecurityStep;
  let isGuest = false;
  try {
    step = await login.context.step(request.token);
    const refused = step.complete ? place.server.host.refuses(login.context) : undefined;
    if (refused !== undefined) throw new StatusError(refused);
    if (step.complete) isGuest = complete(place, session, login);
  } catch (error) {
    await place.removeSession(session);
    const { log } = place.server.host;
    log({ level: 'info', area: 'lab.login', message: `SMB login refused: ${String(error)}` });
    throw error instanceof StatusError ? error : new StatusError(statusOfLogin(error));
  }
  if (!step.complete) {
    const body = SESSION_SETUP.encodeResponse({ flags: 0, token: step.token ?? NOTHING });
    const sent = (answer: Buffer): void => login.hash?.add(answer);
    return { session, status: STATUS.moreProcessingRequired, body, isGuest: false, sent };
  }
  await place.server.endPrevious(request.previousSessionId, session);
  const encrypts = session.encrypts ? SESSION_FLAG.encrypt : 0;
  const flags = isGuest ? SESSION_FLAG.guest : encrypts;
  const body = SESSION_SETUP.encodeResponse({ flags, token: step.token ?? NOTHING });
  return { session, status: STATUS.success, body, isGuest, sent: () => undefined };
}

function beginLogin(
  { server, negotiated, preauth }: LoginPlace,
  session: Session,
): LoginInProgress {
  const first = negotiated.dialect === DIALECT.smb311 && !session.isValid;
  return {
    context: server.host.acceptor(),
    hash: first ? new PreauthHash(preauth.value) : undefined,
  };
}

/** Ends a login that succeeded. Returns whether it is answered as one of a guest. */
function complete(
  { server, negotiated }: LoginPlace,
  session: Session,
  { context, hash }: LoginInProgress,
): boolean {
  const { settings, faults } = server.host;
  const { user } = context;
  if (session.isValid && session.user !== user) throw new StatusError(STATUS.accessDenied);
  session.user = user;
  session.expired = false;
  // A login that is done again leaves the keys as they are.
  session.protection ??= new SessionProtection({
    side: 'server',
    sessionId: session.id,
    dialect: negotiated.dialect,
    sessionKey: context.sessionKey(),
    preauthHash: hash?.value ?? NOTHING,
    cipher: negotiated.cipher,
    signing: negotiated.signing,
  });
  session.login = undefined;
  context.close();
  if (settings.encryptSessions && !session.protection.encrypts) {
    throw new StatusError(STATUS.accessDenied);
  }
  session.encrypts = settings.encryptSessions;
  return faults.guest();
}

/** Tells a client no more than Windows does. */
function statusOfLogin(error: unknown): number {
  if (isEngineError(error, 'http.auth.token')) return STATUS.invalidParameter;
  if (isEngineError(error, 'http.auth.mechanism')) return STATUS.ntlmBlocked;
  if (isEngineError(error, 'http.auth.failed')) {
    const { reason } = error.data;
    if (reason === 'locked') return STATUS.accountLocked;
    if (reason === 'disabled') return STATUS.accountDisabled;
    if (reason === 'expired') return STATUS.accountExpired;
  }
  return STATUS.logonFailure;
}
