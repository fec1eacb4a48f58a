import { CREATE } from '../../../../src/engine/net/smb/codec/files/create.ts';
import { CLOSE } from '../../../../src/engine/net/smb/codec/files/close.ts';
import { READ } from '../../../../src/engine/net/smb/codec/files/read.ts';
import { WRITE } from '../../../../src/engine/net/smb/codec/files/write.ts';
import { IOCTL } from '../../../../src/engine/net/smb/codec/files/ioctl.ts';
import { NEGOTIATE } from '../../../../src/engine/net/smb/codec/session/negotiate.ts';
import { SESSION_SETUP } from '../../../../src/engine/net/smb/codec/session/session-setup.ts';
import { TREE_CONNECT } from '../../../../src/engine/net/smb/codec/session/tree-connect.ts';
import { QUERY_DIRECTORY } from '../../../../src/engine/net/smb/codec/queries/query-directory.ts';
import { CHANGE_NOTIFY } from '../../../../src/engine/net/smb/codec/queries/change-notify.ts';
import { QUERY_INFO } from '../../../../src/engine/net/smb/codec/queries/query-info.ts';
import type { SmbCommand } from '../../../../src/engine/net/smb/codec/protocol/command.ts';
import {
  createContextNames,
  facts,
  fid,
  negotiateContexts,
  time,
  type Fields,
  type Reader,
} from './field-values.ts';

function response<Response>(
  command: Pick<SmbCommand<unknown, Response>, 'name' | 'decodeResponse'>,
  fields: (value: Response) => Fields,
): readonly [name: string, reader: Reader] {
  return [command.name, (message) => fields(command.decodeResponse(message))];
}

/** Fields of responses that have any. */
export const RESPONSES: ReadonlyMap<string, Reader> = new Map([
  response(NEGOTIATE, (response) => ({
    'smb2.sec_mode': response.securityMode,
    'smb2.dialect': response.dialect,
    'smb2.server_guid': response.serverGuid,
    'smb2.capabilities': response.capabilities,
    'smb2.max_trans_size': response.maxTransact,
    'smb2.max_read_size': response.maxRead,
    'smb2.max_write_size': response.maxWrite,
    'smb2.current_time': time(response.systemTime),
    'smb2.boot_time': time(response.startTime),
    'smb2.security_blob': response.token,
    'smb2.negotiate_context.count': response.contexts.length,
    ...negotiateContexts(response.contexts),
  })),
  response(SESSION_SETUP, ({ flags, token }) => ({
    'smb2.session_flags': flags,
    'smb2.security_blob': token.length === 0 ? [] : token,
  })),
  response(TREE_CONNECT, ({ shareType, shareFlags, capabilities, maximalAccess }) => ({
    'smb2.share_type': shareType,
    'smb2.share_flags': shareFlags,
    'smb2.share_caps': capabilities,
    'smb.access_mask': maximalAccess,
  })),
  response(CREATE, ({ oplock, flags, action, facts: file, fileId, contexts }) => ({
    'smb2.create.oplock': oplock,
    'smb2.create.rep_flags': flags,
    'smb2.create.action': action,
    ...facts(file),
    ...fid(fileId),
    ...createContextNames(contexts),
  })),
  response(CLOSE, ({ flags, facts: file }) => ({ 'smb2.close.flags': flags, ...facts(file) })),
  response(READ, ({ data }) => ({ 'smb2.olb.length': data.length, 'smb2.read.blob': data })),
  response(WRITE, ({ count }) => ({ 'smb2.write.count': count })),
  response(IOCTL, ({ code, fileId, output }) => ({
    'smb2.ioctl.function': code,
    'smb2.olb.length': [0, output.length].sort((a, b) => a - b),
    ...fid(fileId),
  })),
  response(QUERY_INFO, ({ output }) => ({ 'smb2.olb.length': output.length })),
  response(CHANGE_NOTIFY, ({ output }) => ({ 'smb2.olb.length': output.length })),
  response(QUERY_DIRECTORY, ({ output }) => ({
    'smb2.olb.length': output.length,
    'smb2.find.info_blob': output,
  })),
]);
