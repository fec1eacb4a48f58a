import type { GroupSummary } from '../../../lab/control/operations.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Command, Context } from '../../contract/command.ts';
import { columns, inLine } from '../../terminal/text.ts';
import { ask, DIR } from './lab-options.ts';

/** Collections of VMs of the lab. */
export const LAB_GROUP_COMMAND: Command = {
  name: 'lab group',
  summary: 'Creates, changes, removes or lists the VM groups of the lab.',
  args: [],
  options: {
    ...DIR,
    create: { type: 'value', value: 'NAME', help: 'Create a group.' },
    'add-to': { type: 'value', value: 'GROUP', help: 'Add VMs to a group.' },
    'take-from': { type: 'value', value: 'GROUP', help: 'Take VMs out of a group.' },
    vm: { type: 'values', value: 'VM', help: 'A member to create it with, to add or to take out.' },
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
  const [more, fewer] = [options.text('add-to'), options.text('take-from')];
  const asked = [name, gone, more, fewer].filter((each) => each !== undefined).length;
  if (asked + (options.flag('list') ? 1 : 0) !== 1) {
    throw usage('Give --create NAME, --add-to, --take-from or --remove GROUP, or --list');
  }
  const members = options.texts('vm');
  const changed = name ?? more ?? fewer;
  if (changed !== undefined && members.length === 0) throw usage('Name the members with --vm VM');
  if (name !== undefined) return [await ask(context, 'group-create', { name, members })];
  for (const vm of changed === undefined ? [] : members) {
    await ask(context, 'group-member', { group: changed ?? '', vm, member: more !== undefined });
  }
  if (gone !== undefined) await ask(context, 'group-remove', { group: gone });
  return ask(context, 'group-list', {});
}

const describe = ({ id, members }: GroupSummary): string =>
  [id, ...members.map(({ name }) => inLine(name))].join(', ');
