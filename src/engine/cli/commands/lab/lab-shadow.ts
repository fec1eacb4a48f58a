import type { LabShadow } from '../../../lab/state/state.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Command, Context } from '../../contract/command.ts';
import { ask, DIR } from './lab-options.ts';

/** Shadow copies of the lab's host. */
export const LAB_SHADOW_COMMAND: Command = {
  name: 'lab shadow',
  summary: 'Makes, removes or lists shadow copies of the host, as another program would.',
  args: [],
  options: {
    ...DIR,
    create: { type: 'flag', help: 'Make a shadow copy of the volume, without writers.' },
    remove: { type: 'value', value: 'ID', help: 'Remove this one.' },
    list: { type: 'flag', help: 'List them.' },
  },
  run: async (context) => {
    const shadows = await change(context);
    context.print(shadows, () =>
      shadows.length === 0
        ? 'No shadow copies.'
        : shadows.map(({ id, number, created }) => `${id}  copy ${number}, ${created}`).join('\n'),
    );
  },
};

async function change(context: Context): Promise<readonly LabShadow[]> {
  const { options } = context;
  const id = options.text('remove');
  const asked = [options.flag('create'), id !== undefined, options.flag('list')].filter(Boolean);
  if (asked.length !== 1) throw usage('Give --create, --remove ID or --list');
  if (options.flag('create')) await ask(context, 'shadow-create', {});
  if (id !== undefined) await ask(context, 'shadow-remove', { id });
  return ask(context, 'shadow-list', {});
}
