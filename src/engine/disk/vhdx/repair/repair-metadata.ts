import type { RepairStep } from '../../../api/disk-check.ts';
import type { RepairStorage } from '../../image/image-repairs.ts';
import { sizeOf } from '../../inspect/fields.ts';
import { refuses } from '../../inspect/defect.ts';
import type { InspectedVhdx } from '../inspect/inspect-vhdx.ts';
import { METADATA_ENTRY } from '../structures/metadata/metadata-entry.ts';
import {
  METADATA_TABLE,
  metadataEntries,
  metadataTableDefects,
} from '../structures/metadata/metadata-table.ts';
import { clearReserved } from './clear-reserved.ts';

/** Clears the reserved bytes of a metadata table that breaks no other rule. */
export async function repairMetadata(
  { metadata }: InspectedVhdx,
  storage: RepairStorage,
  signal: AbortSignal,
): Promise<readonly RepairStep[]> {
  if (metadata === undefined) return [];
  const { region, table } = metadata;
  if (metadataTableDefects(table, region).some((defect) => refuses(defect))) return [];
  const steps: RepairStep[] = [];
  const head = table.slice(0, sizeOf(METADATA_TABLE));
  if (clearReserved(METADATA_TABLE, head)) {
    await storage.write(region.offset, head, signal);
    const what = 'Set the reserved bytes of the metadata table to zero';
    steps.push({ code: 'vhdx.metadata.reserved', offset: region.offset, what });
  }
  for (const { id, at, bytes } of metadataEntries(table, region.offset)) {
    const entry = bytes.slice();
    if (!clearReserved(METADATA_ENTRY, entry)) continue;
    await storage.write(at, entry, signal);
    const what = `Set the reserved bytes of the entry of metadata item ${id} to zero`;
    steps.push({ code: 'vhdx.metadata.entryReserved', offset: at, what });
  }
  return steps;
}
