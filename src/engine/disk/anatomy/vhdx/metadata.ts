import type { Defect } from '../../inspect/defect.ts';
import { fieldNodes } from '../../inspect/field-nodes.ts';
import { MAX_LISTED, moreNode, node, type FieldNode } from '../../inspect/model.ts';
import type { InspectedMetadata } from '../../vhdx/inspect/inspect-metadata.ts';
import { KNOWN_ITEMS } from '../../vhdx/structures/metadata/item-fields.ts';
import { ITEM_PARENT_LOCATOR } from '../../vhdx/structures/layout.ts';
import {
  METADATA_ENTRY,
  METADATA_ENTRY_SIZE,
} from '../../vhdx/structures/metadata/metadata-entry.ts';
import {
  METADATA_TABLE,
  metadataEntries,
  type PlacedEntry,
} from '../../vhdx/structures/metadata/metadata-table.ts';
import { locatorNodes } from './locator.ts';

/** Returns the tree of the metadata region; shows entries unchecked. */
export function metadataNode(inspected: InspectedMetadata): FieldNode {
  const { region, table, defects } = inspected;
  const entries = metadataEntries(table, region.offset);
  const listed = entries.slice(0, MAX_LISTED).map((entry, i) => entryNode(inspected, entry, i));
  const bad = defects.some(grave);
  return node('Metadata', {
    value: bad ? 'not valid' : `${entries.length} items`,
    at: [region.offset, region.length],
    state: bad ? 'bad' : 'ok',
    help: 'Properties of the disk. Has no checksum: it is changed only through the log (MS-VHDX 2.6)',
    children: [
      ...fieldNodes(METADATA_TABLE, table, region.offset, defects),
      ...listed,
      ...moreNode(entries.length - listed.length),
    ],
  });
}

const grave = ({ severity }: Defect): boolean => severity === undefined || severity === 'error';

function entryNode(
  { items, defects }: InspectedMetadata,
  { at, id, bytes, isUser }: PlacedEntry,
  index: number,
): FieldNode {
  const known = isUser ? undefined : KNOWN_ITEMS.get(id);
  const item = known === undefined ? undefined : items.get(id);
  const spans: [number, number][] = [[at, METADATA_ENTRY_SIZE]];
  if (item !== undefined) spans.push([item.at, item.bytes.length]);
  const bad = defects.some(
    (each) =>
      grave(each) &&
      spans.some(([start, length]) => each.offset >= start && each.offset < start + length),
  );
  const values =
    item === undefined || known === undefined
      ? []
      : id === ITEM_PARENT_LOCATOR
        ? locatorNodes(item.bytes, item.at, defects)
        : fieldNodes(known.fields, item.bytes, item.at, defects);
  return node(known?.name ?? `Item ${index + 1}: ${id}`, {
    value: id === ITEM_PARENT_LOCATOR ? '' : values.map((each) => each.value).join('; '),
    at: item === undefined ? [at, METADATA_ENTRY_SIZE] : [item.at, item.bytes.length],
    state: bad ? 'bad' : 'none',
    help: 'A metadata item (MS-VHDX 2.6.2)',
    children: [
      ...values,
      node('Table entry', {
        at: [at, METADATA_ENTRY_SIZE],
        help: 'Location of the item (MS-VHDX 2.6.1.2)',
        children: fieldNodes(METADATA_ENTRY, bytes, at, defects),
      }),
    ],
  });
}
