/**
 * The lab's file server: SMB 2.0.2 to 3.1.1 over TCP, as strict as Windows. Start reading at
 * `connection/connection.ts`; what a command does is in `commands`, what is open in `files`.
 */
import net, { type AddressInfo } from 'node:net';
import { labError } from '../lab-errors.ts';
import { Connection } from './connection/connection.ts';
import { FileServer } from './sessions/file-server.ts';
import type { SmbHost } from './sessions/smb-host.ts';

/** Maximum number of connections at the same time. */
const MAX_CONNECTIONS = 128;

export interface SmbServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves files on a port (0: a free one). Throws `lab.port` if it is in use. */
export async function startSmbServer(
  host: SmbHost,
  address: string,
  port: number,
): Promise<SmbServer> {
  const server = new FileServer(host);
  const connections = new Map<Connection, Promise<void>>();
  const listener = net.createServer((socket) => {
    const connection = new Connection(server, socket);
    const run = connection.run().finally(() => connections.delete(connection));
    connections.set(connection, run);
  });
  listener.maxConnections = MAX_CONNECTIONS;
  await listen(listener, address, port);
  return {
    port: (listener.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        listener.close(() => resolve());
      });
      for (const connection of connections.keys()) connection.end('the lab is closing');
      await Promise.all(connections.values());
      await server.close();
      await closed;
    },
  };
}

function listen(listener: net.Server, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    listener.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
      const text = `Cannot listen on port ${port} of ${address}: ${error.message}`;
      reject(taken ? labError('lab.port', text, { data: { found: port }, cause: error }) : error);
    });
    listener.listen(port, address, () => resolve());
  });
}
