import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';

export type Side = 'client' | 'server';

export interface RelayOptions {
  /** Port of the real server on the loopback address. */
  readonly port: number;
  /** Milliseconds for which each byte is held in each direction; 0 by default. */
  readonly delay?: number;
  /** Sees bytes as they arrive. */
  readonly tap?: (from: Side, bytes: Buffer, connection: number) => void;
  /** Replaces bytes that arrived by those that travel on; the same object for a connection's life. */
  readonly edit?: (connection: number) => (from: Side, bytes: Buffer) => readonly Buffer[];
}

/** Bytes that the other end has not taken, above which the sender is not read. */
const MOST_HELD = 256 * 2 ** 20;

/**
 * A relay between a client and a server on this computer. It holds every byte for a while without
 * limiting how many follow each other, and may watch or change them.
 */
export class Relay {
  readonly port: number;
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  /** Bytes that travelled in each direction. */
  readonly bytes: Record<Side, number> = { client: 0, server: 0 };

  private constructor(server: net.Server, options: RelayOptions) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    let connections = 0;
    server.on('connection', (client) => this.#join(client, options, connections++));
  }

  static async start(options: RelayOptions): Promise<Relay> {
    const server = net.createServer({ noDelay: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Relay(server, options);
  }

  /** Cuts the connections; new ones are still served. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: net.Socket, options: RelayOptions, connection: number): void {
    const server = net.connect({ port: options.port, host: '127.0.0.1', noDelay: true });
    const edit = options.edit?.(connection);
    for (const [from, source, target] of [
      ['client', client, server],
      ['server', server, client],
    ] as const) {
      this.#sockets.add(source);
      const held = new HeldBytes(source, target, options.delay ?? 0);
      source.on('data', (bytes: Buffer) => {
        this.bytes[from] += bytes.length;
        options.tap?.(from, bytes, connection);
        for (const each of edit?.(from, bytes) ?? [bytes]) held.push(each);
      });
      source.on('error', () => undefined);
      source.on('close', () => {
        this.#sockets.delete(source);
        held.end();
      });
    }
  }
}

/** Bytes on their way in one direction. */
class HeldBytes {
  readonly #source: net.Socket;
  readonly #target: net.Socket;
  readonly #delay: number;
  readonly #queue: { readonly due: number; readonly bytes: Buffer }[] = [];
  #isWaiting = false;
  #isEnding = false;

  constructor(source: net.Socket, target: net.Socket, delay: number) {
    this.#source = source;
    this.#target = target;
    this.#delay = delay;
    target.on('drain', () => source.resume());
  }

  push(bytes: Buffer): void {
    if (this.#delay === 0) return this.#write(bytes);
    this.#queue.push({ due: performance.now() + this.#delay, bytes });
    if (!this.#isWaiting) this.#wait(this.#delay);
  }

  /** Ends the target when all that is held has travelled. */
  end(): void {
    this.#isEnding = true;
    if (this.#queue.length === 0) this.#target.destroySoon();
  }

  #flush(): void {
    const now = performance.now();
    while (this.#queue[0] !== undefined && this.#queue[0].due <= now) {
      this.#write((this.#queue.shift() as { readonly bytes: Buffer }).bytes);
    }
    const [next] = this.#queue;
    this.#isWaiting = false;
    if (next !== undefined) this.#wait(next.due - now);
    else if (this.#isEnding) this.#target.destroySoon();
  }

  #wait(milliseconds: number): void {
    this.#isWaiting = true;
    setTimeout(() => this.#flush(), milliseconds);
  }

  #write(bytes: Buffer): void {
    if (this.#target.destroyed) return;
    this.#target.write(bytes);
    if (this.#target.writableLength > MOST_HELD) this.#source.pause();
  }
}
