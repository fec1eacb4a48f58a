/**
 * `file`: opens the frozen files here through a path map: on the host itself, or through a mounted
 * share.
 */
import type { PathMapping } from '../../../api/host.ts';
import { hostFolder } from '../../host/path-map.ts';
import type { HostDisk } from '../../host/host.ts';
import { problemOfPath } from '../contract/look-at-path.ts';
import type { DiskReader, MethodCheck, ReadMethod, ReadOrder } from '../contract/method.ts';
import { openFrozenDisk } from '../source/host-disk-source.ts';
import { currentCheck, frozenFiles } from '../frozen/frozen-files.ts';
import { requireCurrent } from '../frozen/require-current.ts';

export const FILE_METHOD: ReadMethod = {
  id: 'file',
  possible: 'The path map leads to every disk.',
  check: (disks, { pathMap }, signal) => checkFiles(disks, pathMap, signal),
  staging: () => null,
  begin: async (order, signal) => {
    await requireAllCurrent(order, signal);
    const open = frozenFiles(order);
    const reader: DiskReader = {
      openWhole: (disk, inner) => openFrozenDisk(disk, order.options.pathMap, inner),
      openFrozen: open,
      openChanges: undefined,
    };
    return { reader, refused: null };
  },
};

async function checkFiles(
  disks: readonly HostDisk[],
  pathMap: readonly PathMapping[],
  signal: AbortSignal,
): Promise<MethodCheck> {
  const problems = await Promise.all(
    disks.map(async (disk) => {
      const problem = await problemOfPath(disk.path, pathMap, signal);
      return problem === null ? [] : [{ problem, folder: hostFolder(disk.path) }];
    }),
  );
  const found = problems.flat();
  return {
    method: 'file',
    problem: found[0]?.problem ?? null,
    folders: [...new Set(found.map(({ folder }) => folder))],
  };
}

/**
 * Checks, before anything is queried or read, that no frozen file is a stale copy. Throws
 * `path.stale`.
 */
async function requireAllCurrent(order: ReadOrder, signal: AbortSignal): Promise<void> {
  const planned = new Set(order.disks.map(({ disk }) => disk.slot));
  for (const disk of order.frozen.frozen.filter(({ slot }) => planned.has(slot))) {
    await requireCurrent(disk, currentCheck(order), signal);
  }
}
