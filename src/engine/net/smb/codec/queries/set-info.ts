import { Buffer } from 'node:buffer';
import { Body } from '../protocol/body.ts';
import type { SmbCommand } from '../protocol/command.ts';
import { COMMAND } from '../protocol/constants.ts';
import type { Empty } from '../protocol/empty-body.ts';
import { Fields, HEADER_BYTES } from '../protocol/fields.ts';
import type { FileId } from '../protocol/file-id.ts';

/*
 * SET_INFO (MS-SMB2 2.2.39, 2.2.40).
 *   request   u16 33, u8 type, u8 class, u32 length and u16 offset of the input, u16 0, u32 additional, file id; input
 *   response  u16 2
 */

const REQUEST_SIZE = 33;
const RESPONSE_SIZE = 2;

export interface SetInfoRequest {
  readonly infoType: number;
  readonly infoClass: number;
  readonly additional: number;
  readonly fileId: FileId;
  readonly input: Buffer;
}

export const SET_INFO: SmbCommand<SetInfoRequest, Empty> = {
  code: COMMAND.setInfo,
  name: 'SET_INFO',

  encodeRequest({ infoType, infoClass, additional, fileId, input }) {
    const body = new Body(REQUEST_SIZE, input.length);
    body.u8(infoType).u8(infoClass).u32(input.length);
    body
      .u16(HEADER_BYTES + REQUEST_SIZE - 1)
      .u16(0)
      .u32(additional)
      .fileId(fileId);
    body.part(input);
    return body.done();
  },

  decodeRequest(message) {
    const fields = new Fields(message, 'SET_INFO request', 'smb.request').structure(REQUEST_SIZE);
    const [infoType, infoClass] = [fields.u8(), fields.u8()];
    const [length, offset] = [fields.u32(), fields.u16()];
    const [additional, fileId] = [fields.skip(2).u32(), fields.fileId()];
    const input = fields.part(offset, length, 'the input');
    return { infoType, infoClass, additional, fileId, input };
  },

  encodeResponse: () => Buffer.from([RESPONSE_SIZE, 0]),
  decodeResponse(message) {
    new Fields(message, 'SET_INFO response', 'smb.answer').structure(RESPONSE_SIZE);
    return {};
  },
};
