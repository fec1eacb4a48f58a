import type { ByteSource } from '../../../source/byte-source.ts';
import { printable } from '../../inspect/plain.ts';
import type { DiskAnatomy } from './disk-anatomy.ts';
import type { Findings } from '../../inspect/findings.ts';

/** Describes a file without any known structure; its name may promise one. */
export function rawAnatomy(
  file: ByteSource,
  ending: string,
  start: string,
  findings: Findings,
): DiskAnatomy {
  const begins = start === '' ? 'has fewer than 8 bytes' : `begins with “${printable(start)}”`;
  if (['.vhdx', '.avhdx'].includes(ending)) {
    const message = `the file ${begins}, not with “vhdxfile”: it is not a VHDX`;
    findings.add('anatomy.notVhdx', 'error', message, 0);
  } else if (['.vhd', '.avhd'].includes(ending)) {
    const message =
      'there is no footer “conectix” at the end of the file: it is not a VHD. Files with this extension may be VHDL source: reopen it as text';
    findings.add('anatomy.notVhd', 'error', message, Math.max(0, file.size - 512));
  } else if (ending === '.vhds') {
    const message = `the file ${begins}, not with “vhdsetv1”: it is not a VHD Set`;
    findings.add('anatomy.notVhdSet', 'error', message, 0);
  } else if (ending === '.qcow2') {
    const message = `the file ${begins}, not with “QFI\\xfb”: it is not a qcow2 image`;
    findings.add('anatomy.notQcow2', 'error', message, 0);
  }
  const whole = { kind: 'payload', label: 'Contents', start: 0, length: file.size } as const;
  return {
    ...NOTHING,
    format: 'raw',
    virtualSize: file.size,
    parts: file.size === 0 ? [] : [whole],
  };
}

/** Values for formats without blocks and parents. */
export const NOTHING = {
  subformat: null,
  virtualSize: null,
  blockSize: null,
  parts: [],
  tree: [],
  blocks: undefined,
  locator: undefined,
  linkage: undefined,
  locatorAt: null,
} as const satisfies Omit<DiskAnatomy, 'format'>;
