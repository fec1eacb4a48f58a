import { WRITE } from '../../../../net/smb/codec/files/write.ts';
import { ACCESS, CREATE_OPTION } from '../../../../net/smb/codec/protocol/constants.ts';
import { SERVER_STATUS as STATUS } from '../../contract/server-status.ts';
import { StatusError } from '../../contract/status-error.ts';
import { requireAccess } from '../../files/access-masks.ts';
import { contentsOf } from '../../files/contents-of.ts';
import { statusOfSystem } from '../../shares/locate.ts';
import type { Handler } from '../contract/request.ts';
import { checkAlignment } from './alignment.ts';

const WRITE_THROUGH = 1;
/** Offset that means the end of the file, for opens that may only append. */
const AT_END = 0xffff_ffff_ffff_ffffn;

export const write: Handler = async ({ message, openOf, negotiated, server }) => {
  const { offset, fileId, flags, data } = WRITE.decodeRequest(message);
  const open = openOf(fileId);
  requireAccess(open.access, ACCESS.writeData, ACCESS.appendData);
  if (data.length > negotiated.maxBytes) throw new StatusError(STATUS.invalidParameter);
  if (open.shared !== undefined) {
    await open.shared.write(offset, data);
    return { body: [WRITE.encodeResponse({ count: data.length })], fileId };
  }
  const handle = contentsOf(open);
  const { size } = await handle.stat();
  const start = offset === AT_END ? BigInt(size) : offset;
  const place = checkAlignment(open, start, data.length);
  const appendOnly = (open.access & ACCESS.writeData) === 0;
  if (appendOnly && place < size) throw new StatusError(STATUS.accessDenied);
  if (open.node?.locks.blocks(open, start, BigInt(data.length), true) === true) {
    throw new StatusError(STATUS.fileLockConflict);
  }
  const grows = place + data.length - size;
  if (grows > 0 && grows > (server.host.faults.space() ?? grows)) {
    throw new StatusError(STATUS.diskFull);
  }
  try {
    for (let at = 0; at < data.length;) {
      const { bytesWritten } = await handle.write(data, at, data.length - at, place + at);
      at += bytesWritten;
    }
    const through = (flags & WRITE_THROUGH) !== 0;
    if (through || (open.options & CREATE_OPTION.writeThrough) !== 0) await handle.datasync();
  } catch (error) {
    throw new StatusError(statusOfSystem(error));
  }
  return { body: [WRITE.encodeResponse({ count: data.length })], fileId };
};
