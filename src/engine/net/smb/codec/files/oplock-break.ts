import { Body } from '../protocol/body.ts';
import type { SmbCommand } from '../protocol/command.ts';
import { COMMAND } from '../protocol/constants.ts';
import { Fields } from '../protocol/fields.ts';
import type { FileId } from '../protocol/file-id.ts';

/*
 * OPLOCK_BREAK (MS-SMB2 2.2.23.1, 2.2.24.1, 2.2.25.1): notification, acknowledgment and response have one
 * shape. Breaks of leases, with the sizes 44 and 36, are not supported: no lease is ever asked for.
 *   u16 24, u8 oplock, u8 0, u32 0, file id
 */

const SIZE = 24;

export interface OplockBreak {
  readonly oplock: number;
  readonly fileId: FileId;
}

const encode = ({ oplock, fileId }: OplockBreak) =>
  new Body(SIZE).u8(oplock).u8(0).u32(0).fileId(fileId).done();

function decode(fields: Fields): OplockBreak {
  const oplock = fields.structure(SIZE).u8();
  return { oplock, fileId: fields.skip(5).fileId() };
}

/** The notification has the shape of a response, with the message id of nobody. */
export const OPLOCK_BREAK: SmbCommand<OplockBreak, OplockBreak> = {
  code: COMMAND.oplockBreak,
  name: 'OPLOCK_BREAK',
  encodeRequest: encode,
  decodeRequest: (message) =>
    decode(new Fields(message, 'OPLOCK_BREAK acknowledgment', 'smb.request')),
  encodeResponse: encode,
  decodeResponse: (message) => decode(new Fields(message, 'OPLOCK_BREAK', 'smb.answer')),
};
