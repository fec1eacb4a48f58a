import { SIMPLE_REPLY_MAGIC, STRUCTURED_REPLY_MAGIC } from './constants.ts';
import { Fields } from './fields.ts';

/*
 * Heads of replies (sections “Simple reply message” and “Structured reply chunk message”).
 *
 *   simple       u32 magic, u32 error, u64 handle; then the bytes of a read
 *   structured   u32 magic, u16 flags, u16 type, u64 handle, u32 length; then the payload
 */

/** Both heads begin with these. */
export const REPLY_START_BYTES = 16;
/** Length of the payload, after that in a structured one. */
export const CHUNK_LENGTH_BYTES = 4;

export interface SimpleReply {
  readonly kind: 'simple';
  readonly handle: bigint;
  readonly error: number;
}

export interface ChunkStart {
  readonly kind: 'chunk';
  readonly handle: bigint;
  readonly flags: number;
  readonly type: number;
}

export function encodeSimpleReply(handle: bigint, error: number): Buffer {
  const bytes = Buffer.alloc(REPLY_START_BYTES);
  bytes.writeUInt32BE(SIMPLE_REPLY_MAGIC, 0);
  bytes.writeUInt32BE(error, 4);
  bytes.writeBigUInt64BE(handle, 8);
  return bytes;
}

export function encodeChunkHead(chunk: Omit<ChunkStart, 'kind'>, length: number): Buffer {
  const bytes = Buffer.alloc(REPLY_START_BYTES + CHUNK_LENGTH_BYTES);
  bytes.writeUInt32BE(STRUCTURED_REPLY_MAGIC, 0);
  bytes.writeUInt16BE(chunk.flags, 4);
  bytes.writeUInt16BE(chunk.type, 6);
  bytes.writeBigUInt64BE(chunk.handle, 8);
  bytes.writeUInt32BE(length, 16);
  return bytes;
}

/** Decodes the common start; that of a chunk is followed by the length of its payload. */
export function decodeReplyStart(bytes: Uint8Array): SimpleReply | ChunkStart {
  const fields = new Fields(bytes, 'a reply', 'nbd.answer');
  const magic = fields.u32();
  if (magic === SIMPLE_REPLY_MAGIC) {
    const error = fields.u32();
    return { kind: 'simple', error, handle: fields.u64() };
  }
  if (magic !== STRUCTURED_REPLY_MAGIC) {
    throw fields.wrong(`it begins with 0x${magic.toString(16)}, which starts no reply`);
  }
  const [flags, type] = [fields.u16(), fields.u16()];
  return { kind: 'chunk', flags, type, handle: fields.u64() };
}
