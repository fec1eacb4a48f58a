import type { DiskFormat } from '../image/disk-format.ts';
import { checkVhd } from './check/check-vhd.ts';
import { mergeVhd } from './edit/merge-vhd.ts';
import { relinkVhd } from './edit/relink-vhd.ts';
import { VhdEditor } from './edit/vhd-editor.ts';
import { readFooters } from './read/footers.ts';
import { surveyVhd } from './read/survey-vhd.ts';
import { VhdImage } from './read/vhd-image.ts';
import { repairVhd } from './repair/repair-vhd.ts';
import { BLOCK_SIZES, FOOTER_SIZE, SECTOR, SHORT_FOOTER_SIZE } from './structures/layout.ts';
import { VhdWriter } from './write/vhd-writer.ts';

/** VHD, the format of Virtual PC and of Hyper-V before 2012. */
export const VHD: DiskFormat = {
  name: 'vhd',
  title: 'a VHD',
  endings: ['.vhd', '.avhd'],
  signatures: [
    { at: -FOOTER_SIZE, text: 'conectix' },
    { at: -SHORT_FOOTER_SIZE, text: 'conectix' },
    { at: 0, text: 'conectix' },
  ],
  open: (source, options, signal) => VhdImage.open(source, options, signal),
  survey: surveyVhd,
  identify: async (source, signal) => (await readFooters(source, signal)).used?.footer.uniqueId,
  check: checkVhd,
  repairs: { repair: repairVhd },
  writes: {
    subformats: ['dynamic', 'fixed', 'differencing'],
    logicalSectorSizes: [SECTOR],
    blockSizes: BLOCK_SIZES,
    create: (parts, disk) => new VhdWriter(parts, disk),
  },
  edits: {
    open: (storage, signal) => VhdEditor.open(storage, signal),
    merge: mergeVhd,
    relink: relinkVhd,
  },
};
