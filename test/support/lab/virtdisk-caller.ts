import { once } from 'node:events';
import net from 'node:net';
import { readFile } from 'node:fs/promises';
import { newGuid, guidToBytes, NIL_GUID, type Guid } from '../../../src/engine/base/guid.ts';

/** Numbers of the calls (native/doubles/lab-link.h). */
const CALL = {
  hello: 0,
  open: 1,
  info: 2,
  set: 3,
  changes: 4,
  attach: 5,
  detach: 6,
  path: 7,
  create: 8,
  close: 9,
} as const;

export const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

export const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};

export const text = (value: string): Buffer =>
  Buffer.concat([u32(value.length), Buffer.from(value, 'utf16le')]);

const guid = (value: Guid): Buffer => Buffer.from(guidToBytes(value));

export interface Answer {
  readonly code: number;
  readonly body: Buffer;
}

/** One handle, as native/doubles asks the lab about it. */
export class VirtdiskCaller {
  readonly #socket: net.Socket;
  #rest = Buffer.alloc(0);
  /** File through which the handle reads. */
  raw = '';

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => (this.#rest = Buffer.concat([this.#rest, chunk])));
  }

  /** @param place PORT:KEY of the lab's first line */
  static async connect(place: string): Promise<VirtdiskCaller> {
    const [port = '', key = ''] = place.split(':');
    const socket = net.connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    const caller = new VirtdiskCaller(socket);
    const { body } = await caller.ask('hello', text(key));
    caller.raw = body.subarray(4).toString('utf16le');
    return caller;
  }

  /** Sends a call and returns its result; progress is skipped. */
  async ask(call: keyof typeof CALL, ...parts: readonly Buffer[]): Promise<Answer> {
    const request = Buffer.concat([u32(CALL[call]), ...parts]);
    this.#socket.write(Buffer.concat([u32(request.length), request]));
    for (;;) {
      const reply = await this.#frame();
      const kind = reply.readUInt32LE(0);
      if (kind === 1) return { code: reply.readUInt32LE(4), body: reply.subarray(8) };
      if (kind === 2) return { code: -1, body: Buffer.alloc(0) };
    }
  }

  open(path: string, how: Partial<OpenHow> = {}): Promise<Answer> {
    const { device = 0, flags = 0, infoOnly = false, readOnly = true, client } = how;
    return this.ask(
      'open',
      ...[text(path), u32(device), u32(flags), u32(infoOnly ? 1 : 0), u32(readOnly ? 1 : 0)],
      guid(client ?? newGuid()),
    );
  }

  info(version: number): Promise<Answer> {
    return this.ask('info', u32(version), u32(65_536));
  }

  /** Sets a number (6: change tracking), a path, or a GUID. */
  set(version: number, number: number, path = '', id: Guid = NIL_GUID): Promise<Answer> {
    return this.ask('set', u32(version), u32(number), guid(id), text(path));
  }

  /** Asks for changes; returns the bytes processed and the ranges, or the code. */
  async changes(
    id: string,
    offset: number,
    length: number,
    room = 4096,
  ): Promise<Changes | number> {
    const { code, body } = await this.ask('changes', text(id), u64(offset), u64(length), u32(room));
    if (code !== 0) return code;
    const ranges = Array.from({ length: body.readUInt32LE(8) }, (_, i) => ({
      start: Number(body.readBigUInt64LE(12 + i * 16)),
      length: Number(body.readBigUInt64LE(20 + i * 16)),
    }));
    return { processed: Number(body.readBigUInt64LE(0)), ranges };
  }

  /** The most recent change tracking id. */
  async recentId(): Promise<string> {
    const { body } = await this.info(15);
    return body.subarray(8, body.length - 2).toString('utf16le');
  }

  attach(flags = 0x9): Promise<Answer> {
    return this.ask('attach', u32(flags));
  }

  /** Reads as ReadFile does: from the raw file. */
  contents(): Promise<Buffer> {
    return readFile(this.raw);
  }

  async close(): Promise<void> {
    this.#socket.end();
    if (!this.#socket.closed) await once(this.#socket, 'close');
  }

  async #frame(): Promise<Buffer> {
    while (this.#rest.length < 4 || this.#rest.length < 4 + this.#rest.readUInt32LE(0)) {
      if (this.#socket.closed) throw new Error('the lab closed the connection');
      await Promise.race([once(this.#socket, 'data'), once(this.#socket, 'close')]);
    }
    const length = this.#rest.readUInt32LE(0);
    const frame = this.#rest.subarray(4, 4 + length);
    this.#rest = this.#rest.subarray(4 + length);
    return frame;
  }
}

interface OpenHow {
  readonly device: number;
  readonly flags: number;
  readonly infoOnly: boolean;
  readonly readOnly: boolean;
  /** ResiliencyGuid. */
  readonly client: Guid;
}

interface Changes {
  readonly processed: number;
  readonly ranges: readonly { readonly start: number; readonly length: number }[];
}
