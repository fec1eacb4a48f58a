import type { PreauthHash } from '../../../net/smb/crypto/preauth-hash.ts';
import type { Negotiated } from '../commands/contract/request.ts';
import type { FileServer } from '../sessions/file-server.ts';
import type { Session } from '../sessions/session.ts';
import type { CreditWindow } from './credit-window.ts';
import type { Pending } from './pending.ts';

/** Part of a connection that answers need. */
export interface ConnectionState {
  readonly server: FileServer;
  readonly credits: CreditWindow;
  readonly preauth: PreauthHash;
  /** Sessions of this connection by id. */
  readonly sessions: ReadonlyMap<bigint, Session>;
  readonly pending: Pending;
  /** Undefined before NEGOTIATE. */
  negotiated: Negotiated | undefined;
  /** Fires when the connection ends. */
  readonly signal: AbortSignal;
  addSession(): Session;
  /** Ends a session; `lost`: its client did not end it itself. */
  drop(session: Session, lost: boolean): Promise<void>;
  /** Writes the pieces of a frame; resolves when the client may get more. */
  send(pieces: readonly Buffer[]): Promise<void>;
}
