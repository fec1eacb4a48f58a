import type { DiskFormat } from '../image/disk-format.ts';
import { checkQcow2 } from './check/check-qcow2.ts';
import { Qcow2Image } from './read/qcow2-image.ts';
import { repairQcow2 } from './repair/repair-qcow2.ts';
import { surveyQcow2 } from './read/survey-qcow2.ts';
import { MAGIC } from './structures/layout.ts';
import { CLUSTER_SIZES } from './write/new-geometry.ts';
import { Qcow2Writer } from './write/qcow2-writer.ts';

/**
 * The format of qemu, versions 2 and 3 (docs/interop/qcow2.txt). `structures` knows the bytes and
 * their rules, `read` an image, `write` a new one, `check` and `repair` what is wrong in one; start
 * with `structures/layout.ts`.
 */
export const QCOW2: DiskFormat = {
  name: 'qcow2',
  title: 'a qcow2 image',
  endings: ['.qcow2'],
  signatures: [{ at: 0, text: MAGIC }],
  open: (source, options, signal) => Qcow2Image.open(source, options, signal),
  survey: surveyQcow2,
  identify: () => Promise.resolve(undefined),
  check: checkQcow2,
  repairs: { repair: repairQcow2 },
  writes: {
    subformats: ['dynamic', 'differencing'],
    logicalSectorSizes: [512],
    blockSizes: CLUSTER_SIZES,
    create: (parts, disk) => new Qcow2Writer(parts, disk),
  },
};
