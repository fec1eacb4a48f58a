import { ByteReader } from '../../../base/bytes/byte-reader.ts';
import { MAX_LOCATOR_KEYS } from '../../vhdx/structures/layout.ts';
import { fieldNodes, plain } from '../model/fields.ts';
import { MAX_LISTED, moreNode, node, type FieldNode } from '../model/model.ts';
import { LOCATOR_ENTRY, LOCATOR_HEADER } from './vhdx-fields.ts';

const HEADER = 20;
const ENTRY = 12;

interface Text {
  /** Offset from the start of the item. */
  readonly at: number;
  readonly length: number;
  /** Undefined if it lies outside the item. */
  readonly text: string | undefined;
}

interface LocatorEntry {
  readonly at: number;
  readonly key: Text;
  readonly value: Text;
}

/** Returns the entries of a locator unchecked: even a damaged one may tell where the parent was. */
export function locatorEntries(bytes: Uint8Array): readonly LocatorEntry[] {
  if (bytes.length < HEADER) return [];
  const reader = new ByteReader(bytes, 'VHDX parent locator');
  const claimed = reader.seek(18).u16();
  const fit = Math.floor((bytes.length - HEADER) / ENTRY);
  const entries: LocatorEntry[] = [];
  for (let i = 0; i < Math.min(claimed, fit, MAX_LOCATOR_KEYS); i++) {
    const at = HEADER + i * ENTRY;
    reader.seek(at);
    const [keyAt, valueAt, keyLength, valueLength] = [
      reader.u32(),
      reader.u32(),
      reader.u16(),
      reader.u16(),
    ];
    entries.push({
      at,
      key: text(bytes, keyAt, keyLength),
      value: text(bytes, valueAt, valueLength),
    });
  }
  return entries;
}

function text(bytes: Uint8Array, at: number, length: number): Text {
  const inside = at + length <= bytes.length && length % 2 === 0;
  const part = bytes.subarray(at, at + length);
  return { at, length, text: inside ? new ByteReader(part, 'text').utf16(length) : undefined };
}

export function locatorNodes(
  bytes: Uint8Array,
  offset: number,
  entries: readonly LocatorEntry[],
): readonly FieldNode[] {
  const listed = entries.slice(0, MAX_LISTED).map(({ at, key, value }) => {
    const texts = [
      ['Key', key],
      ['Value', value],
    ] as const;
    return node(plain(key.text ?? 'unreadable key', 60), {
      value: plain(value.text ?? 'outside the item'),
      at: [offset + at, ENTRY],
      state: key.text === undefined || value.text === undefined ? 'bad' : 'none',
      help: 'One key of the locator and its value (MS-VHDX 2.6.2.6.2)',
      children: [
        ...fieldNodes(LOCATOR_ENTRY, bytes.subarray(at, at + ENTRY), offset + at),
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
  });
  return [
    ...fieldNodes(LOCATOR_HEADER, bytes, offset),
    ...listed,
    ...moreNode(entries.length - listed.length),
  ];
}
