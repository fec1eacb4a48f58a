import type { Buffer } from 'node:buffer';
import { Body } from '../protocol/body.ts';
import { Fields, HEADER_BYTES } from '../protocol/fields.ts';

/**
 * Body of the responses to QUERY_DIRECTORY, CHANGE_NOTIFY and QUERY_INFO (MS-SMB2 2.2.34, 2.2.36, 2.2.38):
 * u16 9, u16 offset and u32 length of the output; output.
 */
export interface Output {
  readonly output: Buffer;
}

const SIZE = 9;

export function encodeOutput({ output }: Output): Buffer {
  const body = new Body(SIZE, output.length);
  body.u16(output.length === 0 ? 0 : HEADER_BYTES + SIZE - 1).u32(output.length);
  body.part(output);
  return body.done();
}

export function decodeOutput(message: Uint8Array, what: string): Output {
  const fields = new Fields(message, what, 'smb.answer').structure(SIZE);
  const [offset, length] = [fields.u16(), fields.u32()];
  return { output: fields.part(offset, length, 'the output') };
}
