import type { OpenedDisk } from '../../../disk/chain/open-disk.ts';
import { mergeInPlace } from '../../../disk/rewrite/merge-in-place.ts';
import { mergeToFile, type Merged } from '../../../disk/rewrite/merge-to-file.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Command, Context } from '../../contract/command.ts';
import { localPath } from '../../options/option-values.ts';
import { facts } from '../../terminal/text.ts';
import { NEW_IMAGE_OPTIONS, newImageValues, size } from './new-image-options.ts';
import { OPEN_OPTIONS, openOptions, rewriteOptions, withDisk } from './open-image.ts';

export const MERGE: Command = {
  name: 'disk merge',
  summary: 'Merges an image with its parent: into a new file, or into the parent.',
  args: [{ name: 'CHILD', help: 'a differencing image' }],
  options: {
    into: { type: 'value', value: 'FILE', help: 'The new file. Child and parent do not change.' },
    force: { type: 'flag', help: 'Replace FILE if it exists.' },
    format: NEW_IMAGE_OPTIONS.format,
    'block-size': NEW_IMAGE_OPTIONS['block-size'],
    'in-place': { type: 'flag', help: 'Merge into the parent itself, together with --yes.' },
    yes: { type: 'flag', help: 'Confirms that the parent changes.' },
    search: OPEN_OPTIONS.search,
  },
  details:
    'The new file has the parent of the parent, if there is one. ' +
    'In place, files of a store and parents with another child in their folder are refused. ' +
    'After an interruption the pair reads as before; run the command again to complete the merge. ' +
    'CHILD remains and may be deleted; give its own children the parent with disk rebase before.',
  run: async (context) => {
    const into = context.options.text('into');
    const inPlace = context.options.flag('in-place');
    if (inPlace === (into !== undefined)) {
      throw usage('Name a new file with --into, or use --in-place --yes to change the parent');
    }
    if (inPlace && !context.options.flag('yes')) {
      throw usage('--in-place changes the parent: confirm with --yes');
    }
    const merged = into === undefined ? await inParent(context) : await inFile(context, into);
    context.print(merged, () => describe(merged));
  },
};

async function inFile(context: Context, into: string): Promise<Merged> {
  const target = localPath(context, into);
  const { format, blockSize } = newImageValues(context);
  const options = { format, blockSize, replace: context.options.flag('force') };
  const work = (opened: OpenedDisk): Promise<Merged> =>
    mergeToFile(opened, target, options, context.progress, context.signal);
  return withDisk(context, 0, work, openOptions(context, null));
}

function inParent(context: Context): Promise<Merged> {
  const file = localPath(context, context.args[0] ?? '');
  const options = rewriteOptions(context);
  return mergeInPlace(file, options, context.progress, context.signal);
}

const describe = (merged: Merged): string =>
  facts([
    ['merged', merged.child],
    ['with', merged.parent],
    ['into', merged.target],
    ['virtual size', size(merged.virtualSize)],
    ['copied', size(merged.copiedBytes)],
  ]);
