import { Body } from '../protocol/body.ts';
import type { SmbCommand } from '../protocol/command.ts';
import { COMMAND } from '../protocol/constants.ts';
import { encodeEmpty, type Empty } from '../protocol/empty-body.ts';
import { Fields } from '../protocol/fields.ts';
import type { FileId } from '../protocol/file-id.ts';

/*
 * FLUSH (MS-SMB2 2.2.17, 2.2.18).
 *   request   u16 24, u16 0, u32 0, file id
 *   response  u16 4, u16 0
 */

const SIZE = 24;

export interface FlushRequest {
  readonly fileId: FileId;
}

export const FLUSH: SmbCommand<FlushRequest, Empty> = {
  code: COMMAND.flush,
  name: 'FLUSH',
  encodeRequest: ({ fileId }) => new Body(SIZE).u16(0).u32(0).fileId(fileId).done(),
  decodeRequest: (message) => ({
    fileId: new Fields(message, 'FLUSH request', 'smb.request').structure(SIZE).skip(6).fileId(),
  }),
  encodeResponse: encodeEmpty,
  decodeResponse(message) {
    new Fields(message, 'FLUSH response', 'smb.answer').structure(4);
    return {};
  },
};
