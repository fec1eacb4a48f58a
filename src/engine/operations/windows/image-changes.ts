import { tileChanges } from '../../backup/changes/range-query.ts';
import type { OpenVirtualDisk } from '../../virtdisk/contract/virtual-disk.ts';
import { openVirtualDisk } from '../../virtdisk/open-virtual-disk.ts';
import { virtdiskError } from '../../virtdisk/contract/virtdisk-errors.ts';
import { changedRanges, type ChangedRanges } from '../vm/query-changes.ts';

/** The document of `changes --image`. */
export interface ImageChanges extends ChangedRanges {
  readonly image: string;
}

/**
 * Asks Windows' driver for the changes of an image file since an RCT id. Throws `virtdisk.*`,
 * `tracker.lied`.
 */
export async function queryImageChanges(
  path: string,
  rctId: string,
  signal: AbortSignal,
  open: OpenVirtualDisk = openVirtualDisk,
): Promise<ImageChanges> {
  const handle = await open({ path, access: 'read' }, signal);
  try {
    const { size } = await handle.information(signal);
    if (!size.ok) {
      const { number, hex, name, meaning } = size.error;
      const data = { path, number, hex, name };
      throw virtdiskError('virtdisk.answer', `Windows gives no size for ${path}: ${meaning}`, {
        data,
      });
    }
    const { virtualSize } = size.value;
    const tiled = await tileChanges(
      (offset, length, inner) => handle.queryChanges(rctId, offset, length, inner),
      virtualSize,
      () => undefined,
      signal,
    );
    return { image: path, ...changedRanges(tiled, virtualSize, rctId) };
  } finally {
    await handle.close();
  }
}
