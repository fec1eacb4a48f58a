import { Buffer } from 'node:buffer';
import { ACCESS } from '../../../../net/smb/codec/protocol/constants.ts';
import { FILE_CLASS, INFO_TYPE, QUERY_INFO } from '../../../../net/smb/codec/queries/query-info.ts';
import { written } from '../../../../net/smb/codec/protocol/body.ts';
import { SERVER_STATUS as STATUS } from '../../contract/server-status.ts';
import { StatusError } from '../../contract/status-error.ts';
import { requireAccess } from '../../files/access-masks.ts';
import { statsOfOpen } from '../../files/stats-of-open.ts';
import type { Handler, Reply } from '../contract/request.ts';
import { fileForm, type Form } from './file-forms.ts';
import { fileSystemForm } from './file-system-forms.ts';
import { securityDescriptor } from './security-form.ts';

/** Classes that need the right to read attributes (MS-FSA 2.1.5.12). */
const OF_ATTRIBUTES: readonly number[] = [
  FILE_CLASS.basic,
  FILE_CLASS.all,
  FILE_CLASS.networkOpen,
  FILE_CLASS.attributeTag,
];

/** Classes that the disk answers instead of its file (MS-RSVD 3.2.5.8). */
const OF_DISK: readonly number[] = [
  FILE_CLASS.standard,
  FILE_CLASS.networkOpen,
  FILE_CLASS.endOfFile,
];

/** QUERY_INFO (MS-SMB2 3.3.5.20). */
export const queryInfo: Handler = async (request) => {
  const query = QUERY_INFO.decodeRequest(request.message);
  const { infoType, infoClass, maxOutput, fileId } = query;
  const open = request.openOf(fileId);
  if (maxOutput > request.negotiated.maxBytes) throw new StatusError(STATUS.invalidParameter);
  switch (infoType) {
    case INFO_TYPE.file: {
      if (OF_ATTRIBUTES.includes(infoClass)) requireAccess(open.access, ACCESS.readAttributes);
      const stats = await statsOfOpen(open, request.server.volume);
      if (open.shared !== undefined) stats.size = BigInt(await open.shared.size());
      const form = fileForm(infoClass, open, stats);
      const isShort = maxOutput < form.fixed && open.shared !== undefined;
      if (isShort && OF_DISK.includes(infoClass)) throw new StatusError(STATUS.bufferTooSmall);
      return { ...fit(form, maxOutput), fileId };
    }
    case INFO_TYPE.fileSystem:
      return { ...fit(await fileSystemForm(infoClass, request), maxOutput), fileId };
    case INFO_TYPE.security: {
      requireAccess(open.access, ACCESS.readControl);
      const output = securityDescriptor(query.additional);
      if (output.length > maxOutput) {
        const needed = written(4, (to) => to.u32(output.length));
        throw new StatusError(STATUS.bufferTooSmall, needed);
      }
      return { body: [QUERY_INFO.encodeResponse({ output })], fileId };
    }
    case INFO_TYPE.quota:
      throw new StatusError(STATUS.notSupported);
    default:
      throw new StatusError(STATUS.invalidParameter);
  }
};

/** Cuts an answer to the buffer of the client; the status tells (MS-SMB2 3.3.5.20.1). */
function fit({ bytes, fixed }: Form, most: number): Reply {
  if (most < fixed) throw new StatusError(STATUS.infoLengthMismatch);
  const output = Buffer.from(bytes.subarray(0, most));
  const body = [QUERY_INFO.encodeResponse({ output })];
  return bytes.length > most ? { status: STATUS.bufferOverflow, body } : { body };
}
