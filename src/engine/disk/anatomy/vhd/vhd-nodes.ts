import type { BatScan } from '../../vhd/read/scan-bat.ts';
import type { VhdParts } from '../../vhd/read/vhd-parts.ts';
import type { DynamicHeader } from '../../vhd/structures/dynamic-header.ts';
import { batBytes } from '../../vhd/structures/layout.ts';
import { LOCATOR_BYTES, LOCATORS_AT, PLATFORMS } from '../../vhd/structures/locator-entry.ts';
import { fieldNodes } from '../../inspect/field-nodes.ts';
import { plain } from '../../inspect/plain.ts';
import { node, type FieldNode } from '../../inspect/model.ts';
import { DYNAMIC_HEADER, LOCATOR_ENTRY } from './vhd-fields.ts';

/** Returns the node of the dynamic header with its parent locators; nothing for a fixed disk. */
export function headerNodes({
  headerBytes,
  header,
  locators,
  defects,
}: VhdParts): readonly FieldNode[] {
  if (headerBytes === undefined) return [];
  const { offset, bytes } = headerBytes;
  const entries = locators.map(({ index, entry, text }) => {
    const at = LOCATORS_AT + index * LOCATOR_BYTES;
    const known = PLATFORMS[entry.code];
    return node(`Parent locator ${index + 1}`, {
      value: text === undefined ? plain(entry.code) : `${plain(entry.code)}: ${plain(text)}`,
      at: [offset + at, LOCATOR_BYTES],
      state:
        text === undefined && known !== undefined && known.encoding !== 'alias' ? 'bad' : 'none',
      help: `${known?.help ?? 'Unknown platform'} (VHD 1.0, Parent Locator Entries)`,
      children: fieldNodes(LOCATOR_ENTRY, bytes.subarray(at, at + LOCATOR_BYTES), offset + at),
    });
  });
  return [
    node('Dynamic header', {
      value: header === undefined ? 'damaged' : 'valid',
      at: [offset, bytes.length],
      state: header === undefined ? 'bad' : 'ok',
      help: 'Describes blocks and parent (VHD 1.0, Dynamic Disk Header Format)',
      children: [...fieldNodes(DYNAMIC_HEADER, bytes, offset, defects), ...entries],
    }),
  ];
}

/** Returns the node of the BAT with its counts. */
export function batNode({ batOffset, maxEntries }: DynamicHeader, scan: BatScan): FieldNode {
  const { present, absent, wrong } = scan;
  return node('Block allocation table', {
    value: `${present} blocks in the file, ${absent} absent${wrong > 0 ? `, ${wrong} wrong` : ''}`,
    at: [batOffset, batBytes(maxEntries)],
    state: wrong > 0 ? 'bad' : 'ok',
    help: 'The sector of each block in the file; all bits are set for an absent one (VHD 1.0, Block Allocation Table and Data Blocks)',
  });
}
