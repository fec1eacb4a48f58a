import { forEachInFlight } from '../../../base/in-flight.ts';
import { alignOut, splitAt, type Range } from '../../../base/range.ts';
import { Semaphore } from '../../../base/semaphore.ts';
import { formatNbdAddress, type NbdAddress } from '../address/nbd-address.ts';
import type { BlockExport, BlockExtent } from '../contract/block-export.ts';
import { nbdError } from '../contract/nbd-errors.ts';
import type { Descriptor } from '../codec/chunks.ts';
import { COMMAND, STATE } from '../codec/constants.ts';
import { encodeRequest } from '../codec/request.ts';
import { NbdWire } from '../wire/nbd-wire.ts';
import { connectSocket } from './connect.ts';
import { negotiate, type Negotiated } from './negotiate.ts';
import { PendingReply } from './pending-reply.ts';
import { receiveReplies } from './receive-replies.ts';

export interface NbdClientOptions {
  /** Time for the handshake, and for each request, in milliseconds. */
  readonly deadline: number;
}

const DEFAULTS: NbdClientOptions = { deadline: 30_000 };

/** Requests of one connection that wait for a reply. */
const IN_FLIGHT = 16;
/** Maximum bytes of one read: several of them are under way at once. */
const PIECE = 2 ** 20;
/** Maximum bytes of one question for block status: a multiple of every minimum. */
const STATUS_PIECE = 2 ** 30;

/**
 * A connection to an export, which it only reads. A server that breaks the protocol, or does not
 * answer a request in time, loses the connection, and every request that waits fails.
 */
export class NbdClient implements BlockExport {
  readonly name: string;
  readonly size: number;
  readonly #wire: NbdWire;
  readonly #negotiated: Negotiated;
  readonly #deadline: number;
  readonly #places = new Semaphore(IN_FLIGHT);
  readonly #waiting = new Map<bigint, PendingReply>();
  #nextHandle = 1n;
  #ended: Error | undefined;

  private constructor(name: string, wire: NbdWire, negotiated: Negotiated, deadline: number) {
    this.name = name;
    this.size = negotiated.size;
    this.#wire = wire;
    this.#negotiated = negotiated;
    this.#deadline = deadline;
    receiveReplies(wire, negotiated, this.#waiting).catch((error: unknown) =>
      this.#end(error as Error),
    );
  }

