import type { Finding, HostTest, VmShow } from '../../api/host.ts';
import { formatBytes } from '../../base/format-bytes.ts';
import { listVms } from '../../operations/host/list-vms.ts';
import { BATCH_VMS, streamVms } from '../../operations/host/stream-vms.ts';
import { testHost } from '../../operations/host/test-host.ts';
import { queryChanges, type ChangesDocument } from '../../operations/vm/query-changes.ts';
import { showVm } from '../../operations/vm/show-vm.ts';
import { withAdvice } from '../terminal/advice.ts';
import { usage } from '../contract/cli-errors.ts';
import type { Command, Context } from '../contract/command.ts';
import { HOST_OPTIONS, withHost } from '../options/host-options.ts';
import { required } from '../options/option-values.ts';
import { storesOf } from '../options/named-objects.ts';
import { operationContext } from '../options/operation-context.ts';
import { drawChangeMap } from '../terminal/change-map.ts';
import { grantedFeatures, missingRights } from '../terminal/rights-text.ts';
import { facts, table, tableWidth } from '../terminal/text.ts';
import { VmLines, vmTable } from '../terminal/vm-table.ts';
import { RangeSet } from '../../base/range-set.ts';
import { fromStartLength } from '../../base/range.ts';

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
  {
    name: 'changes',
    summary:
      'Lists the ranges of a disk that changed since a reference point, as tracked by the host.',
    args: [VM],
    options: {
      ...HOST_OPTIONS,
      disk: { type: 'value', value: 'D', help: 'Number, slot, file name, path or ID.' },
      since: { type: 'value', value: 'ID', help: 'The reference point.' },
      'rct-id': { type: 'value', value: 'ID', help: 'An RCT ID instead of a reference point.' },
      csv: { type: 'flag', help: 'start,length lines.' },
      ndjson: { type: 'flag', help: 'One JSON document for each range.' },
    },
    run: async (context) => {
      refuseTwoForms(context);
      return withHost(context, async (host) => {
        const since = context.options.text('since');
        const rctId = context.options.text('rct-id');
        if ((since === undefined) === (rctId === undefined)) {
          throw usage('Give either --since REFERENCE-POINT-ID or --rct-id ID');
        }
        const request = {
          vm: context.args[0] ?? '',
          disk: required(context, 'disk'),
          since: rctId === undefined ? { referencePoint: since ?? '' } : { rctId },
        };
        const result = await queryChanges(host, request, context.signal);
        printChanges(context, result);
      });
    },
  },
];

/** Rejects two output formats at once: a script would get one that it does not expect. */
function refuseTwoForms(context: Context): void {
  const forms = ['csv', 'json', 'ndjson'].filter((name) => context.options.flag(name));
  if (forms.length < 2) return;
  throw usage(`Give one of ${forms.map((name) => `--${name}`).join(', ')}`);
}

function printChanges(context: Context, result: ChangesDocument): void {
  const { ranges } = result;
  if (context.options.flag('csv')) {
    context.io.out(`start,length\n${ranges.map((r) => `${r.start},${r.length}\n`).join('')}`);
  } else if (context.options.flag('ndjson')) {
    context.io.out(ranges.map((r) => `${JSON.stringify(r)}\n`).join(''));
  } else {
    context.print(result, () => {
      const changed = RangeSet.of(ranges.map(fromStartLength));
      const drawing = { columns: context.io.columns, rows: 4, ascii: !context.io.outIsTerminal };
      return [
        `${ranges.length} ranges, ${formatBytes(result.changedBytes)} of ${formatBytes(result.virtualSize)} since ${result.since}`,
        drawChangeMap(result.virtualSize, changed, RangeSet.empty, drawing),
        ...result.warnings.map((warning) => `warning: ${warning.message} (${warning.code})`),
      ].join('\n');
    });
  }
}

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
