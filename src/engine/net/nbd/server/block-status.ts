import type { Range } from '../../../base/range.ts';
import type { BlockExport } from '../contract/block-export.ts';
import type { Descriptor } from '../codec/chunks.ts';
import { STATE } from '../codec/constants.ts';

/**
 * Returns the descriptors of `base:allocation` from the start of `within` on, at most `most` of
 * them; they may end before it does. What the format marks as zero takes no room either, so it is
 * a hole as an unallocated part is.
 */
export async function describeBlocks(
  disk: BlockExport,
  within: Range,
  most: number,
  signal: AbortSignal,
): Promise<Descriptor[]> {
  const found: { length: number; readonly status: number }[] = [];
  for await (const { length, kind } of disk.extents(within, signal)) {
    const status = kind === 'data' ? 0 : STATE.hole | STATE.zero;
    const last = found.at(-1);
    if (last?.status === status) last.length += length;
    else if (found.length === most) break;
    else found.push({ length, status });
  }
  return found;
}
