import { ACCESS } from '../../../../net/smb/codec/protocol/constants.ts';
import { Fields } from '../../../../net/smb/codec/protocol/fields.ts';
import { FILE_CLASS, INFO_TYPE } from '../../../../net/smb/codec/queries/query-info.ts';
import { SET_INFO } from '../../../../net/smb/codec/queries/set-info.ts';
import { SERVER_STATUS as STATUS } from '../../contract/server-status.ts';
import { StatusError } from '../../contract/status-error.ts';
import { requireAccess } from '../../files/access-masks.ts';
import { contentsOf } from '../../files/contents-of.ts';
import { isReadOnly } from '../../files/file-times.ts';
import type { Open } from '../../files/open.ts';
import { renameOpen } from '../../files/rename.ts';
import { setBasic } from '../../files/set-basic.ts';
import { statsOfOpen } from '../../files/stats-of-open.ts';
import { statusOfSystem } from '../../shares/locate.ts';
import type { Handler, SmbRequest } from '../contract/request.ts';

const MAX_RENAME_BYTES = 0xffff;
const LINK = 11;

type Setter = (open: Open, input: Fields, request: SmbRequest) => Promise<void>;

const setters: Readonly<Record<number, Setter>> = {
  async [FILE_CLASS.basic](open, input, { server }) {
    requireAccess(open.access, ACCESS.writeAttributes);
    const [creation, access, write] = [input.u64(), input.u64(), input.u64()];
    const attributes = input.skip(8).u32();
    await setBasic(open, server.volume, { creation, access, write, attributes });
  },

  async [FILE_CLASS.rename](open, input, { server, tree, negotiated }) {
    const replace = input.u8() !== 0;
    const root = input.skip(7).u64();
    const length = input.u32();
    // RootDirectory is always zero over the network.
    if (root !== 0n || length === 0 || length > MAX_RENAME_BYTES || tree.share === undefined) {
      throw new StatusError(STATUS.invalidParameter);
    }
    const name = input.utf16(length, 'the name');
    const { dialect } = negotiated;
    await renameOpen(server.volume, tree.share, open, { name, replace }, dialect);
  },

  async [FILE_CLASS.disposition](open, input, { server }) {
    requireAccess(open.access, ACCESS.delete);
    const removes = input.u8() !== 0;
    if (removes) {
      await server.volume.requireRemovable(open);
      const stats = await statsOfOpen(open, server.volume);
      if (isReadOnly(stats)) throw new StatusError(STATUS.cannotDelete);
    }
    if (open.node !== undefined) open.node.deletePending = removes;
    open.deleteOnClose = false;
  },

  async [FILE_CLASS.position](open, input) {
    open.position = input.u64();
  },

  async [FILE_CLASS.mode](_, input) {
    input.u32();
  },

  async [FILE_CLASS.allocation](open, input) {
    requireAccess(open.access, ACCESS.writeData);
    const size = input.size('AllocationSize');
    const handle = contentsOf(open);
    // Space is not set aside; a smaller allocation cuts the file (MS-FSA 2.1.5.14.1).
    if (size < (await handle.stat()).size) await handle.truncate(size);
  },

  async [FILE_CLASS.endOfFile](open, input) {
    requireAccess(open.access, ACCESS.writeData);
    await contentsOf(open).truncate(input.size('EndOfFile'));
  },
};

/** SET_INFO (MS-SMB2 3.3.5.21). */
export const setInfo: Handler = async (request) => {
  const { infoType, infoClass, fileId, input } = SET_INFO.decodeRequest(request.message);
  const open = request.openOf(fileId);
  if (infoType !== INFO_TYPE.file) {
    const known = Object.values<number>(INFO_TYPE).includes(infoType);
    throw new StatusError(known ? STATUS.notSupported : STATUS.invalidParameter);
  }
  if (open.shared !== undefined) {
    if (infoClass === FILE_CLASS.rename) throw new StatusError(STATUS.notSupported);
    if (infoClass === LINK) throw new StatusError(STATUS.invalidParameter);
  }
  if (infoClass === FILE_CLASS.ea) throw new StatusError(STATUS.easNotSupported);
  if (infoClass === LINK) throw new StatusError(STATUS.notSupported);
  const setter = Object.hasOwn(setters, infoClass) ? setters[infoClass] : undefined;
  if (setter === undefined) throw new StatusError(STATUS.invalidInfoClass);
  const minimum = MINIMUM[infoClass] ?? 0;
  if (input.length < minimum) throw new StatusError(STATUS.infoLengthMismatch);
  try {
    await setter(open, new Fields(input, 'SET_INFO input', 'smb.request', 0), request);
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw new StatusError(statusOfSystem(error));
    throw error;
  }
  return { body: [SET_INFO.encodeResponse({})], fileId };
};

/** Bytes of the fixed part of each class. */
const MINIMUM: Readonly<Record<number, number>> = {
  [FILE_CLASS.basic]: 36,
  [FILE_CLASS.rename]: 20,
  [FILE_CLASS.disposition]: 1,
  [FILE_CLASS.position]: 8,
  [FILE_CLASS.mode]: 4,
  [FILE_CLASS.allocation]: 8,
  [FILE_CLASS.endOfFile]: 8,
};
