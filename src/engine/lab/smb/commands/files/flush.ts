import { FLUSH } from '../../../../net/smb/codec/files/flush.ts';
import { ACCESS } from '../../../../net/smb/codec/protocol/constants.ts';
import { requireAccess } from '../../files/access-masks.ts';
import { StatusError } from '../../contract/status-error.ts';
import { statusOfSystem } from '../../shares/locate.ts';
import type { Handler } from '../contract/request.ts';

export const flush: Handler = async ({ message, openOf }) => {
  const { fileId } = FLUSH.decodeRequest(message);
  const open = openOf(fileId);
  requireAccess(open.access, ACCESS.writeData, ACCESS.appendData);
  await open.shared?.flush();
  await open.handle?.sync().catch((error: unknown) => {
    throw new StatusError(statusOfSystem(error));
  });
  return { body: [FLUSH.encodeResponse({})], fileId };
};
