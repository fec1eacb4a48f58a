import type { Advice } from './advice-row.ts';
import { ACCEPTS, NOTHING, REBASE, REFUSES } from './words.ts';

/** Advice about the codes of one group. */
export const CHAIN_ADVICE: Readonly<Record<string, Advice>> = {
  'disk.parent.missing': {
    means: 'The parent is neither at the path that the image names nor beside it.',
    windows: REFUSES,
    fix: 'Move the parent beside the image, name its folder with `--search`, or run `refpoint disk rebase`.',
  },
  'disk.parent.mismatch': {
    means:
      'The file at the path of the parent has another identity: another disk, or changed since its child was made.',
    windows: REFUSES,
    fix: 'Put back the parent as it was when the child was made. `refpoint disk rebase` accepts another one, at the risk of wrong data.',
  },
  'disk.chain.cycle': { means: 'An image is its own ancestor.', windows: REFUSES, fix: REBASE },
  'disk.chain.depth': {
    means: 'The chain has more than 256 images.',
    windows: REFUSES,
    fix: 'Merge images with `refpoint disk merge`.',
  },
  'disk.chain.sectors': {
    means: 'Child and parent have different logical sector sizes.',
    windows: REFUSES,
    fix: REBASE,
  },
  'disk.chain.size': {
    means: 'Child and parent have different sizes. VHDX allows it.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'disk.chain.absolute': {
    means: 'Only an absolute path names the parent.',
    windows: ACCEPTS,
    fix: REBASE,
  },
  'disk.chain.newer': {
    means: 'The parent was written after its child; its identity is unchanged.',
    windows: ACCEPTS,
    fix: 'Compare the parent with a backup if somebody may have changed it with another program than Windows.',
  },
  'disk.chain.hidden': {
    means: 'Zero blocks of the child hide data of the parent.',
    windows: ACCEPTS,
    fix: 'Do not drop zero blocks of the image. Merging it with `refpoint disk merge` is safe.',
  },
  'disk.chain.siblings': {
    means: 'The parent has another child in this folder.',
    windows: ACCEPTS,
    fix: 'Do not merge into the parent and do not write to it, as long as the other child is needed.',
  },
};
