import type { DiskFormat } from '../image/disk-format.ts';
import { backingOfSet } from './backing-file.ts';
import { checkSet } from './check-set.ts';
import { readSet } from './read-set.ts';
import { SetImage } from './set-image.ts';
import { surveySet } from './survey-set.ts';

/** VHD Set, which names the file of a shared disk; only read. */
export const VHDS: DiskFormat = {
  name: 'vhds',
  title: 'a VHD Set',
  endings: ['.vhds'],
  signatures: [{ at: 0, text: 'vhdsetv1' }],
  open: async (source, options, signal) => {
    try {
      return await SetImage.of(source, await readSet(source, signal), options, signal);
    } catch (error) {
      await source.close();
      throw error;
    }
  },
  survey: surveySet,
  // Nothing is the child of a set.
  identify: () => Promise.resolve(undefined),
  check: checkSet,
  contents: backingOfSet,
  writes: undefined,
};
