import type { RepairStorage } from '../../image/image-repairs.ts';
import type { Bitmaps } from '../check/bitmap-directory.ts';
import type { ClusterUse } from '../check/cluster-use.ts';
import { countReferences } from '../check/count-references.ts';
import type { Qcow2Header } from '../structures/header.ts';
import type { Geometry } from '../structures/layout.ts';
import type { RepairSteps } from './repair-steps.ts';

const FLAG = 0x80;

/**
 * Corrects the flags of refcounts that are one by the refcounts of `use`. If a table is damaged
 * (`whole` is false), flags are only removed: without the flag a writer copies the cluster first.
 */
export async function repairFlags(
  storage: RepairStorage,
  header: Qcow2Header,
  g: Geometry,
  bitmaps: Bitmaps,
  use: ClusterUse,
  whole: boolean,
  steps: RepairSteps,
  signal: AbortSignal,
): Promise<void> {
  const first = new Uint8Array(1);
  for await (const { code, offset } of countReferences(storage, header, g, bitmaps, use, signal)) {
    if (code !== 'qcow2.refcount.copied') continue;
    await storage.read(offset, first, signal);
    const [byte = 0] = first;
    if ((byte & FLAG) === 0 && !whole) continue;
    await storage.write(offset, Uint8Array.of(byte ^ FLAG), signal);
    steps.add(code, offset);
  }
}
