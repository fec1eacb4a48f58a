import { openImage } from '../../../disk/chain/open-as.ts';
import { backupError } from '../../errors/backup-errors.ts';
import type { BackupHost } from '../../host/host.ts';
import type { PlacedDisk } from '../../host/system-host.ts';
import type { Guid } from '../../../base/guid.ts';
import type { OverDisk, OwnOver } from '../../ledger/own-overs.ts';
import { overFile, type OverAccess, type OverFile } from './over-files.ts';

/** Files that a VM has at the places of a restore. `other`: at least one is neither old nor new. */
export type Attached = 'old' | 'new' | 'mixed' | 'other';

export type OverHost = Pick<BackupHost, 'systems'>;

/** Asks the host which files the VM has. */
export async function attachedNow(
  { systems }: OverHost,
  vmId: Guid,
  disks: readonly OverDisk[],
  signal: AbortSignal,
): Promise<Attached> {
  const now = await systems.diskPaths(vmId, signal);
  const states = disks.map((disk): Attached => {
    const found = now.find(({ locationId }) => same(locationId, disk.locationId))?.path ?? '';
    if (same(found, disk.old)) return 'old';
    return same(found, disk.new) ? 'new' : 'other';
  });
  if (states.includes('other')) return 'other';
  const [first = 'old'] = states;
  return states.every((state) => state === first) ? first : 'mixed';
}

/**
 * Has the host attach the old or the new files, and reads back what the VM has then: a host may report
 * success and change nothing. Throws `over.attach`.
 */
export async function attach(
  host: OverHost,
  vmId: Guid,
  disks: readonly OverDisk[],
  which: 'old' | 'new',
  signal: AbortSignal,
  watch?: Parameters<OverHost['systems']['attachDisks']>[2],
): Promise<void> {
  const placed = disks.map((disk): PlacedDisk => {
    return { locationId: disk.locationId, path: disk[which] };
  });
  await host.systems.attachDisks(placed, signal, watch);
  const found = await attachedNow(host, vmId, disks, signal);
  if (found === which) return;
  const names = placed.map((each) => each.path).join(', ');
  throw backupError(
    'over.attach',
    `The host reported success, but the VM does not have ${names}: it has ${found === 'other' ? 'other files' : `the ${found} files`}`,
    { data: { vm: vmId, found, expected: which } },
  );
}

/**
 * Throws `over.changed` if a file that the VM had before is missing or was changed: attaching it would
 * not give the old disks back.
 */
export async function requireOldFiles(
  { disks }: OwnOver,
  files: OverAccess,
  signal: AbortSignal,
): Promise<void> {
  for (const { slot, old, identity } of disks) {
    const found = await identityIn(await overFile(old, files, signal), signal);
    if (found !== undefined && (identity === null || found === identity)) continue;
    const problem = found === undefined ? 'is missing or cannot be read' : 'was changed';
    throw backupError(
      'over.changed',
      `${old}, the file that the VM had at ${slot}, ${problem} since the restore`,
      { data: { slot, path: old, found: found ?? null, expected: identity } },
    );
  }
}

/** Returns the identity that an image records, '' for none; undefined if it cannot be opened. */
async function identityIn(
  { place, access }: OverFile,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const image = await openImage(place, signal, { open: access.open.bind(access) });
    const identity = image.identity ?? '';
    await image.close();
    return identity;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
