import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { METADATA, type Victim } from '../vhdx-victim.ts';
import type { Maker } from './head-makers.ts';

const ENTRY = METADATA + 32;
const byte = (victim: Victim, at: number, value: number): Victim => {
  victim.image.write(at, Uint8Array.of(value));
  return victim;
};
/** Adds an item of a new kind without bytes. */
const added = (victim: Victim, id: number | string, flags: number): Victim => {
  const entry = new Uint8Array(32);
  if (typeof id === 'number') entry.fill(id, 0, 16);
  else entry.set(Buffer.from(id, 'hex'));
  new DataView(entry.buffer).setUint32(24, flags, true);
  const count = new DataView(victim.bytes(METADATA + 10, 2).buffer).getUint16(0, true);
  victim.image.write(ENTRY + count * 32, entry);
  return victim.put(METADATA + 10, count + 1, 2);
};
const users = (victim: Victim): Victim => {
  for (let i = 0; i < 1025; i++) {
    const entry = new Uint8Array(32);
    const view = new DataView(entry.buffer);
    view.setUint32(0, i + 1, true);
    view.setUint32(24, 1, true);
    victim.image.write(ENTRY + (5 + i) * 32, entry);
  }
  return victim.put(METADATA + 10, 1030, 2);
};
const INCOMPLETE = 'f085cc71691b284e9558c3bf83ae75d3';

/** Offset of entry `index` of the locator. */
const key = (victim: Victim, index: number): number => victim.item(5) + 20 + index * 12;
const text = (victim: Victim, index: number, of: 'key' | 'value', value: string): Victim => {
  const entry = new DataView(victim.bytes(key(victim, index), 12).buffer);
  const at = victim.item(5) + entry.getUint32(of === 'key' ? 0 : 4, true);
  victim.image.write(at, Buffer.from(value, 'utf16le'));
  return victim;
};

export const METADATA_MAKERS: Readonly<Record<string, Maker>> = {
  'vhdx.metadata.signature': ['dynamic', (v) => v.put(METADATA, 0, 4)],
  'vhdx.metadata.count': ['dynamic', (v) => v.put(METADATA + 10, 4000, 2)],
  'vhdx.metadata.users': ['dynamic', users],
  'vhdx.metadata.reserved': ['dynamic', (v) => byte(v, METADATA + 20, 1)],
  'vhdx.metadata.entryReserved': ['dynamic', (v) => byte(v, ENTRY + 28, 1)],
  'vhdx.metadata.flags': ['dynamic', (v) => byte(v, ENTRY + 24, 0x0c)],
  'vhdx.metadata.itemOffset': ['dynamic', (v) => v.put(ENTRY + 16, 100, 4)],
  'vhdx.metadata.itemLength': ['dynamic', (v) => v.put(ENTRY + 20, MIB + 512, 4)],
  'vhdx.metadata.duplicate': ['dynamic', (v) => added(added(v, 9, 0), 9, 0)],
  'vhdx.metadata.overlap': ['dynamic', (v) => v.put(ENTRY + 16, 0x10008, 4)],
  'vhdx.metadata.missing': ['dynamic', (v) => v.put(METADATA + 10, 4, 2)],
  'vhdx.metadata.short': ['dynamic', (v) => v.put(ENTRY + 20, 4, 4)],
  'vhdx.metadata.unknown': ['dynamic', (v) => added(v, 9, 4)],
  'vhdx.metadata.optional': ['dynamic', (v) => added(v, 9, 0)],
  'vhdx.metadata.incomplete': ['dynamic', (v) => added(v, INCOMPLETE, 4)],
  'vhdx.metadata.itemFlags': ['dynamic', (v) => byte(v, ENTRY + 24, 6)],
  'vhdx.metadata.blockSize': ['dynamic', (v) => v.put(v.item(0), 3 * MIB, 4)],
  'vhdx.metadata.parameterBits': ['dynamic', (v) => v.put(v.item(0) + 4, 8, 4)],
  'vhdx.metadata.diskSize': ['dynamic', (v) => v.put(v.item(1), 0, 8)],
  'vhdx.metadata.sizeSectors': ['dynamic', (v) => v.put(v.item(1), 8 * MIB - 100, 8)],
  'vhdx.metadata.logicalSector': ['dynamic', (v) => v.put(v.item(2), 77, 4)],
  'vhdx.metadata.physicalSector': ['dynamic', (v) => v.put(v.item(3), 77, 4)],
  'vhdx.metadata.sectorOrder': ['dynamic', (v) => v.put(v.item(2), 4096, 4).put(v.item(3), 512, 4)],
  'vhdx.metadata.diskId': ['dynamic', (v) => v.put(v.item(4), 0, 8).put(v.item(4) + 8, 0, 8)],
  'vhdx.metadata.fixedChild': ['differencing', (v) => v.put(v.item(0) + 4, 3, 4)],
  'vhdx.locator.missing': ['dynamic', (v) => v.put(v.item(0) + 4, 2, 4)],
  'vhdx.locator.stray': ['differencing', (v) => v.put(v.item(0) + 4, 0, 4)],
  'vhdx.locator.type': ['differencing', (v) => v.put(v.item(5), 0, 4)],
  'vhdx.locator.reserved': ['differencing', (v) => v.put(v.item(5) + 16, 1, 2)],
  'vhdx.locator.count': ['differencing', (v) => v.put(v.item(5) + 18, 300, 2)],
  'vhdx.locator.entries': ['differencing', (v) => v.put(v.item(5) + 18, 200, 2)],
  'vhdx.locator.entry': ['differencing', (v) => v.put(key(v, 1), 0x7fffffff, 4)],
  'vhdx.locator.emptyKey': ['differencing', (v) => v.put(key(v, 2) + 8, 0, 2)],
  'vhdx.locator.duplicate': [
    'differencing',
    (v) => {
      v.image.write(key(v, 2), v.bytes(key(v, 1), 12));
      return v;
    },
  ],
  'vhdx.locator.nul': ['differencing', (v) => text(v, 2, 'value', 'C:\\\0')],
  'vhdx.locator.keyCase': ['differencing', (v) => text(v, 2, 'key', 'A')],
  'vhdx.locator.unknownKey': ['differencing', (v) => text(v, 2, 'key', 'x')],
  'vhdx.locator.linkage': ['differencing', (v) => text(v, 0, 'key', 'x')],
  'vhdx.locator.linkageText': ['differencing', (v) => text(v, 0, 'value', 'x')],
  'vhdx.locator.linkage2Text': [
    'differencing',
    (v) => text(v, 2, 'key', 'parent_linkage2').put(key(v, 2) + 8, 30, 2),
  ],
  'vhdx.locator.linkageNil': [
    'differencing',
    (v) => text(v, 0, 'value', '{00000000-0000-0000-0000-000000000000}'),
  ],
  'vhdx.locator.noPath': ['differencing', (v) => text(text(v, 1, 'key', 'x'), 2, 'key', 'x')],
  'vhdx.locator.noRelative': ['differencing', (v) => text(v, 1, 'key', 'x')],
  'vhdx.locator.relativeForm': ['differencing', (v) => text(v, 1, 'value', './')],
};
