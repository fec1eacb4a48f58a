import { FSCTL, IOCTL, IS_FSCTL } from '../../../../net/smb/codec/files/ioctl.ts';
import { NO_FILE, sameFileId } from '../../../../net/smb/codec/protocol/file-id.ts';
import { SERVER_STATUS as STATUS } from '../../contract/server-status.ts';
import { StatusError } from '../../contract/status-error.ts';
import type { Handler } from '../contract/request.ts';
import { allocatedRanges, setSparse, zeroData } from './sparse-controls.ts';
import { validateNegotiate } from './validate-control.ts';

/** No previous versions: u32 number of them, u32 number of those returned, u32 bytes of the list. */
const NO_SNAPSHOTS = Buffer.alloc(16);
NO_SNAPSHOTS.writeUInt32LE(2, 8);

/** IOCTL (MS-SMB2 3.3.5.15). Controls that the lab does not have answer as a Windows volume without them. */
export const ioctl: Handler = async (request) => {
  const control = IOCTL.decodeRequest(request.message);
  const { code, fileId, input, flags, maxOutputResponse: most } = control;
  if (flags !== IS_FSCTL) throw new StatusError(STATUS.notSupported);
  const { maxBytes } = request.negotiated;
  if (input.length > maxBytes || most > maxBytes || control.maxInputResponse > maxBytes) {
    throw new StatusError(STATUS.invalidParameter);
  }
  const answer = (output: Buffer, status = 0) => ({
    status,
    body: [IOCTL.encodeResponse({ code, fileId, output })],
    fileId,
  });
  switch (code) {
    case FSCTL.validateNegotiateInfo:
      return answer(validateNegotiate(request, input, most));
    case FSCTL.dfsGetReferrals:
    case FSCTL.dfsGetReferralsEx:
      // Not a server of DFS.
      throw new StatusError(STATUS.fsDriverRequired);
    case FSCTL.queryNetworkInterfaces:
      // One connection per session.
      throw new StatusError(STATUS.notSupported);
    default:
  }
  if (sameFileId(fileId, NO_FILE) && request.tree.share === undefined) {
    throw new StatusError(STATUS.invalidDeviceRequest);
  }
  const open = request.openOf(fileId);
  const disks = request.server.host.sharedDisks;
  if (open.shared !== undefined) {
    const { signal, pend } = request;
    const shared = await open.shared.control({ code, input, most, signal, pend });
    if (shared !== undefined) return answer(shared);
  } else if (code === FSCTL.querySharedVirtualDiskSupport) {
    return answer(disks.support(open.node?.local, most, request.tree.share));
  }
  switch (code) {
    case FSCTL.setSparse:
      setSparse(open);
      return answer(Buffer.alloc(0));
    case FSCTL.setZeroData:
      await zeroData(open, input);
      return answer(Buffer.alloc(0));
    case FSCTL.queryAllocatedRanges: {
      const { output, more } = await allocatedRanges(open, input, most);
      return answer(output, more ? STATUS.bufferOverflow : 0);
    }
    case FSCTL.enumerateSnapshots:
      if (most < NO_SNAPSHOTS.length) throw new StatusError(STATUS.invalidParameter);
      return answer(NO_SNAPSHOTS);
    case FSCTL.getReparsePoint:
      throw new StatusError(STATUS.notAReparsePoint);
    default:
      throw new StatusError(STATUS.invalidDeviceRequest);
  }
};
