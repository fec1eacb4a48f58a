import type { Socket } from 'node:net';
import { nbdError } from '../contract/nbd-errors.ts';

/** Bytes that may wait here unread; more stay with the system, and so with the sender. */
const MAX_WAITING = 256 * 2 ** 10;

/**
 * A connection as bytes in order: reads of an exact length, and writes that wait until the system
 * has taken them. One reader at a time; parts of one write stay together.
 */
export class NbdWire {
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];
  #waiting = 0;
  #wake: (() => void) | undefined;
  #ended: Error | undefined;

  /** @param socket a connected socket, from now on used by nobody else. */
  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('end', () => this.#end(lost()));
    socket.on('close', () => this.#end(lost()));
    socket.on('error', (error) => this.#end(lost(error)));
  }

  /** Reads exactly `length` bytes. Throws `nbd.lost` if the connection ends before. */
  async read(length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length);
    await this.readInto(bytes);
    return bytes;
  }

  /** Fills `into`. Throws `nbd.lost`, or the reason of {@link close}. */
  async readInto(into: Uint8Array): Promise<void> {
    await this.pass(into.length, (bytes, at) => into.set(bytes, at));
  }

  /** Reads bytes and forgets them, without memory for all of them. */
  async skip(length: number): Promise<void> {
    await this.pass(length, () => undefined);
  }

  /**
   * Reads exactly `length` bytes and gives them away as they come; `give` must copy what it keeps.
   * @param give receives bytes and their place, counted from the first one
   */
  async pass(length: number, give: (bytes: Uint8Array, at: number) => void): Promise<void> {
    for (let done = 0; done < length;) {
      const [chunk] = this.#chunks;
      if (chunk === undefined) {
        if (this.#ended !== undefined) throw this.#ended;
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      const part = chunk.subarray(0, length - done);
      give(part, done);
      done += part.length;
      this.#drop(part.length);
    }
  }

  /** Writes parts one after the other; resolves when the system has taken the last one. */
  async write(...parts: readonly Uint8Array[]): Promise<void> {
    if (this.#ended !== undefined) throw this.#ended;
    await new Promise<void>((resolve, reject) => {
      const done = (error?: Error | null): void => {
        if (error) reject(this.#ended ?? lost(error));
        else resolve();
      };
      this.#socket.cork();
      for (const [i, part] of parts.entries()) {
        this.#socket.write(part, i === parts.length - 1 ? done : undefined);
      }
      this.#socket.uncork();
    });
  }

  /** Ends the connection at once; waiting and later reads and writes throw `reason`. */
  close(reason: Error = lost()): void {
    this.#ended ??= reason;
    this.#chunks.length = 0;
    this.#wakeReader();
    this.#socket.destroy();
  }

  /** Removes bytes of the first chunk, and lets the system go on if few are left. */
  #drop(count: number): void {
    const chunk = this.#chunks[0] as Buffer;
    if (count === chunk.length) this.#chunks.shift();
    else this.#chunks[0] = chunk.subarray(count);
    this.#waiting -= count;
    if (this.#waiting < MAX_WAITING && this.#socket.isPaused()) this.#socket.resume();
  }

  #take(chunk: Buffer): void {
    if (this.#ended !== undefined) return;
    this.#chunks.push(chunk);
    this.#waiting += chunk.length;
    if (this.#waiting >= MAX_WAITING) this.#socket.pause();
    this.#wakeReader();
  }

  /** Bytes that arrived before the other side's end can still be read. */
  #end(reason: Error): void {
    this.#ended ??= reason;
    this.#wakeReader();
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

const lost = (cause?: Error): Error =>
  nbdError('nbd.lost', 'The NBD connection ended', cause === undefined ? {} : { cause });
