import type { Buffer } from 'node:buffer';
import { Body } from '../protocol/body.ts';
import type { SmbCommand } from '../protocol/command.ts';
import { COMMAND } from '../protocol/constants.ts';
import { Fields } from '../protocol/fields.ts';
import type { FileId } from '../protocol/file-id.ts';
import { decodeOutput, encodeOutput, type Output } from './output-body.ts';

/*
 * QUERY_INFO (MS-SMB2 2.2.37, 2.2.38).
 *
 *   request   u16 41, u8 type, u8 class, u32 most bytes of output, u16 offset of the input, u16 0, u32 length of
 *             the input, u32 additional information, u32 flags, file id; input
 *   response  u16 9, u16 offset and u32 length of the output; output
 */

const SIZE = 41;

/** Kinds of information, of QUERY_INFO and SET_INFO. */
export const INFO_TYPE = { file: 1, fileSystem: 2, security: 3, quota: 4 } as const;

/** Classes of information about files (MS-FSCC 2.4). */
export const FILE_CLASS = {
  basic: 4,
  standard: 5,
  internal: 6,
  ea: 7,
  access: 8,
  name: 9,
  rename: 10,
  disposition: 13,
  position: 14,
  mode: 16,
  alignment: 17,
  all: 18,
  allocation: 19,
  endOfFile: 20,
  alternateName: 21,
  stream: 22,
  networkOpen: 34,
  attributeTag: 35,
  normalizedName: 48,
} as const;

/** Classes of information about file systems (MS-FSCC 2.5). */
export const FILE_SYSTEM_CLASS = {
  volume: 1,
  size: 3,
  device: 4,
  attribute: 5,
  fullSize: 7,
  sectorSize: 11,
} as const;

export interface QueryInfoRequest {
  readonly infoType: number;
  readonly infoClass: number;
  readonly maxOutput: number;
  readonly additional: number;
  readonly flags: number;
  readonly fileId: FileId;
  readonly input: Buffer;
}

export const QUERY_INFO: SmbCommand<QueryInfoRequest, Output> = {
  code: COMMAND.queryInfo,
  name: 'QUERY_INFO',

  encodeRequest({ infoType, infoClass, maxOutput, additional, flags, fileId, input }) {
    const body = new Body(SIZE, input.length);
    body.u8(infoType).u8(infoClass).u32(maxOutput);
    body.u16(body.part(input)).u16(0).u32(input.length);
    body.u32(additional).u32(flags).fileId(fileId);
    return body.done();
  },

  decodeRequest(message) {
    const fields = new Fields(message, 'QUERY_INFO request', 'smb.request').structure(SIZE);
    const [infoType, infoClass] = [fields.u8(), fields.u8()];
    const [maxOutput, inputOffset] = [fields.u32(), fields.u16()];
    const [inputLength, additional] = [fields.skip(2).u32(), fields.u32()];
    const [flags, fileId] = [fields.u32(), fields.fileId()];
    const input = fields.part(inputOffset, inputLength, 'the input');
    return { infoType, infoClass, maxOutput, additional, flags, fileId, input };
  },

  encodeResponse: encodeOutput,
  decodeResponse: (message) => decodeOutput(message, 'QUERY_INFO response'),
};
