import type { DiskFormat } from '../image/disk-format.ts';
import { mergeVhdx } from './edit/merge-vhdx.ts';
import { relinkVhdx } from './edit/parent-link.ts';
import { checkVhdx } from './check/check-vhdx.ts';
import { VhdxEditor } from './edit/vhdx-editor.ts';
import { readHead } from './read/read-structures.ts';
import { surveyVhdx } from './read/survey-vhdx.ts';
import { VhdxImage } from './read/vhdx-image.ts';
import { nameParent } from './repair/name-parent.ts';
import { repairVhdx } from './repair/repair-vhdx.ts';
import { errorInFile } from './structures/error-in-file.ts';
import { MAX_BLOCK_SIZE, MIN_BLOCK_SIZE } from './structures/layout.ts';
import { vhdxParent, writeVhdx } from './write/write-vhdx.ts';

/** VHDX and its differencing images, AVHDX ([MS-VHDX]). */
export const VHDX: DiskFormat = {
  name: 'vhdx',
  title: 'a VHDX',
  endings: ['.vhdx', '.avhdx'],
  signatures: [{ at: 0, text: 'vhdxfile' }],
  open: (source, options, signal) => VhdxImage.open(source, signal, options),
  survey: surveyVhdx,
  identify: async (source, signal) => {
    try {
      return (await readHead(source, signal)).current.header.dataWriteGuid;
    } catch (error) {
      throw errorInFile(error, source.name);
    }
  },
  check: checkVhdx,
  writes: {
    subformats: ['dynamic', 'fixed', 'differencing'],
    logicalSectorSizes: [512, 4096],
    blockSizes: powersOfTwo(MIN_BLOCK_SIZE, MAX_BLOCK_SIZE),
    create: writeVhdx,
  },
  repairs: { repair: repairVhdx, nameParent },
  edits: {
    open: (storage, signal) => VhdxEditor.open(storage, signal),
    merge: mergeVhdx,
    relink: (child, parent, signal) => relinkVhdx(child, vhdxParent(parent), signal),
  },
};

function powersOfTwo(from: number, to: number): readonly number[] {
  return from > to ? [] : [from, ...powersOfTwo(from * 2, to)];
}
