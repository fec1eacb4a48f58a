import type { Buffer } from 'node:buffer';
import { Body, utf16 } from '../protocol/body.ts';
import type { SmbCommand } from '../protocol/command.ts';
import { COMMAND } from '../protocol/constants.ts';
import { Fields, HEADER_BYTES } from '../protocol/fields.ts';
import type { FileId } from '../protocol/file-id.ts';
import { decodeOutput, encodeOutput, type Output } from './output-body.ts';

/*
 * QUERY_DIRECTORY (MS-SMB2 2.2.33, 2.2.34).
 *
 *   request   u16 33, u8 information class, u8 flags, u32 index, file id, u16 offset and u16 length of the
 *             pattern, u32 most bytes of output; pattern, UTF-16
 *   response  u16 9, u16 offset and u32 length of the output; entries (directory-entries.ts)
 */

const SIZE = 33;
const MAX_PATTERN_BYTES = 0xffff;

export const DIRECTORY_FLAG = { restart: 1, single: 2, index: 4, reopen: 0x10 } as const;

/** Information classes of entries (MS-FSCC 2.4). */
export const DIRECTORY_CLASS = {
  directory: 1,
  full: 2,
  both: 3,
  names: 12,
  idBoth: 37,
  idFull: 38,
} as const;

export interface QueryDirectoryRequest {
  readonly infoClass: number;
  readonly flags: number;
  readonly index: number;
  readonly fileId: FileId;
  /** Name with wildcards; `*` for all. */
  readonly pattern: string;
  readonly maxOutput: number;
}

export const QUERY_DIRECTORY: SmbCommand<QueryDirectoryRequest, Output> = {
  code: COMMAND.queryDirectory,
  name: 'QUERY_DIRECTORY',

  encodeRequest({ infoClass, flags, index, fileId, pattern, maxOutput }) {
    const text: Buffer = utf16(pattern);
    const body = new Body(SIZE, text.length);
    body.u8(infoClass).u8(flags).u32(index).fileId(fileId);
    body
      .u16(HEADER_BYTES + SIZE - 1)
      .u16(text.length)
      .u32(maxOutput);
    body.part(text);
    return body.done();
  },

  decodeRequest(message) {
    const fields = new Fields(message, 'QUERY_DIRECTORY request', 'smb.request').structure(SIZE);
    const [infoClass, flags] = [fields.u8(), fields.u8()];
    const [index, fileId] = [fields.u32(), fields.fileId()];
    const [offset, length] = [fields.u16(), fields.u16()];
    const maxOutput = fields.u32();
    const pattern = fields.text(offset, length, 'the pattern', MAX_PATTERN_BYTES);
    return { infoClass, flags, index, fileId, pattern, maxOutput };
  },

  encodeResponse: encodeOutput,
  decodeResponse: (message) => decodeOutput(message, 'QUERY_DIRECTORY response'),
};
