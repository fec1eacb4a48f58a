import net from 'node:net';
import type { TestContext } from 'node:test';
import type { NbdAddress } from '../../../src/engine/net/nbd/address/nbd-address.ts';
import { afterwards } from '../checks/afterwards.ts';
import { be } from './raw-client.ts';

/** The other side of one connection: what it received is read, what it sends is up to the test. */
export class Peer {
  readonly #socket: net.Socket;
  #bytes = Buffer.alloc(0);
  #wake: () => void = () => undefined;
  ended = false;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.ended = true;
      this.#wake();
    });
    socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#wake();
    });
  }

  send(...parts: readonly Uint8Array[]): void {
    if (!this.ended) this.#socket.write(Buffer.concat(parts));
  }

  hangUp(): void {
    this.#socket.destroy();
  }

  /** Never resolves if the client leaves: then nothing more is to be done. */
  async read(length: number): Promise<Buffer> {
    while (this.#bytes.length < length) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const bytes = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return bytes;
  }

  async gone(): Promise<void> {
    while (!this.ended) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** The next option: its number and data. */
  async option(): Promise<{ option: number; data: Buffer }> {
    const head = await this.read(16);
    return { option: head.readUInt32BE(8), data: await this.read(head.readUInt32BE(12)) };
  }

  reply(option: number, type: number, data: Uint8Array = Buffer.alloc(0)): void {
    const magic = Buffer.from('0003e889045565a9', 'hex');
    this.send(magic, be(4, option), be(4, type), be(4, data.length), data);
  }

  /** The next request. */
  async request(): Promise<{ command: number; handle: bigint; offset: number; length: number }> {
    const head = await this.read(28);
    return {
      command: head.readUInt16BE(6),
      handle: head.readBigUInt64BE(8),
      offset: Number(head.readBigUInt64BE(16)),
      length: head.readUInt32BE(24),
    };
  }

  /** A structured chunk; flag 1 says that it is the last. */
  chunk(handle: bigint, flags: number, type: number, payload: Uint8Array, length?: number): void {
    this.send(be(4, 0x668e33ef), be(2, flags), be(2, type), be(8, handle));
    this.send(be(4, length ?? payload.length), payload);
  }

  /** Plays a whole handshake with structured replies and `base:allocation` as context 3. */
  async handshake(size: number, minimum = 1): Promise<void> {
    this.send(Buffer.from('NBDMAGICIHAVEOPT'), be(2, 3));
    await this.read(4);
    for (;;) {
      const { option } = await this.option();
      if (option === 10)
        this.reply(10, 4, Buffer.concat([be(4, 3), Buffer.from('base:allocation')]));
      if (option === 7) {
        this.reply(7, 3, Buffer.concat([be(2, 0), be(8, size), be(2, 3)]));
        const sizes = [be(2, 3), be(4, minimum), be(4, 4096), be(4, 2 ** 25)];
        this.reply(7, 3, Buffer.concat(sizes));
      }
      this.reply(option, 1);
      if (option === 7) return;
    }
  }
}

/** Listens on a free port; `play` is what the server does with each client. */
export async function scriptedServer(
  t: TestContext,
  play: (peer: Peer) => Promise<void> | void,
): Promise<NbdAddress> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    void play(new Peer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterwards(t, () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as net.AddressInfo;
  return { kind: 'tcp', host: '127.0.0.1', port, exportName: 'disk' };
}
