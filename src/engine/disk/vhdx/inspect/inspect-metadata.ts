import type { Guid } from '../../../base/guid.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import { refuses } from '../../inspect/defect.ts';
import { KNOWN_ITEMS } from '../structures/metadata/item-fields.ts';
import {
  itemDefects,
  itemListDefects,
  type LoadedItem,
} from '../structures/metadata/item-rules.ts';
import { METADATA_TABLE_SIZE } from '../structures/layout.ts';
import { knownGeometry, type VhdxMetadata } from '../structures/metadata/metadata-items.ts';
import { metadataEntries, metadataTableDefects } from '../structures/metadata/metadata-table.ts';
import type { Region } from '../structures/regions/region-entry.ts';
import type { VhdxDefect } from '../structures/vhdx-defect.ts';
import { readPart } from './read-part.ts';

/** The metadata region as the file has it. */
export interface InspectedMetadata {
  readonly region: Region;
  readonly table: Uint8Array;
  readonly items: ReadonlyMap<Guid, LoadedItem>;
  /** Block size, disk size and sector sizes; undefined if they are damaged. */
  readonly metadata: VhdxMetadata | undefined;
  readonly defects: readonly VhdxDefect[];
}

export async function inspectMetadata(
  source: ByteSource,
  region: Region,
  signal: AbortSignal,
): Promise<InspectedMetadata> {
  const defects: VhdxDefect[] = [];
  const { offset } = region;
  const table = await readPart(
    source,
    { what: 'the metadata table', offset, length: METADATA_TABLE_SIZE, section: 'MS-VHDX 2.6.1' },
    defects,
    signal,
  );
  const ofTable = metadataTableDefects(table, region);
  defects.push(...ofTable);
  const items = new Map<Guid, LoadedItem>();
  // A table that breaks this rule does not tell the places of its items.
  if (ofTable.some((each) => refuses(each))) {
    return { region, table, items, metadata: undefined, defects };
  }
  const entries = metadataEntries(table, offset);
  defects.push(...itemListDefects(entries, offset));
  for (const { id, isUser, offset: within, length } of entries) {
    const known = KNOWN_ITEMS.get(id);
    if (isUser || known === undefined || length === 0) continue;
    const part = { what: `the metadata item “${known.name}”`, offset: offset + within, length };
    const { section } = known;
    const bytes = await readPart(source, { ...part, section }, defects, signal);
    if (bytes.length === length) items.set(id, { at: part.offset, bytes });
  }
  defects.push(...itemDefects(items));
  return { region, table, items, metadata: knownGeometry(items), defects };
}
