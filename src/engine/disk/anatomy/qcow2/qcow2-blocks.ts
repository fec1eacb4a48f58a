import type { BlockPlace } from '../../../api/anatomy.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import type { Qcow2Image } from '../../qcow2/read/qcow2-image.ts';
import type { Qcow2Header } from '../../qcow2/structures/header.ts';
import { decodeL1Entry } from '../../qcow2/structures/l1-table.ts';
import { decodeL2Entry } from '../../qcow2/structures/l2-entry.ts';
import { L1_ENTRY, type Geometry } from '../../qcow2/structures/layout.ts';
import type { BlockRun, RunTable } from '../blocks/run-blocks.ts';
import { ClusterRuns } from './cluster-runs.ts';

/** Maximum number of clusters in a map; only disks of very small clusters have more. */
export const MAX_CLUSTERS = 2 ** 31;

/** Returns the clusters of a qcow2 image as runs. */
export function qcow2Runs(
  file: ByteSource,
  image: Pick<Qcow2Image, 'surveyedIn' | 'size'>,
  { l1Offset, l1Size }: Pick<Qcow2Header, 'l1Offset' | 'l1Size'>,
  geometry: Geometry,
): RunTable {
  const { clusterSize, entries, entrySize } = geometry;
  return {
    total: Math.ceil(image.size / clusterSize),
    async *runs(first, end, signal): AsyncGenerator<BlockRun> {
      const range = { start: first * clusterSize, end: Math.min(end * clusterSize, image.size) };
      const runs = new ClusterRuns(clusterSize);
      for await (const batch of image.surveyedIn([range], signal)) {
        for (const extent of batch) yield* runs.add(extent);
      }
      yield* runs.finish();
    },
    place: async (block, signal): Promise<BlockPlace> => {
      const nothing = { entry: null, data: null };
      const read = async (offset: number, length: number): Promise<DataView | undefined> => {
        if (offset <= 0 || offset + length > file.size) return undefined;
        const bytes = new Uint8Array(length);
        await file.read(offset, bytes, signal);
        return new DataView(bytes.buffer);
      };
      const l1Index = Math.floor(block / entries);
      if (l1Index >= l1Size) return nothing;
      const l1At = l1Offset + l1Index * L1_ENTRY;
      const l1 = await read(l1At, L1_ENTRY);
      if (l1 === undefined) return nothing;
      const table = decodeL1Entry(l1, 0).offset;
      // Without an L2 table, the entry of the L1 table says what its clusters are.
      if (table === 0) return { entry: { offset: l1At, length: L1_ENTRY }, data: null };
      const offset = table + (block % entries) * entrySize;
      const view = await read(offset, entrySize);
      if (view === undefined) return { entry: { offset: l1At, length: L1_ENTRY }, data: null };
      const cluster = decodeL2Entry(view, 0, geometry);
      const compressed = cluster.kind === 'compressed';
      const length = compressed ? cluster.length : clusterSize;
      const held = compressed || cluster.kind === 'data' || cluster.kind === 'subclusters';
      const there = held && cluster.offset > 0 && cluster.offset < file.size;
      return {
        entry: { offset, length: entrySize },
        data: there
          ? { offset: cluster.offset, length: Math.min(length, file.size - cluster.offset) }
          : null,
      };
    },
  };
}
