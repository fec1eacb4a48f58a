import { Fields } from '../../../../src/engine/net/smb/codec/protocol/fields.ts';

const SIZE = 9;

/** The body of a response that reports an error (MS-SMB2 2.2.2). */
export interface ErrorBody {
  readonly contextCount: number;
  readonly data: Buffer;
}

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
