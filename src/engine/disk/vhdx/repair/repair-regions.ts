import type { RepairStep } from '../../../api/disk-check.ts';
import type { RepairStorage } from '../../image/image-repairs.ts';
import { refuses } from '../../inspect/defect.ts';
import { inspectRegions } from '../inspect/inspect-regions.ts';
import { seal } from '../structures/checksum.ts';
import { REGION_TABLE_OFFSETS } from '../structures/layout.ts';
import { REGION_TABLE } from '../structures/regions/region-table.ts';
import { clearReserved } from './clear-reserved.ts';

/**
 * Writes a damaged copy of the region table again from the other, and clears the reserved bytes of
 * both. Two intact tables that differ are left: nothing says which one is right.
 */
export async function repairRegions(
  storage: RepairStorage,
  signal: AbortSignal,
): Promise<readonly RepairStep[]> {
  const { copies, tables } = await inspectRegions(storage, signal);
  const { used, defects, together } = tables;
  if (used === undefined || together.length > 0) return [];
  if (defects[used].some((defect) => refuses(defect))) return [];
  const steps: RepairStep[] = [];
  const other = used === 0 ? 1 : 0;
  const table = copies[used].slice();
  if (clearReserved(REGION_TABLE, table)) {
    seal(REGION_TABLE.Checksum, table);
    const offset = REGION_TABLE_OFFSETS[used] + REGION_TABLE.Reserved.offset;
    const what = 'Set the reserved bytes of the region tables to zero';
    steps.push({ code: 'vhdx.region.reserved', offset, what });
  }
  const [broken] = defects[other];
  if (broken !== undefined) {
    const what = `Write region table ${other + 1} again from region table ${used + 1}`;
    steps.push({ code: broken.code, offset: REGION_TABLE_OFFSETS[other], what });
  }
  if (steps.length === 0) return steps;
  for (const offset of REGION_TABLE_OFFSETS) await storage.write(offset, table, signal);
  return steps;
}
