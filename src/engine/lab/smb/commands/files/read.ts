import { Buffer } from 'node:buffer';
import { encodeReadHead, READ } from '../../../../net/smb/codec/files/read.ts';
import { ACCESS } from '../../../../net/smb/codec/protocol/constants.ts';
import { SERVER_STATUS as STATUS } from '../../contract/server-status.ts';
import { StatusError } from '../../contract/status-error.ts';
import { requireAccess } from '../../files/access-masks.ts';
import { contentsOf } from '../../files/contents-of.ts';
import { statusOfSystem } from '../../shares/locate.ts';
import type { Handler } from '../contract/request.ts';
import { checkAlignment } from './alignment.ts';

export const read: Handler = async ({ message, openOf, negotiated }) => {
  const { length, offset, fileId, minimum } = READ.decodeRequest(message);
  const open = openOf(fileId);
  requireAccess(open.access, ACCESS.readData, ACCESS.execute);
  if (length > negotiated.maxBytes) throw new StatusError(STATUS.invalidParameter);
  if (open.shared !== undefined) {
    const data = await open.shared.read(offset, length);
    return { body: [encodeReadHead(data.length), data], fileId };
  }
  const handle = contentsOf(open);
  const place = checkAlignment(open, offset, length);
  if (open.node?.locks.blocks(open, offset, BigInt(length), false) === true) {
    throw new StatusError(STATUS.fileLockConflict);
  }
  // A long read at the end of a short file must not take the memory of a long answer.
  const { size } = await handle.stat();
  const most = Math.max(0, Math.min(length, size - place));
  const data = Buffer.allocUnsafe(most);
  let filled = 0;
  while (filled < most) {
    const { bytesRead } = await handle
      .read(data, filled, most - filled, place + filled)
      .catch((error: unknown) => {
        throw new StatusError(statusOfSystem(error));
      });
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  if ((filled === 0 && length > 0) || filled < minimum) throw new StatusError(STATUS.endOfFile);
  return { body: [encodeReadHead(filled), data.subarray(0, filled)], fileId };
};
