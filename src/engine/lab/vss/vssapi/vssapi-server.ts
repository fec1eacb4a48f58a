/**
 * Answers the vssapi.dll of native/doubles over loopback: one connection for each requestor object. If a connection ends, its process has
 * ended, too: the backup is aborted and its shadow copies vanish, as on Windows. For tests only.
 */
import { timingSafeEqual } from 'node:crypto';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { Lab } from '../../model/lab.ts';
import { requestFrames, sendFrame } from '../../virtdisk/wire/frames.ts';
import { resultReply } from '../../virtdisk/wire/replies.ts';
import { VssCallError } from '../vss-fault.ts';
import { RequestorSession } from './requestor-session.ts';
import { decodeVssRequest, type VssRequest } from './wire.ts';

const ADDRESS = '127.0.0.1';
const MAX_CONNECTIONS = 64;
const ASYNC_CANCELLED = 0x0004230b;
const UNEXPECTED = 0x8000ffff;

/** Mistakes of callers of the library since the lab was started. */
export interface VssapiRecord {
  /** Methods without an answer in the double that were called. */
  readonly refused: string[];
  /** Objects that callers did not release. */
  left: number;
  /** Requestor objects that are open. */
  open: number;
}

const records = new WeakMap<Lab, VssapiRecord>();

/** Returns the record of a lab. */
export function vssapiRecord(lab: Lab): VssapiRecord {
  const found = records.get(lab) ?? { refused: [], left: 0, open: 0 };
  records.set(lab, found);
  return found;
}

export interface VssapiServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Answers callers that send the key, on a free port of loopback. */
export async function startVssapiServer(lab: Lab, key: string): Promise<VssapiServer> {
  const connections = new Map<Socket, Promise<void>>();
  const listener = net.createServer({ noDelay: true }, (socket) => {
    const run = serve(lab, key, socket).finally(() => connections.delete(socket));
    connections.set(socket, run);
  });
  listener.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(0, ADDRESS, () => resolve());
  });
  return {
    port: (listener.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        listener.close(() => resolve());
      });
      for (const socket of connections.keys()) socket.destroy();
      await Promise.all(connections.values());
      await closed;
    },
  };
}

async function serve(lab: Lab, key: string, socket: Socket): Promise<void> {
  const session = new RequestorSession(lab);
  const record = vssapiRecord(lab);
  const gone = new AbortController();
  let greeted = false;
  let released = false;
  let running: Promise<void> | undefined;
  let cancel = new AbortController();
  try {
    for await (const frame of requestFrames(socket)) {
      const request = decodeVssRequest(frame);
      if (!greeted) {
        if (request.call !== 'hello' || !isSame(request.text, key)) return;
        greeted = true;
        record.open++;
        sendFrame(socket, resultReply(0));
      } else if (request.call === 'cancel') cancel.abort();
      else if (request.call === 'refused') record.refused.push(request.text);
      else if (request.call === 'left') {
        await running;
        await session.close();
        record.left += request.number;
        record.open--;
        released = true;
        sendFrame(socket, resultReply(0));
      } else {
        await running;
        cancel = new AbortController();
        const signal = AbortSignal.any([cancel.signal, gone.signal]);
        running = answer(session, request, socket, signal);
      }
    }
  } catch {
    // A caller that breaks the rules of the wire, or has gone.
  } finally {
    socket.destroy();
    gone.abort();
    await running;
    await session.close().catch(() => undefined);
    if (greeted && !released) record.open--;
  }
}

async function answer(
  session: RequestorSession,
  request: VssRequest,
  socket: Socket,
  signal: AbortSignal,
): Promise<void> {
  try {
    sendFrame(socket, resultReply(0, await session.call(request, signal)));
  } catch (error) {
    const failed = error instanceof VssCallError ? error.hresult : UNEXPECTED;
    sendFrame(socket, resultReply(signal.aborted ? ASYNC_CANCELLED : failed));
  }
}

function isSame(given: string, key: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(key)];
  return a.length === b.length && timingSafeEqual(a, b);
}
