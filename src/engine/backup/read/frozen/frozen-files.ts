import type { FrozenDisks } from '../../host/host.ts';
import type { HostFiles } from '../../host/host-files.ts';
import type { DiskReader, ReadOrder } from '../contract/method.ts';
import { openFrozenDisk } from '../source/host-disk-source.ts';
import { requireCurrent, type CurrentCheck } from './require-current.ts';

/**
 * Makes the frozen files themselves readable, after a check of all of them before anything is
 * queried or read. Throws `path.stale`.
 */
export async function readFrozenFiles(
  order: ReadOrder,
  files: HostFiles,
  signal: AbortSignal,
): Promise<DiskReader> {
  await requireFrozen(order, files, signal);
  return {
    openWhole: (disk, inner) => openFrozenDisk(disk, files, order.host, inner),
    openFrozen: frozenFiles(order, files),
    openChanges: undefined,
  };
}

/** Checks the frozen files of all planned disks. Throws `path.stale`. */
export async function requireFrozen(
  order: ReadOrder,
  files: HostFiles,
  signal: AbortSignal,
): Promise<void> {
  const planned = new Set(order.disks.map(({ disk }) => disk.slot));
  for (const disk of order.frozen.frozen.filter(({ slot }) => planned.has(slot))) {
    await requireCurrent(disk, currentCheck(order, files), signal);
  }
}

/** Opens frozen files, each after a check that it is not a stale copy. */
export function frozenFiles(order: ReadOrder, files: HostFiles): DiskReader['openFrozen'] {
  return async (disk, signal) => {
    await requireCurrent(disk, currentCheck(order, files), signal);
    return openFrozenDisk(disk, files, order.host, signal);
  };
}

/** Returns the facts with which requireCurrent compares a frozen file. */
const currentCheck = (
  { frozen, listingPauses }: { readonly frozen: FrozenDisks } & Pick<ReadOrder, 'listingPauses'>,
  files: HostFiles,
): CurrentCheck => ({ active: frozen.active, files, pauses: listingPauses });
