import type { GroupRow, GroupShow } from '../../api/host.ts';
import { formatBytes } from '../../base/format-bytes.ts';
import { usage } from '../contract/cli-errors.ts';
import type { Command } from '../contract/command.ts';
import { HOST_OPTIONS, withHost } from '../options/host-options.ts';
import { inLine, table } from '../terminal/text.ts';

const GROUP = { name: 'GROUP', help: 'a group: its ID, or a name that only one group has' };

export const GROUP_COMMANDS: readonly Command[] = [
  {
    name: 'group list',
    summary: 'Lists the groups of VMs of a host.',
    args: [],
    options: HOST_OPTIONS,
    run: (context) =>
      withHost(context, async (host) => {
        const groups = await host.groups.list(context.signal);
        context.print(groups, () => table(['group', 'id', 'members'], groups.map(rowOf)));
      }),
  },
  {
    name: 'group show',
    summary: 'Shows the members of a group, their disks, and who shares them.',
    args: [GROUP],
    options: HOST_OPTIONS,
    run: (context) =>
      withHost(context, async (host) => {
        const group = await host.groups.show(context.args[0] ?? '', context.signal);
        context.print(group, () => describe(group));
      }),
  },
  {
    name: 'group create',
    summary: 'Creates a group of VMs, so that they can be frozen together.',
    args: [{ name: 'NAME', help: 'the name of the new group' }],
    options: {
      ...HOST_OPTIONS,
      vm: { type: 'values', value: 'VM', help: 'A member: GUID or unique name (repeatable).' },
    },
    run: (context) =>
      withHost(context, async (host) => {
        const members = context.options.texts('vm');
        if (members.length === 0) throw usage('Name the members with --vm VM');
        const group = await host.groups.create(context.args[0] ?? '', members, context.signal);
        context.print(group, () => `The group ${inLine(group.name)} has the ID ${group.id}.`);
      }),
  },
];

const rowOf = ({ name, id, members }: GroupRow): string[] => [
  inLine(name),
  id,
  members.map((each) => inLine(each.name)).join(', '),
];

function describe({ name, id, members, disks, findings }: GroupShow): string {
  return [
    `${inLine(name)} (${id})`,
    ...members.map((vm) => `  ${inLine(vm.name)} (${vm.id}), ${vm.state}`),
    '',
    table(
      ['disk', 'size', 'holders', 'owner', 'path'],
      disks.map((disk) => [
        String(disk.number),
        disk.virtualSize === null ? '' : formatBytes(disk.virtualSize),
        disk.holders.map((each) => inLine(each.name)).join(', '),
        disk.owners.map((each) => inLine(each.name)).join(', '),
        disk.path,
      ]),
      ['disk', 'size'],
    ),
    ...findings.map(({ severity, message, code }) => `${severity}: ${message} (${code})`),
  ].join('\n');
}
