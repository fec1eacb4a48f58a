import type { DiskFormat } from '../image/disk-format.ts';
import { QCOW2 } from '../qcow2/qcow2-format.ts';
import { RAW } from '../raw/raw-format.ts';
import { VHD } from '../vhd/vhd-format.ts';
import { VHDS } from '../vhds/vhds-format.ts';
import { VHDX } from '../vhdx/vhdx-format.ts';
import { diskError } from '../virtual/disk-errors.ts';

/** All formats, in the order in which their signatures are looked for; raw is the last one. */
export const FORMATS: readonly DiskFormat[] = [VHDX, VHDS, QCOW2, VHD, RAW];

/** Names of all formats, for options. */
export const FORMAT_NAMES: readonly string[] = FORMATS.map(({ name }) => name);

/** A format that is recognised but not read as a disk. */
export type UnreadFormat = Pick<DiskFormat, 'title' | 'endings' | 'signatures'>;

/** As raw images, their tables would be read as disk contents. */
export const UNREAD: readonly UnreadFormat[] = [
  { title: 'a QED image', endings: [], signatures: [{ at: 0, text: 'QED\0' }] },
  { title: 'a VMDK', endings: [], signatures: [{ at: 0, text: 'KDMV' }] },
  { title: 'a VMDK (its descriptor)', endings: [], signatures: [{ at: 0, text: '# Disk D' }] },
  // After a line of text that differs between programs.
  { title: 'a VDI', endings: [], signatures: [{ at: 64, text: '\u007f\u0010\u00da\u00be' }] },
];

/** Returns a row by its name. Throws `disk.unsupported`. */
export function formatNamed(name: string): DiskFormat {
  const format = FORMATS.find((each) => each.name === name);
  if (format !== undefined) return format;
  throw diskError(
    'disk.unsupported',
    `${name} is not a known format of disk images; expected ${FORMAT_NAMES.join(', ')}`,
    { data: { found: name, expected: FORMAT_NAMES.join(', ') } },
  );
}
