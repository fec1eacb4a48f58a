import { Buffer } from 'node:buffer';
import { FRAME_PREFIX_BYTES } from '../../../net/smb/codec/protocol/frame.ts';
import { Disconnect } from '../contract/status-error.ts';

/**
 * Yields the content of each frame of a connection. Reads no further while a frame is worked on.
 * Throws `Disconnect` for a frame that is longer than `most()` bytes, before it is read.
 */
export async function* readFrames(
  chunks: AsyncIterable<Buffer>,
  most: () => number,
): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let length = 0;
  /** Takes the first bytes of what was read, in one piece. */
  const take = (count: number): Buffer => {
    const all = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, length);
    length -= count;
    parts = length === 0 ? [] : [all.subarray(count)];
    return all.subarray(0, count);
  };
  let wanted: number | undefined;
  for await (const chunk of chunks) {
    parts.push(chunk);
    length += chunk.length;
    for (;;) {
      if (wanted === undefined) {
        if (length < FRAME_PREFIX_BYTES) break;
        wanted = take(FRAME_PREFIX_BYTES).readUInt32BE(0);
        if (wanted > most()) throw new Disconnect(`a frame of ${wanted} bytes`);
      }
      if (length < wanted) break;
      const frame = take(wanted);
      wanted = undefined;
      yield frame;
    }
  }
}
