import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { afterwards } from '../checks/afterwards.ts';

/** A wire between a client and a server that can hold back what the server answers. */
export interface HoldingProxy {
  readonly url: string;
  /** From now on no answer gets through; settles when the first is held. */
  hold(): Promise<void>;
  release(): void;
}

/** A proxy on this machine in front of `url`. */
export async function holdingProxy(t: TestContext, url: string): Promise<HoldingProxy> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<net.Socket>();
  let holding = false;
  let firstHeld: (() => void) | undefined;
  const waiting: (() => void)[] = [];
  const server = net.createServer((client) => {
    const upstream = net.connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    client.pipe(upstream);
    upstream.on('data', (chunk) => {
      const send = (): void => void client.write(chunk);
      if (!holding) return send();
      waiting.push(send);
      firstHeld?.();
    });
    upstream.on('end', () => client.end());
    client.on('close', () => upstream.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterwards(t, () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold: () => {
      holding = true;
      return new Promise((resolve) => {
        firstHeld = resolve;
      });
    },
    release: () => {
      holding = false;
      for (const send of waiting.splice(0)) send();
    },
  };
}
