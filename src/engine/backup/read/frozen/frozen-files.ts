import type { PathMapping } from '../../../api/host.ts';
import type { FrozenDisks } from '../../host/host.ts';
import type { DiskReader, ReadOrder } from '../contract/method.ts';
import { openFrozenDisk } from '../source/host-disk-source.ts';
import { requireCurrent } from './require-current.ts';

/** Opens frozen files, each after a check that it is not a stale copy. */
export function frozenFiles(order: ReadOrder): DiskReader['openFrozen'] {
  const { pathMap } = order.options;
  return async (disk, signal) => {
    await requireCurrent(disk, currentCheck(order), signal);
    return openFrozenDisk(disk, pathMap, signal);
  };
}

/** Returns the facts with which requireCurrent compares a frozen file. */
export const currentCheck = ({
  frozen,
  options,
  listingPauses,
}: ReadOrder): {
  readonly active: FrozenDisks['active'];
  readonly pathMap: readonly PathMapping[];
  readonly pauses: readonly number[] | undefined;
} => ({ active: frozen.active, pathMap: options.pathMap, pauses: listingPauses });
