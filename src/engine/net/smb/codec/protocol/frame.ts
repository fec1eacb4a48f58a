import { Buffer } from 'node:buffer';

/** Length of the prefix of a frame (MS-SMB2 2.1): a zero, then 24 bits, big-endian. */
export const FRAME_PREFIX_BYTES = 4;

export function framePrefix(length: number): Buffer {
  const bytes = Buffer.alloc(FRAME_PREFIX_BYTES);
  bytes.writeUInt32BE(length, 0);
  return bytes;
}
