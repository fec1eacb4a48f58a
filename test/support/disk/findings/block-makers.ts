import { newGuid } from '../../../../src/engine/base/guid.ts';
import { LOG_ENTRY } from '../../../../src/engine/disk/vhdx/structures/log/log-fields.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { BAT, LOG, logEntry, type Victim } from '../vhdx-victim.ts';
import type { Maker } from './head-makers.ts';

const entryOf = (victim: Victim, index: number): bigint =>
  new DataView(victim.bytes(BAT + index * 8, 8).buffer).getBigUint64(0, true);
const bitmapAt = (victim: Victim): number => Number(entryOf(victim, 4096) & ~0xfffffn);
const page = { kind: 'page' as const, offset: BAT, bytes: new Uint8Array(4096) };

/** Moves the data of block 3 to the last block, which becomes partially present and ends early. */
function cutLastBlock(v: Victim): Victim {
  const data = entryOf(v, 3);
  v.put(BAT + 3 * 8, 0, 8).put(BAT + 7 * 8, data | 7n, 8);
  v.image.write(bitmapAt(v) + 7 * 256, new Uint8Array(256).fill(255));
  return v.put(v.item(1), 8 * MIB - 512, 8);
}

/** A log behind the blocks whose first entry claims 65 MiB. */
function hugeEntry(v: Victim): Victim {
  const [logGuid, logOffset, logLength] = [newGuid(), 32 * MIB, 128 * MIB];
  const entry = logEntry({}, logGuid);
  new DataView(entry.buffer).setUint32(LOG_ENTRY.EntryLength.offset, 65 * MIB, true);
  v.image.size = logOffset + logLength;
  v.image.write(logOffset, entry);
  return v.header({ logGuid, logOffset, logLength });
}

export const BLOCK_MAKERS: Readonly<Record<string, Maker>> = {
  'vhdx.bat.size': ['dynamic', (v) => v.put(v.item(1), 64 * 2 ** 40, 8)],
  'vhdx.bat.state': ['dynamic', (v) => v.entry(2, 5 * MIB, 5)],
  'vhdx.bat.partial': ['dynamic', (v) => v.entry(2, 5 * MIB, 7)],
  'vhdx.bat.reserved': ['dynamic', (v) => v.put(BAT, entryOf(v, 0) | 0x100n, 8)],
  'vhdx.bat.unusedReserved': ['dynamic', (v) => v.entry(2, 0x100, 0)],
  'vhdx.bat.headers': ['dynamic', (v) => v.entry(2, 0, 6)],
  'vhdx.bat.beyond': ['dynamic', (v) => v.entry(2, 1n << 40n, 6)],
  'vhdx.bat.keptBeyond': ['dynamic', (v) => v.entry(2, 1n << 40n, 3)],
  'vhdx.bat.structure': ['dynamic', (v) => v.entry(2, BAT, 6)],
  'vhdx.bat.shared': ['dynamic', (v) => v.put(BAT + 16, entryOf(v, 0), 8)],
  'vhdx.bat.padding': ['differencing', (v) => v.entry(9, 0, 2)],
  'vhdx.bat.bitmapState': ['differencing', (v) => v.put(BAT + 4096 * 8, entryOf(v, 4096) | 1n, 8)],
  'vhdx.bat.strayBitmap': [
    'dynamic',
    // Large enough for a chunk with a bitmap entry.
    (v) => v.put(v.item(1), 5 * 1024 * MIB, 8).put(BAT + 4096 * 8, entryOf(v, 3), 8),
  ],
  'vhdx.bat.noBitmap': ['differencing', (v) => v.put(BAT + 4096 * 8, 0, 8)],
  'vhdx.bat.fixedHoles': ['dynamic', (v) => v.put(v.item(0) + 4, 1, 4)],
  'vhdx.bitmap.empty': [
    'differencing',
    (v) => {
      v.image.write(bitmapAt(v), new Uint8Array(2048));
      return v;
    },
  ],
  'vhdx.bitmap.beyond': ['differencing', cutLastBlock],
  'vhdx.log.limit': ['dynamic', hugeEntry],
  'vhdx.log.dirty': ['dynamic', (v) => v.log({})],
  'vhdx.log.corrupt': ['dynamic', (v) => v.log({}).put(LOG + 60, 77, 4)],
  'vhdx.log.truncated': ['dynamic', (v) => v.log({ flushedFileOffset: 2 ** 40 })],
  'vhdx.log.beyond': ['dynamic', (v) => v.header({ logOffset: 100 * MIB })],
  'vhdx.log.tornEntry': [
    'dynamic',
    (v) => v.log({}, { sequenceNumber: 2n, writes: [page] }).put(LOG + 4096 + 8192 - 4, 9, 4),
  ],
  'vhdx.log.staleEntry': ['dynamic', (v) => v.log({}, { sequenceNumber: 2n, tail: 4096 })],
};
