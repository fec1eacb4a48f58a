import fs from 'node:fs/promises';
import path from 'node:path';
import { ACCESS } from '../../../net/smb/codec/protocol/constants.ts';
import { USE } from '../../files/file-shares.ts';
import { SERVER_STATUS as STATUS } from '../contract/server-status.ts';
import { StatusError } from '../contract/status-error.ts';
import { locate, statusOfSystem } from '../shares/locate.ts';
import { parseShareName } from '../shares/share-names.ts';
import type { Share } from '../shares/share.ts';
import { requireAccess } from './access-masks.ts';
import type { Open } from './open.ts';
import { isWithin, type Volume } from './volume.ts';

export interface Rename {
  /** Relative to the share. */
  readonly name: string;
  readonly replace: boolean;
}

/** Renames an open file or folder within its share (MS-FSA 2.1.5.14.11). */
export async function renameOpen(
  volume: Volume,
  share: Share,
  open: Open,
  { name, replace }: Rename,
  dialect: number,
): Promise<void> {
  requireAccess(open.access, ACCESS.delete);
  const { parts, stream } = parseShareName(name.replace(/^\\/, ''));
  const { node } = open;
  if (stream !== undefined) throw new StatusError(STATUS.objectNameInvalid);
  if (node === undefined || open.name === '' || parts.length === 0)
    throw new StatusError(STATUS.accessDenied);
  await volume.inTurn(async () => {
    if (node.deletePending) throw new StatusError(STATUS.deletePending);
    const from = node.local;
    const folder = open.kind === 'folder';
    const busy =
      volume.nodes.hasOpenBelow(from, path.sep) || volume.shares.usedBelow(from, path.sep);
    if (folder && busy) throw new StatusError(STATUS.accessDenied);
    const target = await locate(share, parts, volume.realPath, dialect);
    if (target.kind === 'virtual') throw new StatusError(STATUS.accessDenied);
    // The new spelling is the client's, also if only its case differs.
    const to = path.join(path.dirname(target.local), parts.at(-1) as string);
    if (folder && isWithin(from, path.dirname(to))) throw new StatusError(STATUS.invalidParameter);
    const same = target.kind !== 'missing' && target.local === from;
    if (target.kind !== 'missing' && !same) {
      if (!replace) throw new StatusError(STATUS.objectNameCollision);
      requireReplaceable(volume, target.kind, target.local);
    }
    await fs.rename(from, to).catch((error: unknown) => {
      throw new StatusError(statusOfSystem(error));
    });
    if (target.kind !== 'missing' && !same && target.local !== to) {
      await fs.rm(target.local, { force: true });
    }
    volume.shares.move(from, to, path.sep);
    volume.nodes.rename(node, to);
    for (const each of node.opens) each.name = parts.join('\\');
  });
}

/** A file that somebody has open, or a folder, is not replaced. */
function requireReplaceable(volume: Volume, kind: 'file' | 'folder', local: string): void {
  const used = volume.shares.conflicts(local, { uses: USE.delete, shares: 0 });
  if (kind === 'folder' || used || volume.nodes.find(local) !== undefined) {
    throw new StatusError(STATUS.accessDenied);
  }
}
