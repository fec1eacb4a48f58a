import { REQUEST_MAGIC } from './constants.ts';
import { Fields } from './fields.ts';

/*
 * A request (section “Request message”):
 *   u32 magic, u16 command flags, u16 command, u64 handle, u64 offset, u32 length
 */

export const REQUEST_BYTES = 28;

export interface Request {
  readonly flags: number;
  readonly command: number;
  /** Chosen by the client; every part of the reply has it. */
  readonly handle: bigint;
  /** As sent: may lie far outside of the disk. */
  readonly offset: bigint;
  readonly length: number;
}

export function encodeRequest({ flags, command, handle, offset, length }: Request): Buffer {
  const bytes = Buffer.alloc(REQUEST_BYTES);
  bytes.writeUInt32BE(REQUEST_MAGIC, 0);
  bytes.writeUInt16BE(flags, 4);
  bytes.writeUInt16BE(command, 6);
  bytes.writeBigUInt64BE(handle, 8);
  bytes.writeBigUInt64BE(offset, 16);
  bytes.writeUInt32BE(length, 24);
  return bytes;
}

export function decodeRequest(bytes: Uint8Array): Request {
  const fields = new Fields(bytes, 'a request', 'nbd.request');
  const magic = fields.u32();
  if (magic !== REQUEST_MAGIC) {
    throw fields.wrong(
      `it begins with 0x${magic.toString(16)}, not 0x${REQUEST_MAGIC.toString(16)}`,
    );
  }
  const [flags, command] = [fields.u16(), fields.u16()];
  return { flags, command, handle: fields.u64(), offset: fields.u64(), length: fields.u32() };
}
