import { fieldNodes } from '../../inspect/field-nodes.ts';
import { MAX_LISTED, moreNode, node, type FieldNode } from '../../inspect/model.ts';
import type { InspectedRegions } from '../../vhdx/inspect/inspect-regions.ts';
import { REGION_TABLE_OFFSETS, REGION_TABLE_SIZE } from '../../vhdx/structures/layout.ts';
import {
  REGION_ENTRY,
  REGION_ENTRY_SIZE,
  regionName,
} from '../../vhdx/structures/regions/region-entry.ts';
import {
  REGION_TABLE,
  regionEntries,
  type PlacedRegion,
} from '../../vhdx/structures/regions/region-table.ts';

/** Returns the nodes of both region tables; shows entries unchecked. */
export function regionTableNodes(inspected: InspectedRegions): readonly FieldNode[] {
  return [tableNode(inspected, 0), tableNode(inspected, 1)];
}

function tableNode(inspected: InspectedRegions, index: 0 | 1): FieldNode {
  const { copies, tables, defects } = inspected;
  const bytes = copies[index];
  const offset = REGION_TABLE_OFFSETS[index];
  const all = regionEntries(bytes, offset);
  const listed = all.slice(0, MAX_LISTED).map((entry, i) => entryNode(inspected, entry, i));
  const bad = tables.defects[index].some(({ severity }) => severity !== 'info');
  return node(`Region table ${index + 1}`, {
    value: bad ? 'not valid' : `${all.length} regions`,
    at: [offset, REGION_TABLE_SIZE],
    state: bad ? 'bad' : 'ok',
    help: 'Locations of BAT and metadata; stored twice (MS-VHDX 2.2.3)',
    children: [
      ...fieldNodes(REGION_TABLE, bytes, offset, defects),
      ...listed,
      ...moreNode(all.length - listed.length),
    ],
  });
}

function entryNode(
  { defects }: InspectedRegions,
  { at, id, bytes }: PlacedRegion,
  index: number,
): FieldNode {
  const bad = defects.some(
    ({ offset, severity }) =>
      offset >= at && offset < at + REGION_ENTRY_SIZE && severity !== 'info',
  );
  return node(`Entry ${index + 1}: ${regionName(id)}`, {
    at: [at, REGION_ENTRY_SIZE],
    state: bad ? 'bad' : 'none',
    help: 'Location of one region (MS-VHDX 2.2.3.2)',
    children: fieldNodes(REGION_ENTRY, bytes, at, defects),
  });
}
