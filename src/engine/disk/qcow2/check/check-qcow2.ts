import { isEngineError } from '../../../base/errors.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import { readHead } from '../read/read-head.ts';
import type { Qcow2Defect } from '../structures/header-rules.ts';
import { BITMAPS, type Qcow2Header } from '../structures/header.ts';
import { section } from '../structures/layout.ts';
import type { Defect } from '../../inspect/defect.ts';
import { readRefcounts, refcountDefects } from './check-refcounts.ts';
import { checkTables, type L1Place } from './check-tables.ts';
import { ClusterUse, MAX_CLUSTERS } from './cluster-use.ts';
import { readSnapshots } from './snapshot-tables.ts';

/** Maximum number of snapshots whose tables are read. */
const MAX_COUNTED = 256;

/**
 * Yields every broken rule of a qcow2 file: header, extensions, L1 and L2 tables, refcounts,
 * snapshots. A part that cannot be read is a defect. Memory: 200 MiB for the largest file whose
 * refcounts are compared.
 */
export async function* checkQcow2(source: ByteSource, signal: AbortSignal): AsyncGenerator<Defect> {
  const head = await readHead(source, signal);
  yield* head.defects;
  const { header, geometry: g } = head;
  if (header === undefined || g === undefined) return;
  if (head.defects.some(({ severity }) => (severity ?? 'error') === 'error')) return;
  const unchecked = reasonNotToCompare(header, source.size);
  const counted = unchecked === undefined;
  const use = new ClusterUse(counted ? source.size : 0, g.clusterSize);
  try {
    use.add(0, g.clusterSize);
    yield* readRefcounts(source, header, use, signal);
    const disk = { offset: header.l1Offset, entries: header.l1Size, active: counted };
    yield* checkTables(source, g, disk, use, signal);
    if (unchecked !== undefined) {
      yield notCompared(unchecked);
      return;
    }
    const snapshots: L1Place[] = [];
    yield* readSnapshots(source, header, use, snapshots, signal);
    for (const snapshot of snapshots) yield* checkTables(source, g, snapshot, use, signal);
    yield* refcountDefects(use, g.clusterSize);
  } catch (error) {
    signal.throwIfAborted();
    if (!isEngineError(error)) throw error;
    yield unreadable(error.code, error.message, error.data['offset']);
  }
}

/** Returns why the references of an image cannot be counted; undefined if they can. */
function reasonNotToCompare(header: Qcow2Header, fileSize: number): string | undefined {
  if (fileSize / 2 ** header.clusterBits > MAX_CLUSTERS) {
    return `the file has more than ${MAX_CLUSTERS} clusters`;
  }
  if (header.snapshotCount > MAX_COUNTED) return `the image has more than ${MAX_COUNTED} snapshots`;
  if ((header.autoclear & BITMAPS) !== 0n) return 'the image has bitmaps';
  return undefined;
}

const notCompared = (reason: string): Qcow2Defect => ({
  code: 'qcow2.refcount.unchecked',
  severity: 'info',
  structure: 'qcow2 refcounts',
  offset: 0,
  found: reason,
  expected: 'an image whose references can be counted',
  section: section('Host cluster management'),
  text: `the refcounts were not compared: ${reason}`,
});

const unreadable = (code: string, text: string, offset: unknown): Defect => ({
  code,
  structure: 'qcow2 tables',
  offset: typeof offset === 'number' ? offset : 0,
  found: 'unreadable',
  expected: 'readable bytes',
  section: section('General'),
  text,
});
