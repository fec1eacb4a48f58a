import { Buffer } from 'node:buffer';
import { Body } from './body.ts';

/*
 * The body of a response that reports an error (MS-SMB2 2.2.2):
 *   u16 size, 9; u8 number of contexts; u8 reserved; u32 length; data, at least one byte
 */

const SIZE = 9;

interface ErrorBody {
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
