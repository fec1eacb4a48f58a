import type { PointEntry } from '../../backup/points/catalog.ts';
import { differingCells } from '../../backup/hashes/differing-cells.ts';
import type { DiskRecord } from '../../backup/manifest/manifest.ts';
import { openStoredHashes } from '../../backup/images/stored-disk.ts';
import { diskChain, type ChainLink } from '../../backup/points/point-chain.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import type { Range } from '../../base/range.ts';
import type { Progress } from '../../base/progress.ts';
import { mapError } from '../../changemap/map-errors.ts';
import { CHANGED, DATA, tagOf, ZERO, type Segments } from '../../changemap/segments.ts';
import { MAX_SEGMENTS, SegmentsBuilder } from '../../changemap/segments-builder.ts';
import type { VirtualDisk } from '../../disk/virtual/virtual-disk.ts';

/**
 * Shows the differences between two points of one disk, which may be of different chains. Compares
 * their hash trees unit by unit (64 KiB, or 1 MiB in old points), on top of the chain of the shown
 * point. Throws `map.between` if the other point does not have the disk.
 */
export async function compareWithPoint(
  store: Store,
  points: readonly PointEntry[],
  links: readonly ChainLink[],
  disk: VirtualDisk,
  from: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<Segments> {
  const [shown] = links;
  if (shown === undefined) throw new Error('A chain has at least one image');
  const other = diskChain(points, from, sameDiskAt(points, from, shown).number);
  const hashes = await openStoredHashes(store, links, signal);
  try {
    const others = await openStoredHashes(store, other, signal);
    try {
      const different: Range[] = [];
      for await (const range of differingCells(hashes, others, signal)) {
        if (range.start < disk.size) different.push(range);
        if (different.length > MAX_SEGMENTS) {
          throw mapError(
            'map.tooMany',
            `The map has more than ${MAX_SEGMENTS} ranges, the maximum`,
            {
              data: { expected: MAX_SEGMENTS },
            },
          );
        }
      }
      return await scanWith(disk, different, progress, signal);
    } finally {
      await others.close();
    }
  } finally {
    await hashes.close();
  }
}

/** Finds the disk at another point by its identity, or else by its slot; never by its number. */
function sameDiskAt(points: readonly PointEntry[], id: string, shown: ChainLink): DiskRecord {
  const entry = points.find((point) => point.id === id);
  // Not complete: reading the chain reports the reason.
  if (entry?.state !== 'complete') return shown.disk;
  const { disks } = entry.manifest;
  const { virtualDiskId, slot } = shown.disk;
  const found =
    disks.find((disk) => virtualDiskId !== null && disk.virtualDiskId === virtualDiskId) ??
    disks.find((disk) => disk.slot === slot);
  if (found !== undefined && id !== shown.point.id) return found;
  throw mapError(
    'map.between',
    id === shown.point.id
      ? `${id} cannot be compared with itself`
      : `${id} does not contain the disk at ${slot} of ${shown.point.id}`,
    { data: { point: shown.point.id, found: id, disk: slot } },
  );
}

/**
 * Scans the chain and marks the differing ranges as changed, including unallocated ones.
 */
async function scanWith(
  disk: VirtualDisk,
  different: readonly Range[],
  progress: Progress,
  signal: AbortSignal,
): Promise<Segments> {
  const builder = new SegmentsBuilder();
  progress.phase('scan', disk.size);
  let next = 0;
  for await (const extent of disk.extents({ start: 0, end: disk.size }, signal)) {
    progress.advance(extent.length);
    const end = extent.start + extent.length;
    const what = extent.kind === 'hole' ? 0 : extent.kind === 'data' ? DATA : ZERO;
    const writer = extent.kind === 'hole' ? -1 : extent.depth;
    for (let at = extent.start; at < end;) {
      while (next < different.length && (different[next]?.end ?? 0) <= at) next++;
      const range = different[next];
      const inside = range !== undefined && range.start <= at;
      const stop = Math.min(end, inside ? range.end : (range?.start ?? end));
      const states = inside ? what | CHANGED : what;
      if (states !== 0) builder.add(at, stop, tagOf(states, writer));
      at = stop;
    }
  }
  return builder.build(disk.size, false);
}
