import type { Finding, HostTest, VmShow } from '../../api/host.ts';
import { formatBytes } from '../../base/format-bytes.ts';
import { listVms } from '../../operations/host/list-vms.ts';
import { BATCH_VMS, streamVms } from '../../operations/host/stream-vms.ts';
import { testHost } from '../../operations/host/test-host.ts';
import { showVm } from '../../operations/vm/show-vm.ts';
import { withAdvice } from '../terminal/advice.ts';
import type { Command } from '../contract/command.ts';
import { HOST_OPTIONS, withHost } from '../options/host-options.ts';
import { storesOf } from '../options/named-objects.ts';
import { operationContext } from '../options/operation-context.ts';
import { elevationFacts, grantedFeatures, missingRights } from '../terminal/rights-text.ts';
import { facts, table, tableWidth } from '../terminal/text.ts';
import { VmLines, vmTable } from '../terminal/vm-table.ts';

const VM = { name: 'VM', help: 'a VM: its GUID, or a name that only one VM has' };

export const HOST_COMMANDS: readonly Command[] = [
  {
    name: 'host test',
    summary: 'Connects to a host, describes it, and lists what prevents backups.',
    args: [],
    options: HOST_OPTIONS,
    run: (context) =>
      withHost(context, async (host) => {
        const result = await testHost(host, context.signal);
        const user = context.options.text('user') ?? context.io.env['REFPOINT_USER'];
        context.print(result, () =>
          [
            facts([
              ['host', result.host],
              ['identity', `${result.identity} ${result.product}`],
              ['login', loginText(result)],
              [
                'services',
                Object.entries(result.services)
                  .map(([name, there]) => `${there ? '' : 'no '}${name}`)
                  .join(', '),
              ],
              ['rights', grantedFeatures(result.rights)],
              ...elevationFacts(result.elevated),
            ]),
            ...missingRights(result.rights, user),
            ...result.findings.map(findingText),
          ].join('\n'),
        );
        return result.findings.some((finding) => finding.severity === 'error') ? 1 : 0;
      }),
  },
  {
    name: 'vm list',
    summary: 'Lists the VMs of a host.',
    args: [],
    options: HOST_OPTIONS,
    details: `Of more than ${BATCH_VMS} VMs, names, states and IDs are printed as they arrive, in the host's order. --json always has all counts, ordered by name.`,
    run: (context) =>
      withHost(context, async (host) => {
        if (context.json) return context.print(await listVms(host, context.signal), () => '');
        const width = tableWidth(context.io);
        const lines = new VmLines(width);
        const vms = await streamVms(host, context.signal, (batch, clustered) =>
          context.print(batch, () => lines.next(batch, clustered)),
        );
        if (typeof vms !== 'number') context.print(vms, () => vmTable(vms, width));
        else if (width !== undefined)
          context.io.err(`${vms} VMs; --json lists their counts.
`);
      }),
  },
  {
    name: 'vm show',
    summary: 'Describes a VM with its disks, checkpoints and reference points.',
    args: [VM],
    options: {
      ...HOST_OPTIONS,
      store: {
        type: 'values',
        value: 'DIR',
        help: 'A store whose ledger records our reference points.',
      },
    },
    run: (context) =>
      withHost(context, async (host) => {
        const request = { vm: context.args[0] ?? '', stores: await storesOf(context) };
        const vm = await showVm(operationContext(context), host, request, context.signal);
        context.print(vm, () => describeVm(vm, tableWidth(context.io)));
      }),
  },
];

function describeVm(vm: VmShow, width: number | undefined): string {
  const parts = [
    facts([
      ['name', vm.name],
      ['id', vm.id],
      ['state', vm.operation === null ? vm.state : `${vm.state}, ${vm.operation}`],
      ['version', `${vm.version}, generation ${vm.generation ?? 'unknown'}`],
    ]),
    '',
    table(
      ['disk', 'slot', 'size', 'format', 'file'],
      vm.disks.map((disk) => [
        String(disk.number),
        disk.controller,
        disk.virtualSize === null ? '' : formatBytes(disk.virtualSize),
        disk.shared ? 'shared' : disk.format,
        disk.format === 'physical' ? '' : (disk.path.split('\\').at(-1) ?? ''),
      ]),
      ['disk', 'size'],
    ),
  ];
  if (vm.checkpoints.length > 0) {
    parts.push(
      '',
      table(
        ['checkpoint', 'type', 'created'],
        vm.checkpoints.map((c) => [c.name, c.type, c.created ?? '']),
        [],
        { column: 'checkpoint', width },
      ),
    );
  }
  if (vm.referencePoints.length > 0) {
    parts.push(
      '',
      'reference points',
      ...vm.referencePoints.map(
        (p) =>
          `  ${p.owner.padEnd(7)}  ${p.consistency.padEnd(11)}  ${p.created ?? ''}\n    ${p.id}`,
      ),
    );
  }
  parts.push(...vm.findings.map(findingText));
  return parts.join('\n');
}

/** Mechanism of the login and protection of the messages. */
const loginText = ({ mechanism, sealed, host }: HostTest): string => {
  const protection = sealed
    ? 'encrypted messages'
    : host.startsWith('https:')
      ? 'over TLS'
      : 'not encrypted';
  return mechanism === null ? 'unknown' : `${mechanism}, ${protection}`;
};

const findingText = ({ severity, code, message, slot = '' }: Finding): string =>
  `${severity}: ${withAdvice(code, message, { slot })} (${code})`;
