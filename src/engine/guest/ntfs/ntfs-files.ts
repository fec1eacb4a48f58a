import { readFields, withCache, type GuestBytes } from '../bytes/guest-bytes.ts';
import { guestError } from '../bytes/guest-errors.ts';
import type { GuestFiles } from '../contract/guest-files.ts';
import { readBootSector } from './boot-sector.ts';
import { Mft } from './mft.ts';
import { NtfsNode } from './ntfs-node.ts';

/** Reference of the root folder; its sequence number is not compared. */
const ROOT = 5n;

/** Opens the files of an NTFS volume. Throws `guest.damaged`. */
export async function openNtfsFiles(bytes: GuestBytes, signal: AbortSignal): Promise<GuestFiles> {
  const metadata = withCache(bytes);
  const boot = readBootSector(await readFields(metadata, 0, 512, 'Boot sector of NTFS', signal));
  if (boot === undefined) throw guestError('guest.damaged', 'The boot sector is not one of NTFS');
  const mft = await Mft.open(boot, metadata, bytes, signal);
  return { windows: true, root: (inner) => NtfsNode.open(mft, ROOT, '/', inner) };
}