  /** Connects and chooses the export. Throws `nbd.*`. */
  static async open(
    address: NbdAddress,
    signal: AbortSignal,
    { deadline }: NbdClientOptions = DEFAULTS,
  ): Promise<NbdClient> {
    const name = formatNbdAddress(address);
    const wire = new NbdWire(await connectSocket(address, deadline, signal));
    const stop = (): void => wire.close(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    const timer = setTimeout(() => wire.close(late(name, 'the handshake', deadline)), deadline);
    try {
      if (signal.aborted) stop();
      return new NbdClient(name, wire, await negotiate(wire, address.exportName), deadline);
    } catch (error) {
      wire.close();
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  /** Smallest unit of a request, in bytes. */
  get minimumBlock(): number {
    return this.#negotiated.sizes.minimum;
  }

  /** Whether the server tells which parts are holes. */
  get knowsHoles(): boolean {
    return this.#negotiated.allocation !== undefined;
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    const { minimum, maximum } = this.#negotiated.sizes;
    const most = Math.max(minimum, Math.min(PIECE, maximum - (maximum % minimum)));
    const pieces = splitAt({ start: offset, end: offset + into.length }, most);
    await forEachInFlight(
      pieces,
      IN_FLIGHT,
      async ({ start, end }) => {
        const part = into.subarray(start - offset, end - offset);
        const whole = this.#aligned({ start, end });
        if (whole.start === start && whole.end === end) return this.#readWhole(start, part, signal);
        const bytes = new Uint8Array(whole.end - whole.start);
        await this.#readWhole(whole.start, bytes, signal);
        part.set(bytes.subarray(start - whole.start, end - whole.start));
      },
      signal,
    );
  }

  async *extents(within: Range, signal: AbortSignal): AsyncGenerator<BlockExtent> {
    if (!this.knowsHoles && within.start < within.end) {
      yield { start: within.start, length: within.end - within.start, kind: 'data' };
      return;
    }
    const { start: first, end } = this.#aligned(within);
    for (let at = first; at < end;) {
      const length = Math.min(STATUS_PIECE, end - at);
      for (const descriptor of await this.#describe(at, length, signal)) {
        const start = Math.max(at, within.start);
        const stop = Math.min(at + descriptor.length, within.end);
        if (start < stop) yield { start, length: stop - start, kind: kindOf(descriptor) };
        at += descriptor.length;
      }
    }
  }

  /** Takes leave of the server and closes the connection. */
  async close(): Promise<void> {
    if (this.#ended !== undefined) return;
    const leave = { flags: 0, command: COMMAND.disconnect, handle: 0n, offset: 0n, length: 0 };
    await this.#wire.write(encodeRequest(leave)).catch(() => undefined);
    this.#end(nbdError('nbd.lost', `${this.name} was closed`));
  }

  async #readWhole(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#ask({ command: COMMAND.read, offset, length: into.length }, into, signal);
  }

  /** Returns descriptors that begin at `offset` and do not reach beyond the request. */
  async #describe(offset: number, length: number, signal: AbortSignal): Promise<Descriptor[]> {
    const command = COMMAND.blockStatus;
    const found = await this.#ask({ command, offset, length }, undefined, signal);
    const inside: Descriptor[] = [];
    let left = length;
    for (const { length: stated, status } of found) {
      if (left === 0) {
        const text = `${this.name}: block status beyond the ${length} bytes at ${offset}`;
        const error = nbdError('nbd.answer', text, { data: { offset, length } });
        this.#end(error);
        throw error;
      }
      // Servers may tell more of the last part than was asked for.
      inside.push({ length: Math.min(stated, left), status });
      left -= Math.min(stated, left);
    }
    return inside;
  }

  async #ask(
    { command, offset, length }: { command: number; offset: number; length: number },
    into: Uint8Array | undefined,
    signal: AbortSignal,
  ): Promise<readonly Descriptor[]> {
    const leave = await this.#places.acquire(signal);
    if (this.#ended !== undefined) {
      leave();
      throw this.#ended;
    }
    const handle = this.#nextHandle++;
    const request = { flags: 0, command, handle, offset: BigInt(offset), length };
    const pending = new PendingReply(request, into);
    this.#waiting.set(handle, pending);
    const what = `a request of ${length} bytes at ${offset}`;
    const timer = setTimeout(
      () => this.#end(late(this.name, what, this.#deadline)),
      this.#deadline,
    );
    // A cancelled request keeps its place and its deadline until the reply has come.
    void pending.over.then(() => {
      clearTimeout(timer);
      leave();
    });
    const stop = (): void => pending.giveUp(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    try {
      // Who cannot write learns of the end of the connection by the reader.
      this.#wire.write(encodeRequest(request)).catch((error: unknown) => this.#end(error as Error));
      return await pending.promise;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  #end(reason: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#wire.close(reason);
    for (const pending of this.#waiting.values()) pending.end(reason);
    this.#waiting.clear();
  }

  /** Extends a range to whole units of the server, but not beyond the export. */
  #aligned(range: Range): Range {
    const { start, end } = alignOut(range, this.#negotiated.sizes.minimum);
    return { start, end: Math.min(end, this.size) };
  }
}

/** A hole whose contents are undefined is read like data. */
const kindOf = ({ status }: Descriptor): BlockExtent['kind'] =>
  (status & STATE.zero) === 0 ? 'data' : (status & STATE.hole) === 0 ? 'zero' : 'hole';

const late = (name: string, what: string, milliseconds: number): Error =>
  nbdError('nbd.timeout', `${name}: ${what} was not answered in ${milliseconds / 1000} s`, {
    data: { address: name, seconds: milliseconds / 1000 },
  });
