import { Body } from '../protocol/body.ts';
import type { SmbCommand } from '../protocol/command.ts';
import { COMMAND } from '../protocol/constants.ts';
import { Fields } from '../protocol/fields.ts';
import type { FileId } from '../protocol/file-id.ts';
import { readFileFacts, writeFileFacts, type FileFacts } from './file-facts.ts';

/*
 * CLOSE (MS-SMB2 2.2.15, 2.2.16).
 *   request   u16 24, u16 flags, u32 0, file id
 *   response  u16 60, u16 flags, u32 0, facts
 */

const REQUEST_SIZE = 24;
const RESPONSE_SIZE = 60;
/** Flag: the response has the facts of the file. */
export const CLOSE_WITH_FACTS = 1;

export interface CloseRequest {
  readonly flags: number;
  readonly fileId: FileId;
}

export interface CloseResponse {
  readonly flags: number;
  /** Zero unless `flags` has {@link CLOSE_WITH_FACTS}. */
  readonly facts: FileFacts;
}

export const CLOSE: SmbCommand<CloseRequest, CloseResponse> = {
  code: COMMAND.close,
  name: 'CLOSE',
  encodeRequest: ({ flags, fileId }) =>
    new Body(REQUEST_SIZE).u16(flags).u32(0).fileId(fileId).done(),

  decodeRequest(message) {
    const fields = new Fields(message, 'CLOSE request', 'smb.request').structure(REQUEST_SIZE);
    return { flags: fields.u16(), fileId: fields.skip(4).fileId() };
  },

  encodeResponse({ flags, facts }) {
    const body = new Body(RESPONSE_SIZE).u16(flags).u32(0);
    writeFileFacts(body, facts);
    return body.done();
  },

  decodeResponse(message) {
    const fields = new Fields(message, 'CLOSE response', 'smb.answer').structure(RESPONSE_SIZE);
    return { flags: fields.u16(), facts: readFileFacts(fields.skip(4)) };
  },
};
