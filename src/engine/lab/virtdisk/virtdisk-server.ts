/**
 * Answers the virtdisk.dll of native/doubles over loopback: one connection for each open handle. What
 * a call does is in `disks/image-session.ts`; the messages are in `wire`. For tests only: the library
 * checks the arguments as Windows does and asks the lab for everything else.
 */
import { timingSafeEqual } from 'node:crypto';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { Lab } from '../model/lab.ts';
import { faultOf } from './faults/call-faults.ts';
import { Attachments } from './disks/attachments.ts';
import { ImageSession, type SessionHost } from './disks/image-session.ts';
import { LooseTracking } from './disks/loose-tracking.ts';
import { requestFrames, sendFrame } from './wire/frames.ts';
import { endProcessReply, progressReply, resultReply } from './wire/replies.ts';
import { decodeRequest } from './wire/requests.ts';
import { WIN32, win32Of } from './wire/win32-codes.ts';

const ADDRESS = '127.0.0.1';
const MAX_CONNECTIONS = 256;

export interface VirtdiskServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Answers callers that send the key, on a port of loopback (0: a free one). */
export async function startVirtdiskServer(
  lab: Lab,
  key: string,
  port: number,
): Promise<VirtdiskServer> {
  const host: SessionHost = {
    lab,
    loose: await LooseTracking.open(lab.folder),
    attachments: await Attachments.open(lab.folder),
  };
  const connections = new Map<Socket, Promise<void>>();
  const listener = net.createServer({ noDelay: true }, (socket) => {
    const run = serve(host, key, socket).finally(() => connections.delete(socket));
    connections.set(socket, run);
  });
  listener.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(port, ADDRESS, () => resolve());
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

/** Serves one handle until its connection ends: the caller closed it, or has died. */
async function serve(host: SessionHost, key: string, socket: Socket): Promise<void> {
  let session: ImageSession | undefined;
  try {
    for await (const frame of requestFrames(socket)) {
      const request = decodeRequest(frame);
      if (session === undefined) {
        if (request.call !== 'hello' || !isSame(request.key, key)) return;
        session = await ImageSession.start(host);
        sendFrame(socket, resultReply(0, session.greeting));
        continue;
      }
      const fault = faultOf(host.lab.faults, request.call);
      if (fault?.kind === 'hang') continue;
      if (fault?.kind === 'exit') sendFrame(socket, endProcessReply());
      else if (fault?.kind === 'code') sendFrame(socket, resultReply(fault.code));
      else await answer(session, request, socket);
    }
  } catch {
    // A caller that breaks the rules of the wire, or has gone.
  } finally {
    socket.destroy();
    await session?.close().catch(() => undefined);
  }
}

async function answer(
  session: ImageSession,
  request: ReturnType<typeof decodeRequest>,
  socket: Socket,
): Promise<void> {
  let told = 0;
  const progress = (current: number, total: number): void => {
    // A message for each percent is enough.
    if ((current - told) * 100 < total) return;
    told = current;
    sendFrame(socket, progressReply(current, total));
  };
  try {
    sendFrame(socket, resultReply(0, await session.call(request, progress)));
  } catch (error) {
    sendFrame(socket, resultReply(win32Of(error) || WIN32.generalFailure));
  }
}

function isSame(given: string, key: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(key)];
  return a.length === b.length && timingSafeEqual(a, b);
}
