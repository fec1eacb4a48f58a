import type { PartitionInfo } from '../../api/guest/inspection.ts';
import { isEngineError } from '../../base/errors.ts';
import type { Range } from '../../base/range.ts';
import type { RangeSet } from '../../base/range-set.ts';
import type { Progress } from '../../base/progress.ts';
import { CHANGED, DATA, tagOf, ZERO, type Segments } from '../../changemap/segments.ts';
import { SegmentsBuilder } from '../../changemap/segments-builder.ts';
import { ChainDisk } from '../../disk/chain/chain.ts';
import { inspectDisk } from '../../guest/inspect-disk.ts';
import type { VirtualDisk } from '../../disk/virtual/virtual-disk.ts';
import type { MapWarning } from './map-contents.ts';

/**
 * Scans a chain: for each range, its state and the layer that determines it as the writer.
 * `changed` has an entry for each layer whose bytes count as changed, starting with the image
 * itself: the changed ranges, or undefined if everything in the layer counts. Ranges in a missing
 * parent are unknown.
 */
export async function scanDisk(
  disk: VirtualDisk,
  changed: readonly (RangeSet | undefined)[],
  progress: Progress,
  signal: AbortSignal,
): Promise<Segments> {
  const builder = new SegmentsBuilder();
  progress.phase('scan', disk.size);
  for await (const extent of disk.extents({ start: 0, end: disk.size }, signal)) {
    progress.advance(extent.length);
    if (extent.kind === 'hole') continue;
    const what = extent.kind === 'data' ? DATA : ZERO;
    const whole = { start: extent.start, end: extent.start + extent.length };
    const add = ({ start, end }: Range, states: number): void => {
      if (start < end) builder.add(start, end, tagOf(states, extent.depth));
    };
    if (extent.depth >= changed.length) add(whole, what);
    else {
      let at = whole.start;
      for (const part of changed[extent.depth]?.clip(whole) ?? [whole]) {
        add({ start: at, end: part.start }, what);
        add(part, what | CHANGED);
        at = part.end;
      }
      add({ start: at, end: whole.end }, what);
    }
  }
  return builder.build(disk.size, disk instanceof ChainDisk && disk.parentMissing);
}

export interface FoundPartitions {
  readonly partitions: readonly PartitionInfo[] | null;
  readonly warnings: readonly MapWarning[];
}

/**
 * Reads the partitions from the disk's own sectors, and recognises their file systems. Unreadable
 * sectors are a warning.
 */
export async function findPartitions(
  disk: VirtualDisk,
  signal: AbortSignal,
): Promise<FoundPartitions> {
  try {
    const { partitions, warnings } = await inspectDisk(disk, signal);
    return { partitions, warnings };
  } catch (error) {
    if (!isEngineError(error)) throw error;
    const message = `The partition table cannot be read: ${error.message}`;
    return { partitions: null, warnings: [{ code: error.code, message }] };
  }
}
