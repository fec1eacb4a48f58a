import { MAX_TEXT } from './constants.ts';
import { Fields } from './fields.ts';

/*
 * Payloads of structured replies (section “Structured reply types”).
 *
 *   offset-data    u64 offset, bytes
 *   offset-hole    u64 offset, u32 length
 *   block-status   u32 context, (u32 length, u32 status) each
 *   error          u32 error, u16 length, message
 *   error-offset   u32 error, u16 length, message, u64 offset
 */

export const DATA_HEAD_BYTES = 8;
export const HOLE_BYTES = 12;
export const DESCRIPTOR_BYTES = 8;
/** Maximum bytes of an error's payload: number, length, message, offset. */
export const MAX_ERROR_BYTES = 6 + MAX_TEXT + 8;

export interface Descriptor {
  readonly length: number;
  readonly status: number;
}

export function encodeDataHead(offset: number): Buffer {
  const bytes = Buffer.alloc(DATA_HEAD_BYTES);
  bytes.writeBigUInt64BE(BigInt(offset));
  return bytes;
}

export const decodeDataHead = (bytes: Uint8Array): number =>
  new Fields(bytes, 'a chunk of data', 'nbd.answer').size('its offset');

export function encodeHole(offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(HOLE_BYTES);
  bytes.writeBigUInt64BE(BigInt(offset), 0);
  bytes.writeUInt32BE(length, 8);
  return bytes;
}

export function decodeHole(bytes: Uint8Array): { offset: number; length: number } {
  const fields = new Fields(bytes, 'a chunk of a hole', 'nbd.answer');
  const hole = { offset: fields.size('its offset'), length: fields.u32() };
  fields.end();
  return hole;
}

export function encodeBlockStatus(context: number, descriptors: readonly Descriptor[]): Buffer {
  const bytes = Buffer.alloc(4 + DESCRIPTOR_BYTES * descriptors.length);
  bytes.writeUInt32BE(context, 0);
  for (const [i, { length, status }] of descriptors.entries()) {
    bytes.writeUInt32BE(length, 4 + DESCRIPTOR_BYTES * i);
    bytes.writeUInt32BE(status, 8 + DESCRIPTOR_BYTES * i);
  }
  return bytes;
}

/**
 * Decodes the descriptors of one context. Throws `nbd.answer` for an empty list and for an empty
 * descriptor.
 */
export function decodeBlockStatus(bytes: Uint8Array, context: number): Descriptor[] {
  const fields = new Fields(bytes, 'a chunk of block status', 'nbd.answer');
  const found = fields.u32();
  if (found !== context) throw fields.wrong(`it is of context ${found}, asked for was ${context}`);
  if (fields.remaining === 0 || fields.remaining % DESCRIPTOR_BYTES !== 0) {
    throw fields.wrong(`${fields.remaining} bytes of descriptors, no multiple of 8`);
  }
  return Array.from({ length: fields.remaining / DESCRIPTOR_BYTES }, (_, i) => {
    const descriptor = { length: fields.u32(), status: fields.u32() };
    if (descriptor.length === 0) throw fields.wrong(`descriptor ${i} has no length`);
    return descriptor;
  });
}

/** Encodes an error, with the offset where it happened if there is one. */
export function encodeError(error: number, message: string, offset?: number): Buffer {
  const text = shortened(message);
  const bytes = Buffer.alloc(6 + text.length + (offset === undefined ? 0 : 8));
  bytes.writeUInt32BE(error, 0);
  bytes.writeUInt16BE(text.length, 4);
  text.copy(bytes, 6);
  if (offset !== undefined) bytes.writeBigUInt64BE(BigInt(offset), 6 + text.length);
  return bytes;
}

/** Decodes number and message of an error of any type; what follows the message is ignored. */
export function decodeError(bytes: Uint8Array): { error: number; message: string } {
  const fields = new Fields(bytes, 'a chunk of an error', 'nbd.answer');
  const error = fields.u32();
  if (error === 0) throw fields.wrong('its number is 0');
  return { error, message: fields.text(fields.u16(), 'the message') };
}

/** UTF-8 of a message, not longer than the protocol allows, and not cut within a character. */
function shortened(message: string): Buffer {
  let text = message.slice(0, MAX_TEXT);
  while (Buffer.byteLength(text) > MAX_TEXT) text = text.slice(0, Math.floor(text.length / 2));
  return Buffer.from(text);
}
