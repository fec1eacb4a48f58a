import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

/*
 * Files of libpcap with packets of IP that are made up around frames of SMB, so that tshark reads
 * what a relay has seen without the right to capture.
 */

/** A frame of SMB: its content, without the prefix. */
export interface SeenFrame {
  readonly from: 'client' | 'server';
  readonly bytes: Buffer;
}

/** Port of the server in the packets, which tshark reads as SMB without being told. */
const SERVER_PORT = 445;
const CLIENT_PORT = 50_000;
const LINK_TYPE_IPV4 = 228;
/** Bytes of one packet, below the 65,535 of IP. */
const SEGMENT = 60_000;
const TCP = { syn: 2, ack: 16, push: 8 } as const;

/** Writes connections to a file, one frame after another as they were seen. */
export async function writePcap(
  path: string,
  connections: readonly (readonly SeenFrame[])[],
): Promise<void> {
  const file = createWriteStream(path);
  file.write(fileHead());
  for (const [at, frames] of connections.entries()) {
    for (const packet of packetsOf(frames, CLIENT_PORT + at)) {
      if (!file.write(packet)) await once(file, 'drain');
    }
  }
  file.end();
  await once(file, 'close');
}

/** Returns the frames of a file whose packets each hold one frame of SMB over Ethernet and IPv4. */
export function readPcap(bytes: Buffer): SeenFrame[] {
  const frames: SeenFrame[] = [];
  for (let at = 24; at + 16 <= bytes.length;) {
    const length = bytes.readUInt32LE(at + 8);
    const packet = bytes.subarray(at + 16 + 14, at + 16 + length);
    at += 16 + length;
    const ip = (packet.readUInt8(0) & 15) * 4;
    const tcp = ip + (packet.readUInt8(ip + 12) >> 4) * 4;
    const payload = packet.subarray(tcp, packet.readUInt16BE(2));
    if (payload.length < 4) continue;
    const from = packet.readUInt16BE(ip + 2) === SERVER_PORT ? 'client' : 'server';
    frames.push({ from, bytes: payload.subarray(4, 4 + payload.readUInt32BE(0)) });
  }
  return frames;
}

function fileHead(): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2_c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(0x4_0000, 16);
  head.writeUInt32LE(LINK_TYPE_IPV4, 20);
  return head;
}

function* packetsOf(frames: readonly SeenFrame[], clientPort: number): Generator<Buffer> {
  const next = { client: 1, server: 1 };
  yield packet('client', clientPort, { client: 0, server: 0 }, TCP.syn);
  yield packet('server', clientPort, { client: 1, server: 0 }, TCP.syn | TCP.ack);
  for (const { from, bytes } of frames) {
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32BE(bytes.length);
    const whole = Buffer.concat([prefix, bytes]);
    for (let at = 0; at < whole.length; at += SEGMENT) {
      const part = whole.subarray(at, at + SEGMENT);
      yield packet(from, clientPort, next, TCP.ack | TCP.push, part);
      next[from] = (next[from] + part.length) >>> 0;
    }
  }
}

function packet(
  from: 'client' | 'server',
  clientPort: number,
  next: Readonly<Record<'client' | 'server', number>>,
  flags: number,
  data: Buffer = Buffer.alloc(0),
): Buffer {
  const isClient = from === 'client';
  const head = Buffer.alloc(16 + 40);
  const length = 40 + data.length;
  head.writeUInt32LE(length, 8);
  head.writeUInt32LE(length, 12);
  const ip = head.subarray(16);
  ip[0] = 0x45;
  ip.writeUInt16BE(length, 2);
  ip[8] = 64;
  ip[9] = 6;
  ip.set(isClient ? [127, 0, 0, 2, 127, 0, 0, 1] : [127, 0, 0, 1, 127, 0, 0, 2], 12);
  const tcp = ip.subarray(20);
  tcp.writeUInt16BE(isClient ? clientPort : SERVER_PORT, 0);
  tcp.writeUInt16BE(isClient ? SERVER_PORT : clientPort, 2);
  tcp.writeUInt32BE(next[from], 4);
  tcp.writeUInt32BE(next[isClient ? 'server' : 'client'], 8);
  tcp[12] = 0x50;
  tcp[13] = flags;
  tcp.writeUInt16BE(0xffff, 14);
  return Buffer.concat([head, data]);
}
