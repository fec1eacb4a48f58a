import type { RepairStep } from '../../../api/disk-check.ts';
import type { RepairStorage } from '../../image/image-repairs.ts';
import { hidesRefcounts, hidesTables } from '../check/check-qcow2.ts';
import { readRefcounts, type RefcountBlocks } from '../check/check-refcounts.ts';
import { ClusterUse } from '../check/cluster-use.ts';
import { countable, countReferences } from '../check/count-references.ts';
import { readHead } from '../read/read-head.ts';
import { headerField } from '../structures/header-fields.ts';
import { CORRUPT, DIRTY, type Qcow2Header } from '../structures/header.ts';
import { maxRefcount } from '../structures/refcounts.ts';
import { RepairSteps } from './repair-steps.ts';
import { rebuildRefcounts } from './rebuild-refcounts.ts';
import { repairFlags } from './repair-flags.ts';
import { blocksUsable, writeRefcounts } from './write-refcounts.ts';

/**
 * Repairs what the L1 and L2 tables of a qcow2 image prove: refcounts, leaked clusters, misplaced
 * and missing refcount blocks, the flags of refcounts that are one, and then the marks “dirty” and
 * “corrupt”. Contents and their tables stay as they are. If a table is damaged, refcounts only grow:
 * it may name clusters that nothing else does.
 */
export async function repairQcow2(
  storage: RepairStorage,
  signal: AbortSignal,
): Promise<readonly RepairStep[]> {
  const head = await readHead(storage, signal);
  const { header, geometry: g } = head;
  if (header === undefined || g === undefined || hidesTables(head)) return [];
  const { reason, bitmaps } = await countable(storage, header, head, signal);
  if (reason !== undefined) return [];
  const steps = new RepairSteps();
  const use = new ClusterUse(storage.size, g.clusterSize);
  let blocks: RefcountBlocks | undefined;
  if (hidesRefcounts(head)) {
    for (const { code, offset } of head.defects) {
      if (code.startsWith('qcow2.refcountTable.')) steps.add(code, offset);
    }
  } else {
    const reading = readRefcounts(storage, header, use, signal);
    let next = await reading.next();
    for (; next.done !== true; next = await reading.next()) {
      steps.add(next.value.code, next.value.offset);
    }
    blocks = next.value;
  }
  let whole = true;
  for await (const { code } of countReferences(storage, header, g, bitmaps, use, signal)) {
    whole &&= code === 'qcow2.refcount.copied';
  }
  const most = maxRefcount(header.refcountOrder);
  const expected = (cluster: number): number =>
    whole ? use.found(cluster) : Math.max(use.found(cluster), use.recorded(cluster));
  // A count at the limit may be higher in truth.
  for (let i = 0; i < use.clusters; i++) if (expected(i) === 0xffff) return [];
  const patch = blocks !== undefined && blocksUsable(blocks, header, use, expected);
  if (!patch && !whole) return [];
  if (blocks !== undefined && patch) {
    for (let i = 0; i < use.clusters; i++) if (expected(i) > most) return [];
    await writeRefcounts(storage, header, blocks, use, expected, steps, signal);
  } else if (!(await rebuildRefcounts(storage, header, blocks, use, steps, signal))) return [];
  await repairFlags(storage, header, g, bitmaps, use, whole, steps, signal);
  if (whole) await clearMarks(storage, header, steps, signal);
  return steps.list;
}

/** Clears the marks that a check is due, which has now been done. */
async function clearMarks(
  storage: RepairStorage,
  { version, incompatible }: Qcow2Header,
  steps: RepairSteps,
  signal: AbortSignal,
): Promise<void> {
  if (version < 3 || (incompatible & (DIRTY | CORRUPT)) === 0n) return;
  const { offset } = headerField('incompatible_features');
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, incompatible & ~(DIRTY | CORRUPT));
  await storage.write(offset, bytes, signal);
  if ((incompatible & DIRTY) !== 0n) steps.add('qcow2.feature.dirty', offset);
  if ((incompatible & CORRUPT) !== 0n) steps.add('qcow2.feature.corrupt', offset);
}
