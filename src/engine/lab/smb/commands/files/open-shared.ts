import type { CreateRequest } from '../../../../net/smb/codec/files/create.ts';
import { CREATE_ACTION, DIALECT } from '../../../../net/smb/codec/protocol/constants.ts';
import fs from 'node:fs/promises';
import { SHARED_DISK_OWNER, USE } from '../../../files/file-shares.ts';
import { SERVER_STATUS as STATUS } from '../../contract/server-status.ts';
import { SHARED_SUFFIX, type SharedDiskServer } from '../../contract/shared-disk.ts';
import { StatusError } from '../../contract/status-error.ts';
import { locate } from '../../shares/locate.ts';
import type { Share } from '../../shares/share.ts';
import { parseShareName } from '../../shares/share-names.ts';
import { grantAccess } from '../../files/access-masks.ts';
import { mostAccess } from '../../files/most-access.ts';
import { emptyOpen, type Opened } from '../../files/open-file.ts';
import type { Volume } from '../../files/volume.ts';

const SUFFIX = `:${SHARED_SUFFIX}`.toLowerCase();

/** Returns the name of the file whose disk a request opens; undefined for an ordinary request. */
export function sharedNameOf({ name }: CreateRequest, dialect: number): string | undefined {
  if (dialect < DIALECT.smb302) return undefined;
  if (!name.toLowerCase().endsWith(SUFFIX)) return undefined;
  return name.slice(0, -SUFFIX.length);
}

/** Opens the shared virtual disk of a file (MS-SMB2 3.3.5.9, MS-RSVD 3.2.5.1). */
export function openShared(
  volume: Volume,
  share: Share,
  wanted: CreateRequest,
  { dialect, disks, name }: { dialect: number; disks: SharedDiskServer; name: string },
): Promise<Opened> {
  const { parts } = parseShareName(name);
  return volume.inTurn(async () => {
    volume.enter();
    try {
      const found = await locate(share, parts, volume.realPath, dialect);
      if (found.kind === 'virtual' || found.kind === 'folder') {
        throw new StatusError(STATUS.fileIsADirectory);
      }
      const { local } = found;
      const most = mostAccess(share, found.kind === 'missing' ? undefined : found);
      const access = grantAccess(wanted.access, most);
      const claim = { uses: USE.read | USE.write, shares: 0, owner: SHARED_DISK_OWNER };
      if (volume.shares.conflicts(local, claim)) throw new StatusError(STATUS.sharingViolation);
      const shared = await disks.open(local, wanted);
      const id = volume.nextId();
      const node = volume.nodes.of(local);
      const open = {
        ...emptyOpen({ ...wanted, name }, access),
        id: { persistent: id, volatile: id },
        kind: 'file' as const,
        node,
        handle: undefined,
        release: volume.shares.claim(local, claim),
        entries: [],
        standIn: undefined,
        shared,
      };
      node.opens.add(open);
      const stats = await fs.lstat(local, { bigint: true });
      stats.size = BigInt(await shared.size());
      return { open, action: CREATE_ACTION.opened, stats, most };
    } catch (error) {
      volume.leave();
      throw error;
    }
  });
}
