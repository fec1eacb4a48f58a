import type { Defect } from '../../inspect/defect.ts';
import { fieldNodes } from '../../inspect/field-nodes.ts';
import { sizeOf } from '../../inspect/fields.ts';
import { MAX_LISTED, moreNode, node, type FieldNode } from '../../inspect/model.ts';
import { plain } from '../../inspect/plain.ts';
import {
  LOCATOR_ENTRY,
  LOCATOR_HEADER,
  locatorEntries,
  type LocatorEntry,
} from '../../vhdx/structures/locator/locator-fields.ts';

const SIZE = sizeOf(LOCATOR_ENTRY);

/** Returns the nodes of a parent locator; shows entries unchecked. */
export function locatorNodes(
  bytes: Uint8Array,
  offset: number,
  defects: readonly Defect[],
): readonly FieldNode[] {
  const entries = locatorEntries(bytes);
  const listed = entries
    .slice(0, MAX_LISTED)
    .map((entry) => entryNode(bytes, offset, entry, defects));
  return [
    ...fieldNodes(LOCATOR_HEADER, bytes, offset, defects),
    ...listed,
    ...moreNode(entries.length - listed.length),
  ];
}

function entryNode(
  bytes: Uint8Array,
  offset: number,
  { at, key, value }: LocatorEntry,
  defects: readonly Defect[],
): FieldNode {
  const texts = [
    ['Key', key],
    ['Value', value],
  ] as const;
  const bad = defects.some(
    (each) =>
      each.offset >= offset + at && each.offset < offset + at + SIZE && each.severity !== 'info',
  );
  return node(plain(key.text ?? 'unreadable key', 60), {
    value: plain(value.text ?? 'outside the item'),
    at: [offset + at, SIZE],
    state: bad ? 'bad' : 'none',
    help: 'One key of the locator and its value (MS-VHDX 2.6.2.6.2)',
    children: [
      ...fieldNodes(LOCATOR_ENTRY, bytes.subarray(at, at + SIZE), offset + at, defects),
      ...texts.flatMap(([label, each]): FieldNode[] =>
        each.text === undefined
          ? []
          : [
              node(label, {
                value: plain(each.text),
                at: [offset + each.at, each.length],
                help: 'UTF-16LE, without a terminator (MS-VHDX 2.6.2.6.2)',
              }),
            ],
      ),
    ],
  });
}
