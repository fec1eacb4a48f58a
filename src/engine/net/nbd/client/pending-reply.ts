import { deferred } from '../../../base/deferred.ts';
import { nbdError } from '../contract/nbd-errors.ts';
import type { Descriptor } from '../codec/chunks.ts';
import { COMMAND, ERRNO } from '../codec/constants.ts';
import type { Request } from '../codec/request.ts';
import { Parts } from './parts.ts';

/**
 * The received part of the reply to one request. Its promise settles when the reply is complete, or
 * when the caller cancels; bytes that arrive afterwards are not written to the caller's memory.
 */
export class PendingReply {
  readonly request: Request;
  readonly start: number;
  readonly isRead: boolean;
  readonly #done = deferred<readonly Descriptor[]>();
  readonly #over = deferred<void>();
  readonly #parts = new Parts();
  #into: Uint8Array | undefined;
  #descriptors: readonly Descriptor[] | undefined;
  #problem: Error | undefined;

  /** @param into receives the bytes of a read, as many as the request asks for */
  constructor(request: Request, into?: Uint8Array) {
    this.request = request;
    this.start = Number(request.offset);
    this.isRead = request.command === COMMAND.read;
    this.#into = into;
  }

  /** The descriptors of a block status; empty for a read. */
  get promise(): Promise<readonly Descriptor[]> {
    return this.#done.promise;
  }

  /** Settles when the connection is done with the request, whether or not the caller waits. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** Checks and notes a part of a read before its bytes are taken. Throws `nbd.answer`. */
  claim(offset: number, length: number): void {
    const end = this.start + this.request.length;
    if (!this.isRead || length === 0 || offset < this.start || offset + length > end) {
      const found = `${length} bytes at ${offset}`;
      throw this.wrong(`${found} for a request of bytes ${this.start} up to ${end}`);
    }
    if (!this.#parts.add(offset, offset + length)) {
      throw this.wrong(
        `${length} bytes at ${offset}, which overlap others or are one part of too many`,
      );
    }
  }

  /** Takes bytes of a claimed part. */
  put(bytes: Uint8Array, offset: number): void {
    this.#into?.set(bytes, offset - this.start);
  }

  /** Takes a claimed part that is zero. */
  clear(offset: number, length: number): void {
    this.#into?.fill(0, offset - this.start, offset - this.start + length);
  }

  describe(descriptors: readonly Descriptor[]): void {
    if (this.isRead || this.#descriptors !== undefined) {
      throw this.wrong('block status that was not asked for, or a second one');
    }
    this.#descriptors = descriptors;
  }

  /** Notes an error of the server; the first one counts. */
  refuse(errno: number, message: string): void {
    const name = NAMES.get(errno) ?? `error ${errno}`;
    const what = this.isRead ? 'read' : 'describe';
    const place = `${this.request.length} bytes at ${this.start}`;
    const said = message === '' ? '' : `: ${message.slice(0, MAX_MESSAGE)}`;
    this.#problem ??= nbdError(
      'nbd.failed',
      `The NBD server could not ${what} ${place} (${name})${said}`,
      { data: { errno, offset: this.start, length: this.request.length } },
    );
  }

  /** The reply is over. Throws `nbd.answer` if something is missing in it. */
  finish(): void {
    if (this.#problem !== undefined) return this.end(this.#problem);
    const { length } = this.request;
    if (this.isRead && this.#parts.bytes !== length) {
      throw this.wrong(`it ends after ${this.#parts.bytes} of ${length} bytes`);
    }
    if (!this.isRead && this.#descriptors === undefined) throw this.wrong('no block status in it');
    this.#done.resolve(this.#descriptors ?? []);
    this.#over.resolve();
  }

  /** The request failed, or the connection ended before its reply. */
  end(reason: Error): void {
    this.giveUp(reason);
    this.#over.resolve();
  }

  /** The caller does not wait any more. */
  giveUp(reason: unknown): void {
    this.#into = undefined;
    this.#done.reject(reason);
  }

  wrong(what: string): Error {
    return nbdError('nbd.answer', `The NBD server sent a wrong reply: ${what}`, {
      data: { offset: this.start, length: this.request.length },
    });
  }
}

/** Maximum characters of a server's message in an error of ours. */
const MAX_MESSAGE = 300;
const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ERRNO).map(([name, value]) => [value, name]),
);
