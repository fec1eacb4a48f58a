import type { Guid } from '../../../base/guid.ts';
import type { EditSession } from './edit-session.ts';
import { METADATA_TABLE_SIZE, REGION_TABLE_OFFSETS } from '../structures/layout.ts';
import type { MetadataEntry } from '../structures/metadata/metadata-entry.ts';
import { encodeMetadataTable } from '../structures/metadata/metadata-table.ts';
import { encodeRegionTable, type RegionTable } from '../structures/regions/region-table.ts';
import { vhdxError } from '../structures/vhdx-errors.ts';

/**
 * Changes the bytes of a metadata item, as part of the next log entry. An item that grows moves
 * behind all others; the rest of the region is unchanged. Throws `vhdx.write.argument` if the
 * region is full.
 */
export async function setMetadataItem(
  session: EditSession,
  id: Guid,
  bytes: Uint8Array,
): Promise<void> {
  const region = session.regions.metadata;
  const index = session.items.findIndex((e) => e.id === id && !e.isUser);
  const old = session.items[index];
  if (old === undefined) {
    throw vhdxError('vhdx.metadata.missing', `the file has no metadata item ${id}`, {
      data: { offset: region.offset, item: id },
    });
  }
  const offset = bytes.length <= old.length ? old.offset : endOfItems(session.items);
  if (offset + bytes.length > region.length) {
    throw vhdxError(
      'vhdx.write.argument',
      `metadata item ${id} of ${bytes.length} bytes does not fit the region of ${region.length}`,
      { data: { item: id, found: bytes.length, expected: region.length - offset } },
    );
  }
  await session.pages.patch(region.offset + offset, bytes);
  if (offset === old.offset && bytes.length === old.length) return;
  session.items = session.items.with(index, { ...old, offset, length: bytes.length });
  // The encoded table is only as long as its entries; bytes behind them are preserved.
  const used = 32 + session.items.length * 32;
  const table = encodeMetadataTable(session.items).subarray(0, used);
  await session.pages.patch(region.offset, table);
}

function endOfItems(items: readonly MetadataEntry[]): number {
  return items.reduce((end, e) => Math.max(end, e.offset + e.length), METADATA_TABLE_SIZE);
}

/** Changes both region tables, as part of the next log entry. */
export async function setRegions(session: EditSession, regions: RegionTable): Promise<void> {
  const table = encodeRegionTable(regions);
  for (const offset of REGION_TABLE_OFFSETS) await session.pages.patch(offset, table);
  session.regions = regions;
}
