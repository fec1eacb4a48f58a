import type { Guid } from '../../../../base/guid.ts';
import { NIL_GUID } from '../../../../base/guid.ts';
import { isEngineError } from '../../../../base/errors.ts';
import {
  decodeDeviceContext,
  DEVICE_CONTEXT,
  encodeDeviceContext,
  ORIGINATOR,
} from '../../codec/open/device-context.ts';
import { encodeTargetSpecifier } from '../../codec/open/target-specifier.ts';
import { SNAPSHOT_TYPE } from '../../codec/meta/create-snapshot.ts';
import { operationError } from '../../contract/operation-error.ts';
import { rsvdError } from '../../contract/rsvd-errors.ts';
import { closeFile, OPEN, openFile, pathOf } from '../../../smb/client/files/open-file.ts';
import type { SmbTree } from '../../../smb/client/session/smb-tree.ts';
import { joined } from '../../../smb/client/wire/pieces.ts';
import { findCreateContext } from '../../../smb/codec/files/create-context-kinds.ts';
import type { CreateContext } from '../../../smb/codec/files/create-contexts.ts';
import { CREATE, IMPERSONATION, type CreateResponse } from '../../../smb/codec/files/create.ts';
import {
  ACCESS,
  CREATE_OPTION,
  DIALECT,
  DISPOSITION,
  OPLOCK,
  SHARE_ACCESS,
} from '../../../smb/codec/protocol/constants.ts';
import { STATUS } from '../../../smb/status/nt-status.ts';
import { sharedOpenWords } from '../record/open-words.ts';
import { RsvdHandle } from './rsvd-handle.ts';

/** End of a name that means the disk of a file. Such a name is opened, never created. */
const SUFFIX = ':SharedVirtualDisk';
const READ = ACCESS.readData | ACCESS.readAttributes | ACCESS.readControl;
/** Access that Windows asks for; whether a server accepts less is UNCONFIRMED. */
const USUAL = READ | ACCESS.writeData;

export interface HandleOptions {
  /** The same for all opens of one client: reservations belong to it. */
  readonly initiatorId: Guid;
  readonly hostName: string;
  /** Snapshot that is read; undefined: the disk itself. */
  readonly snapshotId?: Guid | undefined;
  /** Opens a snapshot with the device context beside the attribute. */
  readonly withContext?: boolean;
  /** Whether the same disk is open in a session, so that its file need not be looked up there. */
  readonly isOpenIn?: (tree: SmbTree) => boolean;
}

/**
 * Opens a shared virtual disk, or a snapshot of it. The file is looked up first without the suffix, so
 * that a missing file and a server without shared disks are told apart, and since Windows makes a
 * missing file. Throws `smb.notFound`, `smb.denied`, `rsvd.unsupported`, `rsvd.kind`, `rsvd.busy`.
 * @param name relative to the share, `\` between its parts
 */
export async function openHandle(
  tree: SmbTree,
  name: string,
  options: HandleOptions,
  signal: AbortSignal,
): Promise<RsvdHandle> {
  const path = pathOf(tree, name);
  if (tree.session.connection.negotiated.dialect < DIALECT.smb302) {
    throw unsupported(path, 'the connection has a dialect before SMB 3.0.2');
  }
  if (options.isOpenIn?.(tree) !== true) {
    const file = await openFile(tree, name, OPEN.attributes, signal);
    await closeFile(tree, file.fileId, signal);
  }
  const { snapshotId, withContext = snapshotId === undefined } = options;
  const target =
    snapshotId === undefined
      ? []
      : [encodeTargetSpecifier({ namespace: 0, snapshotType: SNAPSHOT_TYPE.vm, snapshotId })];
  if (!withContext) return openWith(tree, name, 2, target, signal);
  try {
    return await openWith(tree, name, 2, [...target, contextOf(2, options)], signal);
  } catch (error) {
    // A server of version 1 rejects the context of version 2.
    const isOld =
      isEngineError(error, 'rsvd.failed') && error.data['status'] === STATUS.invalidParameter;
    if (!isOld || snapshotId !== undefined) throw error;
    return openWith(tree, name, 1, [contextOf(1, options)], signal);
  }
}

const contextOf = (version: 1 | 2, { initiatorId, hostName }: HandleOptions): CreateContext =>
  encodeDeviceContext({
    version,
    hasInitiator: initiatorId === NIL_GUID ? 0 : 1,
    initiatorId,
    flags: 0,
    originator: ORIGINATOR.disk,
    requestId: 0n,
    hostName,
    disk: undefined,
  });

async function openWith(
  tree: SmbTree,
  name: string,
  version: 1 | 2,
  contexts: readonly CreateContext[],
  signal: AbortSignal,
): Promise<RsvdHandle> {
  const path = pathOf(tree, name);
  const { fileId, contexts: answered } = await create(tree, name, contexts, signal);
  try {
    const data = findCreateContext(answered, DEVICE_CONTEXT);
    const asked = contexts.some((each) => each.name === DEVICE_CONTEXT);
    // A server with streams of files opens the stream that the suffix names.
    if (data === undefined && asked)
      throw unsupported(path, 'the server opened a stream of the file');
    const disk = data === undefined ? undefined : decodeDeviceContext(data, 'smb.answer').disk;
    return new RsvdHandle({ tree, fileId, path, version, disk });
  } catch (error) {
    await closeFile(tree, fileId, signal).catch(() => undefined);
    throw error;
  }
}

/** Opens as Windows does; with less access if the account may not write. */
async function create(
  tree: SmbTree,
  name: string,
  contexts: readonly CreateContext[],
  signal: AbortSignal,
): Promise<CreateResponse> {
  const send = async (access: number) =>
    tree.request(
      CREATE,
      {
        oplock: OPLOCK.none,
        impersonation: IMPERSONATION,
        access,
        attributes: 0,
        shareAccess: SHARE_ACCESS.all,
        disposition: DISPOSITION.open,
        options: CREATE_OPTION.noBuffering,
        name: `${name}${SUFFIX}`,
        contexts,
      },
      signal,
      0,
      undefined,
      sharedOpenWords,
    );
  let answer = await send(USUAL);
  if (answer.header.status === STATUS.accessDenied) answer = await send(READ);
  const { status } = answer.header;
  if (status === 0) return CREATE.decodeResponse(joined(answer.pieces));
  const path = pathOf(tree, name);
  // The file exists: a server without shared disks looks for a stream of it.
  const isUnknown = [STATUS.objectNameNotFound, STATUS.objectNameInvalid].includes(status);
  if (isUnknown) throw unsupported(path, 'the server looks for a stream of the file');
  throw operationError('Opening the disk', path, status);
}

const unsupported = (path: string, why: string): Error =>
  rsvdError('rsvd.unsupported', `${path} cannot be opened as a shared virtual disk: ${why}`, {
    data: { path },
  });
