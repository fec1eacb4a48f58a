import { encodeError } from '../codec/chunks.ts';
import { CHUNK, CHUNK_DONE, ERRNO } from '../codec/constants.ts';
import { encodeChunkHead, encodeSimpleReply } from '../codec/reply.ts';
import type { NbdWire } from '../wire/nbd-wire.ts';

/** A request that fails: the number of the protocol, and words for people. */
export class RequestFailure extends Error {
  readonly errno: number;
  /** Offset in the export, if it failed at one place. */
  readonly offset: number | undefined;

  constructor(errno: number, message: string, offset?: number) {
    super(message);
    this.errno = errno;
    this.offset = offset;
  }

  /** A read that failed: the disk is damaged, or its file cannot be read. */
  static at(offset: number, error: unknown): RequestFailure {
    return new RequestFailure(ERRNO.EIO, messageOf(error), offset);
  }

  static of(error: unknown, signal: AbortSignal): RequestFailure {
    if (signal.aborted) return new RequestFailure(ERRNO.ESHUTDOWN, 'the server ends');
    if (error instanceof RequestFailure) return error;
    return new RequestFailure(ERRNO.EIO, messageOf(error));
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Writes the reply to one request, in the form that the client agreed to. */
export class Replier {
  readonly #wire: NbdWire;
  readonly #handle: bigint;
  readonly #structured: boolean;

  constructor(wire: NbdWire, handle: bigint, structured: boolean) {
    this.#wire = wire;
    this.#handle = handle;
    this.#structured = structured;
  }

  async chunk(type: number, last: boolean, ...payload: readonly Uint8Array[]): Promise<void> {
    const length = payload.reduce((sum, part) => sum + part.length, 0);
    const flags = last ? CHUNK_DONE : 0;
    const head = encodeChunkHead({ handle: this.#handle, flags, type }, length);
    await this.#wire.write(head, ...payload);
  }

  async simple(error: number, bytes?: Uint8Array): Promise<void> {
    const head = encodeSimpleReply(this.#handle, error);
    await (bytes === undefined ? this.#wire.write(head) : this.#wire.write(head, bytes));
  }

  async fail({ errno, message, offset }: RequestFailure): Promise<void> {
    if (!this.#structured) return this.simple(errno);
    const type = offset === undefined ? CHUNK.error : CHUNK.errorOffset;
    return this.chunk(type, true, encodeError(errno, message, offset));
  }
}
