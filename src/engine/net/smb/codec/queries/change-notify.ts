import { Body } from '../protocol/body.ts';
import type { SmbCommand } from '../protocol/command.ts';
import { COMMAND } from '../protocol/constants.ts';
import { Fields } from '../protocol/fields.ts';
import type { FileId } from '../protocol/file-id.ts';
import { decodeOutput, encodeOutput, type Output } from './output-body.ts';

/*
 * CHANGE_NOTIFY (MS-SMB2 2.2.35, 2.2.36).
 *   request   u16 32, u16 flags (1: the folders below too), u32 most bytes of output, file id, u32 filter, u32 0
 *   response  u16 9, u16 offset and u32 length of the output; FILE_NOTIFY_INFORMATION (MS-FSCC 2.7.1)
 */

const SIZE = 32;

export interface ChangeNotifyRequest {
  readonly flags: number;
  readonly maxOutput: number;
  readonly fileId: FileId;
  readonly filter: number;
}

export const CHANGE_NOTIFY: SmbCommand<ChangeNotifyRequest, Output> = {
  code: COMMAND.changeNotify,
  name: 'CHANGE_NOTIFY',
  encodeRequest: ({ flags, maxOutput, fileId, filter }) =>
    new Body(SIZE).u16(flags).u32(maxOutput).fileId(fileId).u32(filter).done(),

  decodeRequest(message) {
    const fields = new Fields(message, 'CHANGE_NOTIFY request', 'smb.request').structure(SIZE);
    const flags = fields.u16();
    return { flags, maxOutput: fields.u32(), fileId: fields.fileId(), filter: fields.u32() };
  },

  encodeResponse: encodeOutput,
  decodeResponse: (message) => decodeOutput(message, 'CHANGE_NOTIFY response'),
};
