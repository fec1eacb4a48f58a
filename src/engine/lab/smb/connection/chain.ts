import type { ChainElement } from '../../../net/smb/codec/protocol/compound.ts';
import { FLAG } from '../../../net/smb/codec/protocol/constants.ts';
import { NO_FILE, sameFileId, type FileId } from '../../../net/smb/codec/protocol/file-id.ts';
import type { SmbHeader } from '../../../net/smb/codec/protocol/header.ts';
import { SERVER_STATUS as STATUS } from '../contract/server-status.ts';
import { StatusError } from '../contract/status-error.ts';
import type { Session } from '../sessions/session.ts';

/** Inheritance of related requests from those before them in a compound (MS-SMB2 3.3.5.2.7.2). */
export class Chain {
  /** Session that encrypted the frame; undefined: it was not encrypted. */
  readonly encryptedBy: Session | undefined;
  #first = true;
  #header: SmbHeader | undefined;
  #fileId: FileId | undefined;
  /** Status with which an open failed. */
  #failed: number | undefined;

  constructor(encryptedBy: Session | undefined) {
    this.encryptedBy = encryptedBy;
  }

  /** Returns a request with the session and tree that it has or inherits. */
  begin({ header, bytes }: ChainElement): ChainElement {
    const related = (header.flags & FLAG.related) !== 0;
    const [first, before] = [this.#first, this.#header];
    this.#first = false;
    if (!related) {
      this.#fileId = undefined;
      this.#failed = undefined;
      this.#header = header;
      return { header, bytes };
    }
    if (first || before === undefined) throw new StatusError(STATUS.invalidParameter);
    const { sessionId, treeId } = before;
    return { header: { ...header, sessionId, treeId }, bytes };
  }

  /** Throws if the request would need what a failed one before it had opened. */
  requireAfter(header: SmbHeader): void {
    const related = (header.flags & FLAG.related) !== 0;
    if (related && this.#failed !== undefined) throw new StatusError(this.#failed);
  }

  /** Returns the handle that a request names or inherits. */
  fileId(header: SmbHeader, id: FileId): FileId {
    const inherits = (header.flags & FLAG.related) !== 0 && sameFileId(id, NO_FILE);
    return inherits ? (this.#fileId ?? id) : id;
  }

  /** Keeps the handle of an answered request. */
  keep(fileId: FileId | undefined): void {
    if (fileId !== undefined && !sameFileId(fileId, NO_FILE)) this.#fileId = fileId;
  }

  /** A tree that a request of the compound connected. */
  keepTree(header: SmbHeader, sessionId: bigint, treeId: number): void {
    this.#header = { ...header, sessionId, treeId };
  }

  /** A CREATE that failed fails what follows it. */
  fail(status: number): void {
    this.#failed = status;
  }
}
