import type { Buffer } from 'node:buffer';
import type { Guid } from '../../../../base/guid.ts';
import type { FileId } from '../../../../net/smb/codec/protocol/file-id.ts';
import type { SmbHeader } from '../../../../net/smb/codec/protocol/header.ts';
import type { Open } from '../../files/open.ts';
import type { FileServer } from '../../sessions/file-server.ts';
import type { Session, Tree } from '../../sessions/session.ts';

/** Result of the negotiation of a connection. */
export interface Negotiated {
  readonly dialect: number;
  readonly clientGuid: Guid;
  readonly clientCapabilities: number;
  readonly clientSecurityMode: number;
  readonly clientDialects: readonly number[];
  readonly serverCapabilities: number;
  readonly serverSecurityMode: number;
  /** Number of the cipher; 0: none. */
  readonly cipher: number;
  readonly signing: number;
  /** Maximum bytes of a read, a write and a query. */
  readonly maxBytes: number;
}

/** A request of somebody who is logged in, to a share. */
export interface SmbRequest {
  readonly server: FileServer;
  readonly negotiated: Negotiated;
  readonly session: Session;
  readonly tree: Tree;
  readonly header: SmbHeader;
  readonly message: Buffer;
  readonly isSigned: boolean;
  readonly isEncrypted: boolean;
  /** Fires if the request is cancelled, or its connection ends. */
  readonly signal: AbortSignal;
  /** Returns the open that a request names, or that the one before it in a compound opened. */
  readonly openOf: (id: FileId) => Open;
  /** Answers PENDING, so that the client goes on; the answer follows. */
  readonly pend: () => void;
}

export interface Reply {
  /** Success by default. */
  readonly status?: number;
  readonly body: readonly Buffer[];
  /** Handle for related requests that follow. */
  readonly fileId?: FileId;
}

/** Carries out one command. Throws `StatusError`, or `smb.request` for a request that cannot be read. */
export type Handler = (request: SmbRequest) => Promise<Reply>;
