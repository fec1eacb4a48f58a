import type { Socket } from 'node:net';

/** Maximum length of a request in bytes. */
const MAX_REQUEST = 65_536;

/**
 * Yields the requests of a client, each behind its length (u32, little-endian), until the connection
 * ends. Ends at a length above {@link MAX_REQUEST}.
 */
export async function* requestFrames(socket: Socket): AsyncGenerator<Uint8Array> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4) {
      const length = rest.readUInt32LE(0);
      if (length > MAX_REQUEST) return;
      if (rest.length < 4 + length) break;
      yield rest.subarray(4, 4 + length);
      rest = rest.subarray(4 + length);
    }
  }
}

/** Sends bytes behind their length. Does nothing if the client has gone. */
export function sendFrame(socket: Socket, bytes: Uint8Array): void {
  if (socket.destroyed) return;
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  socket.write(Buffer.concat([length, bytes]));
}
