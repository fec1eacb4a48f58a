import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import fs from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { isAbort } from '../../../base/abort.ts';
import type { Log } from '../../../base/log.ts';
import type { NbdAddress } from '../address/nbd-address.ts';
import type { BlockExport } from '../contract/block-export.ts';
import { nbdError } from '../contract/nbd-errors.ts';
import { NbdWire } from '../wire/nbd-wire.ts';
import type { Offer } from './offer.ts';
import { serveConnection } from './serve-connection.ts';

export interface NbdServerOptions {
  /** `unix`: a socket file that only its owner can open; `tcp`: a free port of 127.0.0.1. */
  readonly transport: 'unix' | 'tcp';
  /** A sentence for people, which clients can ask for. */
  readonly description: string;
  readonly log: Log;
}

/** A server that listens. */
export interface NbdServer {
  readonly address: NbdAddress;
  /** Ends all connections and removes the socket file. */
  close(): Promise<void>;
}

/** More clients at once are turned away. */
const MAX_CONNECTIONS = 16;
/** Bytes of a path that every system accepts for a socket. */
const MAX_SOCKET_PATH = 103;

/**
 * Exports a disk read-only. Over TCP every user of this computer can connect, so the name of the
 * export is random there and works as a password. Throws `nbd.listen`.
 */
export async function startNbdServer(
  disk: BlockExport,
  { transport, description, log }: NbdServerOptions,
  signal: AbortSignal,
): Promise<NbdServer> {
  const tcp = transport === 'tcp';
  const name = tcp ? randomBytes(16).toString('hex') : '';
  const offer: Offer = { disk, name, listed: !tcp, description };
  const ends = new AbortController();
  // Each connection listens.
  setMaxListeners(0, ends.signal);
  const open = new Set<Promise<void>>();
  const server = net.createServer((socket) => {
    const served = serveConnection(new NbdWire(socket), offer, ends.signal)
      .catch((error: unknown) => {
        if (isAbort(error, ends.signal)) return;
        const message = `An NBD client was disconnected: ${(error as Error).message}`;
        log({ level: 'debug', area: 'nbd', message });
      })
      .finally(() => open.delete(served));
    open.add(served);
  });
  server.maxConnections = MAX_CONNECTIONS;
  signal.throwIfAborted();
  const place = tcp ? await listenOnPort(server, name) : await listenOnFile(server);
  return {
    address: place.address,
    close: async () => {
      ends.abort();
      await Promise.all([new Promise<void>((done) => server.close(() => done())), ...open]);
      await place.remove();
    },
  };
}

interface Place {
  readonly address: NbdAddress;
  remove(): Promise<void>;
}

async function listenOnPort(server: net.Server, exportName: string): Promise<Place> {
  const host = '127.0.0.1';
  await listen(server, { host, port: 0 }, host);
  const { port } = server.address() as net.AddressInfo;
  return {
    address: { kind: 'tcp', host, port, exportName },
    remove: () => Promise.resolve(),
  };
}

/** The folder is closed to others before the socket is in it. */
async function listenOnFile(server: net.Server): Promise<Place> {
  if (process.platform === 'win32') {
    throw nbdError('nbd.listen', 'Socket files are not supported on Windows; use TCP');
  }
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'refpoint-nbd-')).catch((error: Error) => {
    throw cannotListen(os.tmpdir(), error);
  });
  const remove = (): Promise<void> => fs.rm(folder, { recursive: true, force: true });
  try {
    await fs.chmod(folder, 0o700);
    const socket = path.join(folder, 'disk.sock');
    if (Buffer.byteLength(socket) > MAX_SOCKET_PATH) {
      throw nbdError(
        'nbd.listen',
        `${socket} is too long for a socket: ${Buffer.byteLength(socket)} bytes, at most ${MAX_SOCKET_PATH}; set TMPDIR to a shorter path`,
        { data: { path: socket } },
      );
    }
    await listen(server, { path: socket }, socket);
    await fs.chmod(socket, 0o600);
    return { address: { kind: 'unix', socket, exportName: '' }, remove };
  } catch (error) {
    server.close();
    await remove();
    throw error;
  }
}

async function listen(server: net.Server, at: net.ListenOptions, place: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(place, error)));
    server.listen(at, resolve);
  });
}

const cannotListen = (place: string, cause: Error): Error =>
  nbdError('nbd.listen', `Cannot listen at ${place}: ${cause.message}`, {
    cause,
    data: { path: place },
  });
