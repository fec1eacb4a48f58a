import { Buffer } from 'node:buffer';

const NOTHING = Buffer.alloc(0);

/** The error status that answers a request. Such errors belong to the protocol; the lab is in order. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: number;
  /** Data of the error: the number of bytes that a buffer needs, or the target of a link. */
  readonly detail: Buffer;
  /** The detail is a context of its own, as 3.1.1 writes it. */
  readonly contextCount: number;

  constructor(status: number, detail: Buffer = NOTHING, contextCount = 0) {
    super(`status 0x${status.toString(16)}`);
    this.status = status;
    this.detail = detail;
    this.contextCount = contextCount;
  }
}

/** Breaks the protocol so that the connection ends without an answer. */
export class Disconnect extends Error {
  override readonly name = 'Disconnect';
}
