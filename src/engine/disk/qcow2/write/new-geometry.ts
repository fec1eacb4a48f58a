import type { EngineError } from '../../../base/errors.ts';
import type { NewDisk } from '../../image/image-writer.ts';
import { diskError } from '../../virtual/disk-errors.ts';
import {
  geometryOf,
  L1_ENTRY,
  l1EntriesNeeded,
  MAX_CLUSTER_BITS,
  MAX_L1_BYTES,
  MAX_REFCOUNT_TABLE_BYTES,
  MIN_CLUSTER_BITS,
  REFCOUNT_TABLE_ENTRY,
  SECTOR,
  type Geometry,
} from '../structures/layout.ts';
import { REFCOUNT_ORDER_V2, refcountTables } from '../structures/refcounts.ts';

/** Cluster sizes of an image without parent. */
export const CLUSTER_SIZES = Array.from(
  { length: MAX_CLUSTER_BITS - MIN_CLUSTER_BITS + 1 },
  (_, i) => 2 ** (MIN_CLUSTER_BITS + i),
);
const DEFAULT_CLUSTER = 64 * 1024;
/**
 * Cluster size of a differencing image: its 32 subclusters are sectors, so that a part of a cluster
 * can be left to the parent.
 */
const DIFFERENCING_CLUSTER = 16 * 1024;

/** Returns the geometry of a new image. Throws `disk.write.argument` if it cannot be stored. */
export function newGeometry(disk: NewDisk): Geometry {
  checkKind(disk);
  const { size, parent } = disk;
  const clusterSize = clusterSizeOf(disk);
  const extended = parent !== undefined && clusterSize !== SECTOR;
  const g = geometryOf(3, size, Math.log2(clusterSize), extended);
  const l1 = l1EntriesNeeded(g);
  if (l1 * L1_ENTRY > MAX_L1_BYTES || refcountBytes(g, l1) > MAX_REFCOUNT_TABLE_BYTES) {
    throw argument(
      `a disk of ${size} bytes is too large for clusters of ${clusterSize} bytes: choose larger ones`,
      clusterSize,
      clusterSize * 2,
    );
  }
  return g;
}

function checkKind({ size, subformat, parent, logicalSectorSize = SECTOR }: NewDisk): void {
  if (subformat === 'fixed') {
    throw argument('a qcow2 image is dynamic or differencing, not fixed', 'fixed', 'dynamic');
  }
  if ((subformat === 'differencing') !== (parent !== undefined)) {
    const text = `a ${subformat} image ${parent === undefined ? 'needs a' : 'has no'} parent`;
    throw argument(text, subformat, parent === undefined ? 'dynamic' : 'differencing');
  }
  if (logicalSectorSize !== SECTOR) {
    const text = `a qcow2 image has sectors of ${SECTOR} bytes, not ${logicalSectorSize}`;
    throw argument(text, logicalSectorSize, SECTOR);
  }
  if (!Number.isSafeInteger(size) || size < 0 || size % SECTOR !== 0) {
    throw argument(`the size ${size} is not a multiple of ${SECTOR}`, size, SECTOR);
  }
}

function clusterSizeOf({ blockSize, parent }: NewDisk): number {
  if (parent === undefined) {
    const chosen = blockSize ?? DEFAULT_CLUSTER;
    if (CLUSTER_SIZES.includes(chosen)) return chosen;
    throw argument(
      `clusters of ${chosen} bytes are not possible: expected a power of two from 512 bytes to 2 MiB`,
      chosen,
      DEFAULT_CLUSTER,
    );
  }
  const chosen = blockSize ?? DIFFERENCING_CLUSTER;
  if (chosen === DIFFERENCING_CLUSTER || chosen === SECTOR) return chosen;
  throw argument(
    `a differencing qcow2 image has clusters of ${DIFFERENCING_CLUSTER} or ${SECTOR} bytes, not ${chosen}: only then can each sector be left to the parent`,
    chosen,
    DIFFERENCING_CLUSTER,
  );
}

/** Returns the bytes of the refcount table if every cluster of the disk is written. */
function refcountBytes(g: Geometry, l1: number): number {
  const clusters = Math.ceil(g.size / g.clusterSize) + l1;
  const used = 1 + clusters + Math.ceil((l1 * L1_ENTRY) / g.clusterSize);
  const { blocks } = refcountTables(used, g.clusterSize, REFCOUNT_ORDER_V2);
  return blocks * REFCOUNT_TABLE_ENTRY;
}

const argument = (
  message: string,
  found: string | number,
  expected: string | number,
): EngineError => diskError('disk.write.argument', message, { data: { found, expected } });
