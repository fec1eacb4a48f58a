import { newGuid } from '../../../../src/engine/base/guid.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { BAT, METADATA, type Victim } from '../vhdx-victim.ts';

/** Makes the example of one code out of a sound image. */
export type Maker = readonly [kind: 'dynamic' | 'differencing', harm: (victim: Victim) => Victim];

const resized = (victim: Victim, change: (size: number) => number): Victim => {
  victim.image.size = change(victim.image.size);
  return victim;
};
const byte = (victim: Victim, at: number, value: number): Victim => {
  victim.image.write(at, Uint8Array.of(value));
  return victim;
};
/** Adds a third region of a new kind. */
const third = (victim: Victim, offset: number, flags: number): Victim => {
  const entry = new Uint8Array(32).fill(7, 0, 16);
  const view = new DataView(entry.buffer);
  view.setBigUint64(16, BigInt(offset), true);
  view.setUint32(24, MIB, true);
  view.setUint32(28, flags, true);
  for (const table of [0x30000, 0x40000]) victim.image.write(table + 16 + 64, entry);
  return victim.region(8, 3, 4);
};
/** Overwrites the first entry of both tables with the second, or the reverse. */
const copyRegion = (victim: Victim): Victim => {
  const second = victim.bytes(0x30000 + 48, 16);
  for (const table of [0x30000, 0x40000]) victim.image.write(table + 16, second);
  return victim.sealRegions();
};

export const HEAD_MAKERS: Readonly<Record<string, Maker>> = {
  'vhdx.signature': ['dynamic', (v) => v.put(0, 0, 4)],
  'vhdx.header.signature': ['dynamic', (v) => v.put(0x10000, 0, 4)],
  'vhdx.header.checksum': ['dynamic', (v) => byte(v, 0x10010, 1)],
  'vhdx.header.none': ['dynamic', (v) => v.put(0x10000, 0, 4).put(0x20000, 0, 4)],
  'vhdx.header.version': ['dynamic', (v) => v.header({ version: 9 })],
  'vhdx.header.logVersion': ['dynamic', (v) => v.header({ logVersion: 9 })],
  'vhdx.header.logLength': ['dynamic', (v) => v.header({ logLength: 4096 })],
  'vhdx.header.logOffset': ['dynamic', (v) => v.header({ logOffset: MIB + 512 })],
  'vhdx.header.noLog': ['dynamic', (v) => v.header({ logLength: 0, logGuid: newGuid() })],
  'vhdx.header.reserved': ['dynamic', (v) => byte(v, 0x20100, 1).sealHeaders()],
  'vhdx.header.tie': [
    'dynamic',
    (v) => {
      v.image.write(0x10008, v.bytes(0x20008, 8));
      return byte(v, 0x10010, 1).sealHeaders();
    },
  ],
  'vhdx.region.signature': ['dynamic', (v) => v.put(0x30000, 0, 4)],
  'vhdx.region.checksum': ['dynamic', (v) => byte(v, 0x3f000, 1)],
  'vhdx.region.none': ['dynamic', (v) => v.put(0x30000, 0, 4).put(0x40000, 0, 4)],
  'vhdx.region.copies': ['dynamic', (v) => byte(v, 0x4f000, 1).sealRegions()],
  'vhdx.region.count': ['dynamic', (v) => v.region(8, 4000, 4)],
  'vhdx.region.reserved': ['dynamic', (v) => v.region(12, 1, 4)],
  'vhdx.region.flags': ['dynamic', (v) => v.region(16 + 28, 3, 4)],
  'vhdx.region.offset': ['dynamic', (v) => v.region(16 + 16, BAT + 512, 8)],
  'vhdx.region.length': ['dynamic', (v) => v.region(16 + 24, 512, 4)],
  'vhdx.region.limit': ['dynamic', (v) => v.region(16 + 24, 1024 * MIB, 4)],
  'vhdx.region.duplicate': ['dynamic', copyRegion],
  'vhdx.region.overlap': ['dynamic', (v) => v.region(16 + 16, METADATA, 8)],
  'vhdx.region.overLog': ['dynamic', (v) => v.header({ logOffset: METADATA })],
  'vhdx.region.missing': ['dynamic', (v) => v.region(16, 1, 8)],
  'vhdx.region.unknown': ['dynamic', (v) => third(v, 100 * MIB, 1)],
  'vhdx.region.optional': [
    'dynamic',
    (v) =>
      third(
        resized(v, (size) => size + MIB),
        v.image.size - MIB,
        0,
      ),
  ],
  'vhdx.region.beyond': ['dynamic', (v) => third(v, 100 * MIB, 0)],
  'vhdx.file.size': ['dynamic', (v) => resized(v, (size) => size + 512)],
  'vhdx.file.unused': ['dynamic', (v) => resized(v, (size) => size + 4 * MIB)],
  'vhdx.file.reserved': ['dynamic', (v) => byte(v, 0x60000, 1)],
  'vhdx.truncated': ['dynamic', (v) => resized(v, () => 0x30100)],
};
