import { LOCATORS_AT } from '../../../../src/engine/disk/vhd/structures/locator-entry.ts';
import { HEADER, VHD_SIZE, type VhdKind, type VhdVictim } from './vhd-victim.ts';

/** Makes the example of one code out of a sound image. */
type Maker = readonly [kind: VhdKind, harm: (victim: VhdVictim) => VhdVictim];

const end = (v: VhdVictim): number => v.bytes.length - 512;
const bitmap = (v: VhdVictim, block: number): number => v.u32(v.bat + block * 4) * 512;
const LOCATOR = LOCATORS_AT;
/** Removes all locators and the name of the parent. */
const nameless = (v: VhdVictim): VhdVictim =>
  v
    .fill(HEADER + LOCATORS_AT, 8 * 24)
    .fill(HEADER + 64, 512)
    .header(60, 0, 4);

export const VHD_MAKERS: Readonly<Record<string, Maker>> = {
  'vhd.truncated': ['fixed', (v) => v.footer(48, VHD_SIZE + 1024, 8)],
  'vhd.footer.none': ['fixed', (v) => v.fill(end(v), 8)],
  'vhd.footer.missing': ['dynamic', (v) => v.cut(end(v))],
  'vhd.footer.short': ['dynamic', (v) => v.cut(v.bytes.length - 1)],
  'vhd.footer.copy': ['dynamic', (v) => v.fill(0, 512)],
  'vhd.footer.differs': [
    'dynamic',
    (v) => {
      const copy = v.bytes.slice(0, 512);
      v.footer(24, 77, 4).bytes.set(copy, 0);
      return v;
    },
  ],
  'vhd.footer.checksum': ['dynamic', (v) => v.put(end(v) + 24, 99, 1)],
  'vhd.footer.version': ['dynamic', (v) => v.footer(12, 0x20000, 4)],
  'vhd.footer.type': ['dynamic', (v) => v.footer(60, 9, 4)],
  'vhd.footer.size': ['dynamic', (v) => v.footer(48, 77, 8)],
  'vhd.footer.limit': ['dynamic', (v) => v.footer(48, 2 ** 42, 8)],
  'vhd.footer.offset': ['dynamic', (v) => v.footer(16, 77, 8)],
  'vhd.footer.features': ['dynamic', (v) => v.footer(8, 0, 4)],
  'vhd.footer.savedState': ['dynamic', (v) => v.footer(84, 1, 1)],
  'vhd.footer.reserved': ['dynamic', (v) => v.footer(100, 1, 1)],
  'vhd.size.geometry': ['fixed', (v) => v.footer(28, 0x76706320, 4)],
  'vhd.header.signature': ['dynamic', (v) => v.fill(HEADER, 8)],
  'vhd.header.checksum': ['dynamic', (v) => v.put(HEADER + 36, 0, 4)],
  'vhd.header.version': ['dynamic', (v) => v.header(24, 0x20000, 4)],
  'vhd.header.blockSize': ['dynamic', (v) => v.header(32, 77, 4)],
  'vhd.header.entries': ['dynamic', (v) => v.header(28, 2, 4)],
  'vhd.header.bat': ['dynamic', (v) => v.header(16, 2 ** 40, 8)],
  'vhd.header.next': ['dynamic', (v) => v.header(8, 0, 8)],
  'vhd.header.reserved': ['dynamic', (v) => v.header(900, 1, 1)],
  'vhd.locator.platform': ['differencing', (v) => v.header(LOCATOR + 24 * 7, 0x78787878, 4)],
  'vhd.locator.length': ['differencing', (v) => v.header(LOCATOR + 8, 0, 4)],
  'vhd.locator.place': ['differencing', (v) => v.header(LOCATOR + 16, 2 ** 40, 8)],
  'vhd.parent.noPath': ['differencing', nameless],
  'vhd.parent.id': ['differencing', (v) => v.header(40, 0, 8).header(48, 0, 8)],
  'vhd.bat.offset': ['dynamic', (v) => v.put(v.bat, 0x10000000, 4)],
  'vhd.bat.overlap': ['dynamic', (v) => v.put(v.bat + 4, 0, 4)],
  'vhd.bat.shared': ['dynamic', (v) => v.put(v.bat + 4, v.u32(v.bat), 4)],
  'vhd.bat.unaligned': ['dynamic', (v) => v.put(v.bat, v.u32(v.bat) + 1, 4)],
  'vhd.bitmap.empty': ['differencing', (v) => v.fill(bitmap(v, 0), 512)],
  'vhd.bitmap.beyond': ['differencing', (v) => v.fill(bitmap(v, 3), 2, 255)],
};
