import type { BigIntStats } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import {
  ACCESS,
  ATTRIBUTE,
  CREATE_ACTION,
  CREATE_OPTION,
  DISPOSITION,
} from '../../../net/smb/codec/protocol/constants.ts';
import type { CreateRequest } from '../../../net/smb/codec/files/create.ts';
import { USE } from '../../files/file-shares.ts';
import { SERVER_STATUS as STATUS } from '../contract/server-status.ts';
import { StatusError } from '../contract/status-error.ts';
import { locate, locateOrLink, statusOfSystem, type Located } from '../shares/locate.ts';
import type { Share } from '../shares/share.ts';
import { parseShareName } from '../shares/share-names.ts';
import { grantAccess, usesOf } from './access-masks.ts';
import { isReadOnly } from './file-times.ts';
import { mostAccess } from './most-access.ts';
import type { Open } from './open.ts';
import { openContents, type Volume } from './volume.ts';

export interface Opened {
  readonly open: Open;
  /** CreateAction of the answer. */
  readonly action: number;
  readonly stats: BigIntStats;
  /** Access that the account could have had. */
  readonly most: number;
}

const { overwrite, overwriteIf, supersede, create: createNew, open: openOld } = DISPOSITION;
const REPLACES: readonly number[] = [overwrite, overwriteIf, supersede];

/** Opens or creates a file or folder (MS-FSA 2.1.5.1). Throws the status that Windows answers. */
export function openFile(
  volume: Volume,
  share: Share,
  request: CreateRequest,
  dialect: number,
): Promise<Opened> {
  checkOptions(request);
  const { parts, stream } = parseShareName(request.name);
  if (stream !== undefined) {
    // The volume has no named streams: none is found, none can be made.
    const only = request.disposition === openOld || request.disposition === overwrite;
    throw new StatusError(only ? STATUS.objectNameNotFound : STATUS.objectNameInvalid);
  }
  return volume.inTurn(async () => {
    volume.enter();
    try {
      const opened = await openLocated(volume, share, request, { parts, dialect });
      // The root of a drive is not closed as a file.
      if (opened.open.node === undefined) volume.leave();
      return opened;
    } catch (error) {
      volume.leave();
      throw error;
    }
  });
}

async function openLocated(
  volume: Volume,
  share: Share,
  request: CreateRequest,
  { parts, dialect }: { readonly parts: readonly string[]; readonly dialect: number },
): Promise<Opened> {
  const itself = (request.options & CREATE_OPTION.openReparsePoint) !== 0;
  const find = itself ? locateOrLink : locate;
  const found = await find(share, parts, volume.realPath, dialect);
  if (found.kind === 'missing') return createFile(volume, share, request, found.local);
  if (request.disposition === createNew) throw new StatusError(STATUS.objectNameCollision);
  return openExisting(volume, share, request, found);
}

function checkOptions({ options, disposition, shareAccess, impersonation }: CreateRequest): void {
  const both = CREATE_OPTION.directory | CREATE_OPTION.nonDirectory;
  if ((options & both) === both || disposition > overwriteIf || shareAccess > USE.all) {
    throw new StatusError(STATUS.invalidParameter);
  }
  if ((options & CREATE_OPTION.directory) !== 0 && REPLACES.includes(disposition)) {
    throw new StatusError(STATUS.invalidParameter);
  }
  if (impersonation > 3) throw new StatusError(STATUS.badImpersonationLevel);
}

async function createFile(
  volume: Volume,
  share: Share,
  request: CreateRequest,
  local: string,
): Promise<Opened> {
  const { disposition, options, shareAccess } = request;
  if (disposition === openOld || disposition === overwrite) {
    throw new StatusError(STATUS.objectNameNotFound);
  }
  const most = mostAccess(share, undefined);
  const access = grantAccess(request.access, most);
  if (share.readOnly === true) throw new StatusError(STATUS.accessDenied);
  requireRemovable(request, access);
  const folder = (options & CREATE_OPTION.directory) !== 0;
  let handle: FileHandle | undefined;
  if (folder) {
    await fs.mkdir(local).catch((error: unknown) => {
      throw new StatusError(statusOfSystem(error));
    });
  } else {
    handle = await openContents(local, { writes: true, creates: true });
    if ((request.attributes & ATTRIBUTE.readOnly) !== 0) await handle.chmod(0o444);
  }
  const stats = await fs.lstat(local, { bigint: true });
  const release = volume.shares.claim(local, { uses: usesOf(access), shares: shareAccess });
  const open = newOpen(volume, request, { local, folder, access, handle, release });
  return { open, action: CREATE_ACTION.created, stats, most };
}

