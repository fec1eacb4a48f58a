import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import tls from 'node:tls';
import { afterwards } from '../checks/afterwards.ts';

/** Somebody between a client and a host over TLS, who passes on what he reads. */
export interface TlsRelay {
  readonly port: number;
  /** Bytes that clients sent after the handshake. */
  readonly heard: () => number;
}

/** @param shown the relay's own certificate. */
export async function tlsRelay(
  t: TestContext,
  hostPort: number,
  shown: { readonly certificate: string; readonly key: string },
): Promise<TlsRelay> {
  let heard = 0;
  const sockets = new Set<tls.TLSSocket>();
  const server = tls.createServer({ cert: shown.certificate, key: shown.key }, (client) => {
    const host = tls.connect({ port: hostPort, host: '127.0.0.1', rejectUnauthorized: false });
    for (const socket of [client, host]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.on('data', (chunk: Buffer) => (heard += chunk.length));
    client.pipe(host).pipe(client);
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterwards(t, () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, heard: () => heard };
}
