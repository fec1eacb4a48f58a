import type { GroupSummary } from '../../../lab/control/operations.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Command, Context } from '../../contract/command.ts';
import { columns, inLine } from '../../terminal/text.ts';
import { ask, DIR } from './lab-options.ts';

/** Collections of VMs of the lab. */
export const LAB_GROUP_COMMAND: Command = {
  name: 'lab group',
  summary: 'Creates, removes or lists the VM groups of the lab.',
  args: [],
  options: {
    ...DIR,
    create: { type: 'value', value: 'NAME', help: 'Create a group.' },
    vm: { type: 'values', value: 'VM', help: 'With --create: a member (repeatable).' },
    remove: { type: 'value', value: 'GROUP', help: 'Remove a group; its VMs stay.' },
    list: { type: 'flag', help: 'List the groups.' },
  },
  run: async (context) => {
    const groups = await change(context);
    context.print(groups, () =>
      columns(
        groups.map((each) => [inLine(each.name), describe(each)]),
        Math.min(context.io.columns, 80),
      ).join('\n'),
    );
  },
};

async function change(context: Context): Promise<readonly GroupSummary[]> {
  const { options } = context;
  const [name, gone] = [options.text('create'), options.text('remove')];
  const asked = [name !== undefined, gone !== undefined, options.flag('list')].filter(Boolean);
  if (asked.length !== 1) throw usage('Give --create NAME, --remove GROUP or --list');
  if (name !== undefined) {
    const members = options.texts('vm');
    if (members.length === 0) throw usage('Name the members with --vm VM');
    return [await ask(context, 'group-create', { name, members })];
  }
  if (gone !== undefined) await ask(context, 'group-remove', { group: gone });
  return ask(context, 'group-list', {});
}

const describe = ({ id, members }: GroupSummary): string =>
  [id, ...members.map(({ name }) => inLine(name))].join(', ');
