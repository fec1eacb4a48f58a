import type { ByteSource } from '../../../source/byte-source.ts';
import { readHead, type Qcow2Head } from '../read/read-head.ts';
import type { Qcow2Defect } from '../structures/header-rules.ts';
import type { Qcow2Header } from '../structures/header.ts';
import { section, type Geometry } from '../structures/layout.ts';
import type { Defect } from '../../inspect/defect.ts';
import { guarded } from '../../inspect/guarded.ts';
import { readRefcounts, refcountDefects } from './check-refcounts.ts';
import { checkTables } from './check-tables.ts';
import { ClusterUse } from './cluster-use.ts';
import { countable, countReferences, diskTable } from './count-references.ts';
import { staleBitmaps } from './bitmap-notes.ts';

/**
 * Yields every broken rule of a qcow2 file: header, extensions, L1 and L2 tables, refcounts,
 * snapshots. A part that cannot be read is a defect. Memory: 200 MiB for the largest file whose
 * refcounts are compared.
 */
export async function* checkQcow2(source: ByteSource, signal: AbortSignal): AsyncGenerator<Defect> {
  const head = await readHead(source, signal);
  yield* head.defects;
  const { header, geometry: g } = head;
  if (header === undefined || g === undefined || hidesTables(head)) return;
  const part = { structure: 'qcow2 tables', section: section('General') };
  yield* guarded(checkCounted(source, header, g, head, signal), part, signal);
}

async function* checkCounted(
  source: ByteSource,
  header: Qcow2Header,
  g: Geometry,
  head: Qcow2Head,
  signal: AbortSignal,
): AsyncGenerator<Qcow2Defect> {
  const stale = staleBitmaps(header, head.extensions);
  if (stale !== undefined) yield stale;
  const lost = hidesRefcounts(head);
  const { reason, bitmaps } = await countable(source, header, head, signal);
  for (const found of [bitmaps.broken, bitmaps.note]) if (found !== undefined) yield found;
  if (!lost && reason === undefined) {
    const use = new ClusterUse(source.size, g.clusterSize);
    yield* readRefcounts(source, header, use, signal);
    yield* countReferences(source, header, g, bitmaps, use, signal);
    yield* refcountDefects(use, g.clusterSize);
  } else {
    const use = new ClusterUse(0, g.clusterSize);
    yield* checkTables(source, g, diskTable(header, false), use, signal);
  }
  if (reason !== undefined) yield notCompared(reason);
}

/** Whether an error in the head makes the tables unreadable: one of the parent's name does not. */
export const hidesTables = ({ defects }: Qcow2Head): boolean =>
  defects.some(
    ({ severity, code }) =>
      (severity ?? 'error') === 'error' && !/[.](backing|refcountTable)[.]/.test(code),
  );

/** Whether the place of the refcount table is wrong. */
export const hidesRefcounts = ({ defects }: Qcow2Head): boolean =>
  defects.some(({ code }) => code.startsWith('qcow2.refcountTable.'));

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
