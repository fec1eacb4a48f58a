import type { VhdsVictim } from './vhds-victim.ts';

/** Makes the example of one code out of a sound set. */
type Maker = (victim: VhdsVictim) => VhdsVictim;

export const VHDS_MAKERS: Readonly<Record<string, Maker>> = {
  'vhds.header.signature': (v) => v.put(0x1_0000, 0, 4),
  'vhds.header.checksum': (v) => v.put(0x1_0018, 9, 4),
  'vhds.header.version': (v) => v.header(16, 2, 4),
  'vhds.header.name': (v) => v.header(32, 7, 4),
  'vhds.header.unknown': (v) => v.header(100, 1, 4),
  'vhds.name': (v) => v.name('..\\set_1.avhdx'),
  'vhds.unknown': (v) => v.put(0x3_0000, 1, 4),
  'vhds.backing.missing': (v) => v.name('set_2.avhdx'),
};
