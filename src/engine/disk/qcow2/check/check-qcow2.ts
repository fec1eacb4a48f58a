import { isEngineError } from '../../../base/errors.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import { readHead, type Qcow2Head } from '../read/read-head.ts';
import type { Qcow2Defect } from '../structures/header-rules.ts';
import { section } from '../structures/layout.ts';
import type { Defect } from '../../inspect/defect.ts';
import { readRefcounts, refcountDefects } from './check-refcounts.ts';
import { checkTables } from './check-tables.ts';
import { ClusterUse } from './cluster-use.ts';
import { countReferences, diskTable, reasonNotToCount } from './count-references.ts';

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
  const lost = hidesRefcounts(head);
  const unchecked = reasonNotToCount(header, source.size);
  const use = new ClusterUse(lost || unchecked !== undefined ? 0 : source.size, g.clusterSize);
  try {
    if (lost || unchecked !== undefined) {
      yield* checkTables(source, g, diskTable(header, false), use, signal);
      if (unchecked !== undefined) yield notCompared(unchecked);
      return;
    }
    yield* readRefcounts(source, header, use, signal);
    yield* countReferences(source, header, g, use, signal);
    yield* refcountDefects(use, g.clusterSize);
  } catch (error) {
    signal.throwIfAborted();
    if (!isEngineError(error)) throw error;
    yield unreadable(error.code, error.message, error.data['offset']);
  }
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

const unreadable = (code: string, text: string, offset: unknown): Defect => ({
  code,
  structure: 'qcow2 tables',
  offset: typeof offset === 'number' ? offset : 0,
  found: 'unreadable',
  expected: 'readable bytes',
  section: section('General'),
  text,
});
