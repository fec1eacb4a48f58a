import { X509Certificate } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { channelBinding } from '../../net/auth/tls/channel-binding.ts';
import { labError } from '../lab-errors.ts';
import { AuthFront } from './auth/auth-front.ts';
import type { LabLogins } from './auth/lab-logins.ts';
import { WsmanHandler, type HandlerOptions } from './wsman-handler.ts';

export interface WsmanServerOptions extends HandlerOptions {
  /** Account, offered schemes and their rules; the machine's name is the repository's. */
  readonly logins: Omit<LabLogins, 'machineName'>;
  /** Address to bind; loopback by default. */
  readonly address: string;
  readonly httpPort: number;
  readonly https:
    | {
        readonly port: number;
        readonly certificate: string;
        readonly key: string;
        /** PEM of the authority whose client certificates log in; undefined: none do. */
        readonly clientAuthority?: string | undefined;
      }
    | undefined;
}

export interface WsmanServer {
  readonly httpPort: number;
  readonly httpsPort: number | undefined;
  close(): Promise<void>;
}

/** Serves WS-Management on the given ports (0: a free one). Throws `lab.port` if one is in use. */
export async function startWsmanServer(options: WsmanServerOptions): Promise<WsmanServer> {
  const { repository, faults, log, https: tls, logins } = options;
  const front = new AuthFront({
    ...logins,
    machineName: repository.machineName,
    channelBinding: tls && channelBinding(new X509Certificate(tls.certificate).raw),
    clientCertificates: tls?.clientAuthority !== undefined,
    faults,
    log,
  });
  const handler = new WsmanHandler(options, front);
  const servers: (http.Server | https.Server)[] = [];
  const listener = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    void handler.handle(request, response);
  };
  const settings = { keepAliveTimeout: 120_000, requestTimeout: 300_000 };
  const plain = http.createServer(settings, listener);
  servers.push(plain);
  const httpPort = await listen(plain, options.httpPort, options.address);
  let httpsPort: number | undefined;
  try {
    if (tls !== undefined) {
      const { port, certificate: cert, key, clientAuthority: ca } = tls;
      const client = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: false };
      const secure = https.createServer({ ...settings, cert, key, ...client }, listener);
      servers.push(secure);
      httpsPort = await listen(secure, port, options.address);
    }
  } catch (error) {
    await closeAll(servers);
    throw error;
  }
  return { httpPort, httpsPort, close: () => closeAll(servers) };
}

function listen(server: http.Server, port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
      const text = `Cannot listen on port ${port} of ${address}: ${error.message}`;
      reject(taken ? labError('lab.port', text, { data: { found: port }, cause: error }) : error);
    });
    server.listen(port, address, () => resolve((server.address() as AddressInfo).port));
  });
}

async function closeAll(servers: readonly http.Server[]): Promise<void> {
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    ),
  );
}
