import type { Buffer } from 'node:buffer';
import { Body } from '../protocol/body.ts';
import type { SmbCommand } from '../protocol/command.ts';
import { COMMAND } from '../protocol/constants.ts';
import { Fields, HEADER_BYTES } from '../protocol/fields.ts';
import type { FileId } from '../protocol/file-id.ts';

/*
 * WRITE (MS-SMB2 2.2.21, 2.2.22).
 *
 *   request   u16 49, u16 offset of the data, u32 length, u64 offset, file id, u32 channel, u32 remaining, u16
 *             offset and u16 length of channel info, u32 flags; data
 *   response  u16 17, u16 0, u32 count, u32 remaining, u16 and u16 channel info
 */

const REQUEST_SIZE = 49;
const RESPONSE_SIZE = 17;

export interface WriteRequest {
  readonly offset: bigint;
  readonly fileId: FileId;
  /** 1: through the server's cache, 2: past it. */
  readonly flags: number;
  readonly data: Buffer;
}

export interface WriteResponse {
  readonly count: number;
}

export const WRITE: SmbCommand<WriteRequest, WriteResponse> = {
  code: COMMAND.write,
  name: 'WRITE',

  encodeRequest({ offset, fileId, flags, data }) {
    const body = new Body(REQUEST_SIZE, data.length);
    body
      .u16(HEADER_BYTES + REQUEST_SIZE - 1)
      .u32(data.length)
      .u64(offset)
      .fileId(fileId);
    body.u32(0).u32(0).u16(0).u16(0).u32(flags);
    body.part(data);
    return body.done();
  },

  decodeRequest(message) {
    const fields = new Fields(message, 'WRITE request', 'smb.request').structure(REQUEST_SIZE);
    const dataOffset = fields.u16();
    const length = fields.u32();
    const [offset, fileId] = [fields.u64(), fields.fileId()];
    const flags = fields.skip(12).u32();
    return { offset, fileId, flags, data: fields.part(dataOffset, length, 'the data') };
  },

  encodeResponse: ({ count }) => new Body(RESPONSE_SIZE).u16(0).u32(count).done(),

  decodeResponse(message) {
    const fields = new Fields(message, 'WRITE response', 'smb.answer').structure(RESPONSE_SIZE);
    return { count: fields.skip(2).u32() };
  },
};