async function openExisting(
  volume: Volume,
  share: Share,
  request: CreateRequest,
  found: Exclude<Located, { readonly kind: 'missing' }>,
): Promise<Opened> {
  const { disposition, options, shareAccess } = request;
  const most = mostAccess(share, found);
  const replaces = REPLACES.includes(disposition);
  const folder = found.kind === 'folder' || found.kind === 'virtual';
  if (!folder && (options & CREATE_OPTION.directory) !== 0) {
    throw new StatusError(STATUS.notADirectory);
  }
  if (found.kind === 'link' && replaces) throw new StatusError(STATUS.accessDenied);
  if (folder) {
    const contents = (options & CREATE_OPTION.nonDirectory) !== 0;
    if (contents || replaces) throw new StatusError(STATUS.fileIsADirectory);
  }
  if (found.kind === 'virtual') return openVirtual(volume, share, request, { found, most });
  const { local, real } = found;
  const node = volume.nodes.find(local);
  if (node?.deletePending === true) throw new StatusError(STATUS.deletePending);
  const access = grantAccess(request.access, most);
  requireRemovable(request, access, found.stats);
  if (replaces && (share.readOnly === true || isReadOnly(found.stats))) {
    throw new StatusError(STATUS.accessDenied);
  }
  const uses = usesOf(access);
  // Replacing the contents is a write, even if the open itself cannot write.
  const claimed = { uses: replaces ? uses | USE.write : uses, shares: shareAccess };
  if (volume.shares.conflicts(local, claimed)) throw new StatusError(STATUS.sharingViolation);
  const release = volume.shares.claim(local, { uses, shares: shareAccess });
  let handle: FileHandle | undefined;
  try {
    const contents = (uses & (USE.read | USE.write)) !== 0 || replaces;
    if (!folder && contents) {
      const writes = replaces || (uses & USE.write) !== 0;
      handle = await openContents(real, { writes, creates: false });
      if (replaces) await handle.truncate(0);
    }
    const stats = replaces ? await fs.lstat(real, { bigint: true }) : found.stats;
    const open = newOpen(volume, request, { local, folder, access, handle, release });
    return { open, action: actionOf(disposition), stats, most };
  } catch (error) {
    release();
    await handle?.close();
    throw error instanceof StatusError ? error : new StatusError(statusOfSystem(error));
  }
}

/** An open that removes its file when it is closed needs the right to, and never removes a share's root. */
function requireRemovable(
  { options, name }: CreateRequest,
  access: number,
  stats?: BigIntStats,
): void {
  if ((options & CREATE_OPTION.deleteOnClose) === 0) return;
  if ((access & ACCESS.delete) === 0 || name === '') throw new StatusError(STATUS.accessDenied);
  if (stats !== undefined && isReadOnly(stats)) throw new StatusError(STATUS.cannotDelete);
}

/** Opens the root of a drive, which exists only as a name: nothing can be made or removed there. */
function openVirtual(
  volume: Volume,
  share: Share,
  request: CreateRequest,
  { found, most }: { found: Extract<Located, { readonly kind: 'virtual' }>; most: number },
): Opened {
  const access = grantAccess(request.access, most);
  const id = volume.nextId();
  const open: Open = {
    ...emptyOpen(request, access),
    id: { persistent: id, volatile: id },
    kind: 'virtual',
    node: undefined,
    handle: undefined,
    release: () => undefined,
    entries: found.entries,
    standIn: share.local,
  };
  return { open, action: CREATE_ACTION.opened, stats: found.stats, most };
}

interface Parts {
  readonly local: string;
  readonly folder: boolean;
  readonly access: number;
  readonly handle: FileHandle | undefined;
  readonly release: () => void;
}

function newOpen(volume: Volume, request: CreateRequest, parts: Parts): Open {
  const { local, folder, access, handle, release } = parts;
  const node = volume.nodes.of(local);
  const id = volume.nextId();
  const open: Open = {
    ...emptyOpen(request, access),
    id: { persistent: id, volatile: id },
    kind: folder ? 'folder' : 'file',
    node,
    handle,
    release,
    entries: [],
    standIn: undefined,
  };
  node.opens.add(open);
  return open;
}

/** Returns the state of a new open, without its place. */
export const emptyOpen = ({ name, options }: CreateRequest, access: number) => ({
  name,
  access,
  options,
  deleteOnClose: (options & CREATE_OPTION.deleteOnClose) !== 0,
  position: 0n,
  cursor: undefined,
  watch: undefined,
  durable: undefined,
  closing: new AbortController(),
});

function actionOf(disposition: number): number {
  if (disposition === supersede) return CREATE_ACTION.superseded;
  return REPLACES.includes(disposition) ? CREATE_ACTION.overwritten : CREATE_ACTION.opened;
}
