import { never } from '../../../base/abort.ts';
import type { SharedDisk } from './shared-disk.ts';

/** The disk shrinks in steps of this many bytes. */
const STEP = 2 ** 20;

/** Returns the end of the last data of the disk: the size to which it shrinks without losing any. */
export function safeSize(shared: SharedDisk): Promise<number> {
  return shared.session.read(async ({ disk }) => {
    let end = 0;
    for await (const extent of disk.extents({ start: 0, end: disk.size }, never)) {
      if (extent.kind === 'data') end = extent.start + extent.length;
    }
    return Math.min(disk.size, Math.max(STEP, Math.ceil(end / STEP) * STEP));
  });
}
