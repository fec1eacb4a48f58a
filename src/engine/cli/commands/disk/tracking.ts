import { diskTracking } from '../../../operations/windows/disk-tracking.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Command } from '../../contract/command.ts';
import { localPath } from '../../options/option-values.ts';
import { facts } from '../../terminal/text.ts';

export const TRACKING: Command = {
  name: 'disk tracking',
  summary:
    'Shows the change tracking of an image that no VM uses, or turns it on or off. Windows only.',
  args: [{ name: 'IMAGE', help: 'a VHDX file' }],
  options: {
    on: { type: 'flag', help: 'Turn change tracking on.' },
    off: { type: 'flag', help: 'Turn it off. Every earlier RCT ID becomes unknown.' },
  },
  run: async (context) => {
    const { options, signal } = context;
    const [on, off] = [options.flag('on'), options.flag('off')];
    if (on && off) throw usage('Give either --on or --off');
    const path = localPath(context, context.args[0] ?? '');
    const result = await diskTracking(path, on ? true : off ? false : undefined, signal);
    context.print(result, () =>
      facts([
        ['image', result.path],
        ['change tracking', result.enabled ? 'on' : 'off'],
        ['newest RCT ID', result.mostRecentId],
        ['changes after it', result.newerChanges ? 'yes' : 'no'],
      ]),
    );
  },
};
