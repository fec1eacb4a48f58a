import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import tls from 'node:tls';
import { never } from '../../../src/engine/base/abort.ts';
import { labCertificate, type LabCertificate } from '../../../src/engine/lab/wsman/certificate.ts';
import { afterwards } from '../checks/afterwards.ts';
import { temporaryFolder } from '../files/temporary-folder.ts';

/** A TLS server that shakes hands, notes every byte that is sent to it after that, and hangs up on who sends something. */
export interface ListeningTls {
  readonly url: string;
  /** Of the certificate that it shows now. */
  readonly fingerprint: () => string;
  /** Clients that came. */
  readonly connections: () => number;
  /** What came, as text. */
  readonly received: () => string;
  /** Shows another certificate from now on. */
  renew(): Promise<void>;
}

export async function listeningTls(t: TestContext): Promise<ListeningTls> {
  const folder = await temporaryFolder(t);
  let renewals = 0;
  const make = async (): Promise<LabCertificate> => {
    const own = join(folder, String(renewals++));
    await mkdir(own);
    return labCertificate(own, 'hv01', never);
  };
  let shown = await make();
  let connections = 0;
  let received = '';
  const sockets = new Set<tls.TLSSocket>();
  const server = tls.createServer({ cert: shown.certificate, key: shown.key }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      socket.destroy();
    });
  });
  server.on('connection', () => connections++);
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterwards(t, () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fingerprint: () => shown.fingerprint,
    connections: () => connections,
    received: () => received,
    renew: async () => {
      shown = await make();
      server.setSecureContext({ cert: shown.certificate, key: shown.key });
    },
  };
}
