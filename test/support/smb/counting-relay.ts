import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { afterwards } from '../checks/afterwards.ts';

/** A wire to a port of this machine that counts what crosses it, both ways. */
export interface CountingRelay {
  readonly port: number;
  /** Bytes since the relay was started. */
  readonly bytes: number;
}

export async function countingRelay(t: TestContext, port: number): Promise<CountingRelay> {
  const sockets = new Set<net.Socket>();
  let bytes = 0;
  const server = net.createServer((client) => {
    const upstream = net.connect(port, '127.0.0.1');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk: Buffer) => (bytes += chunk.length));
      from.on('error', () => to.destroy());
      from.on('close', () => sockets.delete(from));
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterwards(t, () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    get bytes() {
      return bytes;
    },
  };
}
