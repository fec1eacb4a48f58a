import type { Progress } from '../../../base/progress.ts';
import type { Range } from '../../../base/range.ts';
import type { VirtualDisk } from '../../../disk/virtual/virtual-disk.ts';
import type { ChainHashes } from '../../hashes/chain-hashes.ts';
import { hashDisk, type UnitSink } from '../../hashes/hash-disk.ts';
import { sameBytes, zeroNode } from '../../hashes/hash-shape.ts';
import { UnitSet } from './unit-set.ts';

/** Units in which a disk differs from a hash tree. */
export interface DiskDifference {
  /** Bytes of those units. */
  readonly bytes: number;
  /** Bytes of the tree's units that are not zero. */
  readonly dataBytes: number;
  /** Yields the units as ranges of the disk, in order and merged. */
  readonly ranges: () => Generator<Range>;
}

/**
 * Compares the contents of a disk with a hash tree of the same size, by reading all data of the disk:
 * no change tracker is trusted. Throws `hashes.damaged`.
 */
export async function compareDisk(
  disk: VirtualDisk,
  tree: ChainHashes,
  progress: Progress,
  signal: AbortSignal,
): Promise<DiskDifference> {
  const { shape, virtualSize } = tree;
  const { unit } = shape.format;
  const differing = new UnitSet();
  const bytesOf = (start: number, end: number): number =>
    Math.min(end * unit, virtualSize) - start * unit;
  // Every unit with data differs from a disk without data; each unit that is read corrects that.
  let dataBytes = 0;
  for await (const { start, end, digests } of tree.leaves(0, shape.units, signal)) {
    if (digests === null) continue;
    dataBytes += bytesOf(start, end);
    for (let each = start; each < end; each++) differing.add(each);
  }
  let found: [unit: number, digest: Uint8Array][] = [];
  const settle = async (): Promise<void> => {
    const batch = found;
    found = [];
    for (const [number, digest] of batch) {
      const expected = tree.cachedLeaf(number) ?? (await tree.leaf(number, signal));
      if (sameBytes(expected, digest)) differing.delete(number);
      else differing.add(number);
    }
  };
  const sink: UnitSink = {
    shape,
    // The caller reuses the digest's bytes.
    set: (number, digest) => void found.push([number, digest.slice()]),
    setZero: (number) => void found.push([number, zeroNode(shape, 0, number)]),
    sealBelow: settle,
  };
  await hashDisk(disk, sink, progress, signal);
  await settle();
  const ranges = function* (): Generator<Range> {
    for (const { start, end } of differing.runs()) {
      yield { start: start * unit, end: Math.min(end * unit, virtualSize) };
    }
  };
  let bytes = 0;
  for (const { start, end } of ranges()) bytes += end - start;
  return { bytes, dataBytes, ranges };
}
