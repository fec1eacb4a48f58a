import { batIndexOfPayload } from '../../vhdx/structures/layout.ts';
import type { Region } from '../../vhdx/structures/regions/region-entry.ts';
import type { BatScan } from './bat-scan.ts';
import { BAD, type BlockTable } from './block-states.ts';
import { node, type FieldNode } from '../../inspect/model.ts';

const NAMES = [
  'Fully present',
  'Partially present',
  'Zero',
  'Not present',
  'Unmapped',
  'Undefined',
  'Not valid',
] as const;

/** Returns the tree node of the BAT: its dimensions and the number of blocks in each state. */
export function batNode(
  region: Region,
  table: BlockTable | undefined,
  scan: BatScan | undefined,
): FieldNode {
  const at = [region.offset, region.length] as const;
  const help =
    'For each block of the disk: whether the file holds it, and at which offset (MS-VHDX 2.5)';
  if (table === undefined || scan === undefined) {
    const value = 'not read: the metadata holds no block size';
    return node('Block allocation table', { value, at, state: 'bad', help });
  }
  const counts = scan.overview.counts();
  const bad = (counts[BAD] ?? 0) > 0;
  const used = table.blocks === 0 ? 0 : batIndexOfPayload(table.metadata, table.blocks - 1) + 1;
  const measures = [
    node('Payload blocks', {
      value: String(table.blocks),
      help: 'Disk size divided by block size (MS-VHDX 2.5)',
    }),
    node('Chunk ratio', {
      value: String(table.ratio),
      help: 'Number of payload entries before each sector bitmap entry (MS-VHDX 2.5)',
    }),
    node('Entries', {
      value: String(table.entries),
      at: [region.offset, Math.min(region.length, Math.max(used, table.entries) * 8)],
      help: 'Entries of eight bytes: three bits of state, from bit 20 the file offset in MiB (MS-VHDX 2.5.1)',
    }),
  ];
  const states = counts.flatMap((count, i): FieldNode[] =>
    count === 0
      ? []
      : [
          node(NAMES[i] ?? '', {
            value: String(count),
            state: i === BAD ? 'bad' : 'none',
            help: 'Payload blocks with this state (MS-VHDX 2.5.1.1)',
          }),
        ],
  );
  return node('Block allocation table', {
    value: `${table.blocks} blocks`,
    at,
    state: bad ? 'bad' : 'ok',
    help,
    children: [...measures, ...states],
  });
}
