import { rebaseDisk } from '../../../disk/rewrite/rebase-disk.ts';
import type { Command } from '../../contract/command.ts';
import { localPath, required } from '../../options/option-values.ts';
import { OPEN_OPTIONS, rewriteOptions } from './open-image.ts';

export const REBASE: Command = {
  name: 'disk rebase',
  summary: 'Makes an image name another file as its parent. Changes nothing else.',
  args: [{ name: 'CHILD', help: 'a differencing image; its link changes in place' }],
  options: {
    parent: { type: 'value', value: 'FILE', help: 'The new parent. It does not change.' },
    'in-place': { type: 'flag', help: 'Accepted: the link always changes in place.' },
    yes: { type: 'flag', help: 'Accepted: nothing is asked.' },
    search: OPEN_OPTIONS.search,
  },
  details:
    'Checks that FILE has the identity that CHILD recorded. If not, compares everything that shows ' +
    'through CHILD in the old parent and in FILE, and refuses if a byte differs or if the old parent ' +
    'is missing. Also refuses files of a store, a FILE with another child in its folder, and a FILE ' +
    'that depends on CHILD.',
  run: async (context) => {
    const file = localPath(context, context.args[0] ?? '');
    const parent = localPath(context, required(context, 'parent'));
    const options = rewriteOptions(context);
    const done = await rebaseDisk(file, parent, options, context.progress, context.signal);
    const proof =
      done.proof === 'identity' ? 'its identity is the recorded one' : 'the contents are equal';
    context.print(done, () => `The parent of ${done.path} is ${done.parent}: ${proof}.`);
  },
};
