import { Buffer } from 'node:buffer';
import { Body } from './body.ts';
import { Fields } from './fields.ts';

/*
 * The body of a response that reports an error (MS-SMB2 2.2.2):
 *   u16 size, 9; u8 number of contexts; u8 reserved; u32 length; data, at least one byte
 */

const SIZE = 9;

export interface ErrorBody {
  readonly contextCount: number;
  /** Data of the error: the number of bytes that a buffer needs, the target of a link. */
  readonly data: Buffer;
}

export function encodeError({ contextCount, data }: ErrorBody): Buffer {
  const body = new Body(SIZE, data.length);
  body.u8(contextCount).u8(0).u32(data.length);
  body.part(data);
  return body.done();
}

/** Returns the body of most errors. */
export const emptyError = (): Buffer => encodeError({ contextCount: 0, data: Buffer.alloc(0) });

/** Decodes the error of a response. Throws `smb.answer`. */
export function decodeError(message: Uint8Array): ErrorBody {
  const fields = new Fields(message, 'ERROR response', 'smb.answer').structure(SIZE);
  const contextCount = fields.u8();
  const length = fields.skip(1).u32();
  return { contextCount, data: Buffer.from(fields.part(fields.position, length, 'the data')) };
}

/** Whether a body has the shape of an error: commands with variable parts may have their own. */
export function hasErrorBody(message: Uint8Array): boolean {
  return message.length >= 72 && message[64] === SIZE && message[65] === 0;
}
