import { rescueDisk, type Rescued } from '../../../disk/rescue/rescue-disk.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Command } from '../../contract/command.ts';
import { EXIT } from '../../contract/exit.ts';
import { localPath } from '../../options/option-values.ts';
import { facts } from '../../terminal/text.ts';
import { NEW_IMAGE_OPTIONS, newImageValues, size } from './new-image-options.ts';
import { IMAGE, OPEN_OPTIONS, openOptions } from './open-image.ts';

/** Lost ranges that people see; `--json` lists all. */
const SHOWN = 20;

export const RESCUE: Command = {
  name: 'disk rescue',
  summary:
    'Copies what can still be read of a damaged image and its parents. Exit status 1 if parts are lost.',
  args: [{ ...IMAGE, help: 'the damaged disk image; it does not change' }],
  options: {
    to: { type: 'value', value: 'FILE', help: 'The new image, which has no parent.' },
    force: { type: 'flag', help: 'Replace FILE if it exists.' },
    format: NEW_IMAGE_OPTIONS.format,
    'source-format': {
      type: 'value',
      value: 'FORMAT',
      help: 'Read IMAGE as this format, without detection.',
    },
    search: OPEN_OPTIONS.search,
    'ignore-log': OPEN_OPTIONS['ignore-log'],
  },
  details:
    'Lost parts become zeros in FILE and are listed. If the medium fails, only the failed sectors are lost. ' +
    'FILE appears only when it is complete. If the log of an image is damaged, nothing of it is trusted: ' +
    'with --ignore-log it is read as if it had no log, so recent changes may be missing or incomplete.',
  run: async (context) => {
    const file = localPath(context, context.args[0] ?? '');
    const to = context.options.text('to');
    if (to === undefined) throw usage('Name the new image with --to');
    const options = {
      open: openOptions(context, 'source-format'),
      format: newImageValues(context).format,
      replace: context.options.flag('force'),
    };
    const target = localPath(context, to);
    const done = await rescueDisk(file, target, options, context.progress, context.signal);
    context.print(done, () => describe(done));
    return done.lostBytes > 0 ? EXIT.no : EXIT.done;
  },
};

function describe({ file, format, virtualSize, lost, lostBytes }: Rescued): string {
  const head = facts([
    ['image', file],
    ['format', format],
    ['virtual size', size(virtualSize)],
    ['lost', lostBytes === 0 ? 'nothing' : size(lostBytes)],
  ]);
  const lines = lost
    .slice(0, SHOWN)
    .map(({ start, length, code }) => `  bytes ${start} to ${start + length}: ${code}`);
  const more = lost.length - lines.length;
  return [head, ...lines, ...(more > 0 ? [`  ${more} more; --json lists all`] : [])].join('\n');
}
