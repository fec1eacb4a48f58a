import net from 'node:net';
import type { TestContext } from 'node:test';
import type { NbdAddress } from '../../../src/engine/net/nbd/address/nbd-address.ts';
import { afterwards } from '../checks/afterwards.ts';

/** A client whose every byte the test chooses: numbers are written here, not taken from the engine. */
export class RawClient {
  readonly #socket: net.Socket;
  #bytes = Buffer.alloc(0);
  /** What came after `bytes`: joined only when it is read. */
  #more: Buffer[] = [];
  #waiting = 0;
  #ended = false;
  #wake: () => void = () => undefined;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#more.push(chunk);
      this.#waiting += chunk.length;
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  static async connect(t: TestContext, address: NbdAddress): Promise<RawClient> {
    const socket =
      address.kind === 'unix'
        ? net.connect(address.socket)
        : net.connect(address.port, address.host);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    afterwards(t, () => socket.destroy());
    return new RawClient(socket);
  }

  /** Greets as a client of the fixed newstyle handshake. */
  async greet(flags = 3): Promise<Buffer> {
    const hello = await this.read(18);
    this.send(be(4, flags));
    return hello;
  }

  send(...parts: readonly Uint8Array[]): void {
    this.#socket.write(Buffer.concat(parts));
  }

  /** Sends an option; its replies, the last of which is an acknowledgement or an error. */
  async option(option: number, data: Uint8Array = Buffer.alloc(0)): Promise<[number, Buffer][]> {
    this.send(Buffer.from('IHAVEOPT'), be(4, option), be(4, data.length), data);
    const replies: [number, Buffer][] = [];
    for (;;) {
      const head = await this.read(20);
      const type = head.readUInt32BE(12);
      replies.push([type, await this.read(head.readUInt32BE(16))]);
      if (type === 1 || type >= 2 ** 31) return replies;
    }
  }

  request(command: number, handle: number, offset: number, length: number, flags = 0): void {
    this.send(be(4, 0x25609513), be(2, flags), be(2, command), be(8, handle), be(8, offset));
    this.send(be(4, length));
  }

  /** A structured chunk. */
  async chunk(): Promise<{ flags: number; type: number; handle: number; payload: Buffer }> {
    const head = await this.read(20);
    if (head.readUInt32BE(0) !== 0x668e33ef) throw new Error(`no chunk: ${head.toString('hex')}`);
    return {
      flags: head.readUInt16BE(4),
      type: head.readUInt16BE(6),
      handle: Number(head.readBigUInt64BE(8)),
      payload: await this.read(head.readUInt32BE(16)),
    };
  }

  async read(length: number): Promise<Buffer> {
    while (this.#waiting < length) {
      if (this.#ended) throw new Error(`ended with ${this.#waiting} of ${length} bytes`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    this.#waiting -= length;
    if (this.#bytes.length < length) {
      this.#bytes = Buffer.concat([this.#bytes, ...this.#more]);
      this.#more = [];
    }
    const bytes = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return bytes;
  }

  /** Resolves with the bytes that were left when the server has closed the connection. */
  async end(): Promise<Buffer> {
    while (!this.#ended) await new Promise<void>((resolve) => (this.#wake = resolve));
    return Buffer.concat([this.#bytes, ...this.#more]);
  }
}

/** A big-endian number of `size` bytes. */
export function be(size: number, value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes.subarray(8 - size);
}

/** A name with its length, and what follows it. */
export const named = (name: string, ...rest: readonly Uint8Array[]): Buffer =>
  Buffer.concat([be(4, Buffer.byteLength(name)), Buffer.from(name), ...rest]);
