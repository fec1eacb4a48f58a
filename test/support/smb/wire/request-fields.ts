import { CREATE } from '../../../../src/engine/net/smb/codec/files/create.ts';
import { CLOSE } from '../../../../src/engine/net/smb/codec/files/close.ts';
import { FLUSH } from '../../../../src/engine/net/smb/codec/files/flush.ts';
import { READ } from '../../../../src/engine/net/smb/codec/files/read.ts';
import { WRITE } from '../../../../src/engine/net/smb/codec/files/write.ts';
import { LOCK } from '../../../../src/engine/net/smb/codec/files/lock.ts';
import { IOCTL } from '../../../../src/engine/net/smb/codec/files/ioctl.ts';
import { NEGOTIATE } from '../../../../src/engine/net/smb/codec/session/negotiate.ts';
import { SESSION_SETUP } from '../../../../src/engine/net/smb/codec/session/session-setup.ts';
import { TREE_CONNECT } from '../../../../src/engine/net/smb/codec/session/tree-connect.ts';
import { QUERY_DIRECTORY } from '../../../../src/engine/net/smb/codec/queries/query-directory.ts';
import { CHANGE_NOTIFY } from '../../../../src/engine/net/smb/codec/queries/change-notify.ts';
import { QUERY_INFO } from '../../../../src/engine/net/smb/codec/queries/query-info.ts';
import { SET_INFO } from '../../../../src/engine/net/smb/codec/queries/set-info.ts';
import type { SmbCommand } from '../../../../src/engine/net/smb/codec/protocol/command.ts';
import {
  createContextNames,
  fid,
  infoLevel,
  negotiateContexts,
  type Fields,
  type Reader,
} from './field-values.ts';

function request<Request>(
  command: Pick<SmbCommand<Request, unknown>, 'name' | 'decodeRequest'>,
  fields: (value: Request) => Fields,
): readonly [name: string, reader: Reader] {
  return [command.name, (message) => fields(command.decodeRequest(message))];
}

/** Fields of requests that have any. */
export const REQUESTS: ReadonlyMap<string, Reader> = new Map([
  request(NEGOTIATE, ({ securityMode, capabilities, clientGuid, dialects, contexts }) => ({
    'smb2.dialect_count': dialects.length,
    'smb2.dialect': dialects,
    'smb2.sec_mode': securityMode,
    'smb2.capabilities': capabilities,
    'smb2.client_guid': clientGuid,
    'smb2.negotiate_context.count': contexts.length,
    ...negotiateContexts(contexts),
  })),
  request(SESSION_SETUP, ({ flags, securityMode, capabilities, previousSessionId, token }) => ({
    'smb2.ses_req_flags': flags,
    'smb2.sec_mode': securityMode,
    'smb2.capabilities': capabilities,
    'smb2.previous_sesid': previousSessionId,
    'smb2.security_blob': token,
  })),
  request(TREE_CONNECT, ({ flags, path }) => ({ 'smb2.tc.flags': flags, 'smb2.tree': path })),
  request(CREATE, (request) => ({
    'smb2.create.oplock': request.oplock,
    'smb2.impersonation.level': request.impersonation,
    'smb.access_mask': request.access,
    'smb2.file_attribute': request.attributes,
    'smb.share_access': request.shareAccess,
    'smb2.create.disposition': request.disposition,
    'smb.create_options': request.options,
    'smb2.filename': request.name,
    ...createContextNames(request.contexts),
  })),
  request(CLOSE, ({ flags, fileId }) => ({ 'smb2.close.flags': flags, ...fid(fileId) })),
  request(FLUSH, ({ fileId }) => fid(fileId)),
  request(READ, ({ flags, length, offset, fileId, minimum }) => ({
    'smb2.read_flags': flags,
    'smb2.read_length': length,
    'smb2.file_offset': offset,
    'smb2.min_count': minimum,
    ...fid(fileId),
  })),
  request(WRITE, ({ offset, fileId, flags, data }) => ({
    'smb2.write_length': data.length,
    'smb2.file_offset': offset,
    'smb2.write.flags': flags,
    ...fid(fileId),
  })),
  request(LOCK, ({ sequence, fileId, locks }) => ({
    'smb2.lock_count': locks.length,
    'smb2.lock_sequence': sequence,
    ...fid(fileId),
  })),
  request(IOCTL, ({ code, fileId, input, maxInputResponse, maxOutputResponse, flags }) => ({
    'smb2.ioctl.function': code,
    'smb2.max_ioctl_in_size': maxInputResponse,
    'smb2.max_ioctl_out_size': maxOutputResponse,
    'smb2.ioctl.flags': flags,
    // Those of the input and of the output, in the order of their places.
    'smb2.olb.length': [0, input.length].sort((a, b) => a - b),
    ...fid(fileId),
  })),
  request(QUERY_DIRECTORY, ({ infoClass, flags, index, fileId, pattern, maxOutput }) => ({
    'smb2.find.infolevel': infoClass,
    'smb2.find.flags': flags,
    'smb2.file_index': index,
    'smb2.find.pattern': pattern,
    'smb2.output_buffer_len': maxOutput,
    ...fid(fileId),
  })),
  request(CHANGE_NOTIFY, ({ flags, maxOutput, fileId, filter }) => ({
    'smb2.notify.flags': flags,
    'smb2.output_buffer_len': maxOutput,
    'smb2.notify.filter': filter,
    ...fid(fileId),
  })),
  request(QUERY_INFO, ({ infoType, infoClass, maxOutput, additional, flags, fileId, input }) => ({
    ...infoLevel(infoType, infoClass),
    'smb2.max_response_size': maxOutput,
    'smb2.getsetinfo_additional': additional,
    'smb2.getinfo_flags': flags,
    'smb2.getinfo_input_size': input.length,
    ...fid(fileId),
  })),
  request(SET_INFO, ({ infoType, infoClass, additional, fileId, input }) => ({
    ...infoLevel(infoType, infoClass),
    'smb2.getsetinfo_additional': additional,
    'smb2.setinfo_size': input.length,
    ...fid(fileId),
  })),
]);
