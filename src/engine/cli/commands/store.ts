import { restorePoint } from '../../backup/restore.ts';
import { describeVms, resolveVm, type StoredVm } from '../../backup/store/vm-names.ts';
import { listPoints, type PointEntry } from '../../backup/store/catalog.ts';
import type { Store } from '../../backup/store/store.ts';
import { lastVerdict, verifyPoints, type PointVerdict } from '../../backup/verify.ts';
import { formatBytes } from '../../base/format-bytes.ts';
import { cliError, usage } from '../cli-errors.ts';
import type { Command, Context, OptionSpec } from '../command.ts';
import { choice, localPath, required } from '../option-values.ts';
import { openStore } from '../open-store.ts';
import { table, tableWidth } from '../terminal/text.ts';

const STORE: OptionSpec = { type: 'value', value: 'DIR', help: 'The store.' };
const VM: OptionSpec = {
  type: 'value',
  value: 'VM',
  help: 'Name or GUID; needed where the store holds several.',
};

export const STORE_COMMANDS: readonly Command[] = [
  {
    name: 'store show',
    summary: 'The points of a store.',
    args: [],
    options: { store: STORE, vm: VM },
    run: async (context) => {
      const store = await openStore(context, false);
      const rows: PointRow[] = [];
      for (const vm of await chosenVms(context, store)) {
        for (const point of await listPoints(store, vm.id, context.signal)) {
          rows.push(await pointRow(store, vm, point, context.signal));
        }
      }
      context.print(rows, () =>
        table(
          ['point', 'vm', 'kind', 'disks', 'size', 'state'],
          rows.map((row) => [
            row.id,
            row.vm.name,
            row.kind ?? '',
            String(row.disks.length),
            formatBytes(row.bytes),
            row.complete
              ? row.verified === null
                ? 'complete'
                : row.verified.ok
                  ? 'verified'
                  : 'DAMAGED'
              : 'partial',
          ]),
          ['disks', 'size'],
          { column: 'vm', width: tableWidth(context.io) },
        ),
      );
    },
  },
  {
    name: 'restore',
    summary: 'Writes the disks of a point as files that need no others, and proves them.',
    args: [],
    options: {
      store: STORE,
      vm: VM,
      point: { type: 'value', value: 'ID', help: 'A point; latest where not given.' },
      disk: { type: 'values', value: 'D', help: 'Only this disk.' },
      to: { type: 'value', value: 'DIR', help: 'The folder to write to; made when new.' },
      format: { type: 'value', value: 'FORMAT', help: 'vhdx (where not given) or raw.' },
      force: { type: 'flag', help: 'Replace files that exist.' },
    },
    run: async (context) => {
      const store = await openStore(context, false);
      const vm = await oneVm(context, store);
      const format = choice(context, 'format', ['vhdx', 'raw', 'vhd'] as const, 'vhdx');
      if (format === 'vhd')
        throw cliError('not-yet', 'The format vhd is not there yet; use vhdx or raw');
      const result = await restorePoint(
        store,
        {
          vmId: vm.id,
          point: context.options.text('point') ?? 'latest',
          disks: context.options.texts('disk'),
          to: localPath(context, required(context, 'to')),
          format,
          force: context.options.flag('force'),
        },
        context.progress,
        context.signal,
      );
      context.print(result, () =>
        [
          `Restored ${result.point}; every file was read back and has the recorded hash root.`,
          ...result.disks.map((disk) => `  ${disk.file}  ${formatBytes(disk.virtualSize)}`),
        ].join('\n'),
      );
    },
  },
  {
    name: 'verify',
    summary: 'Checks points against their records. Exit status 0 all is well, 1 damage was found.',
    args: [],
    options: {
      store: STORE,
      vm: VM,
      point: { type: 'value', value: 'ID', help: 'One point; every one where not given.' },
      quick: { type: 'flag', help: 'Files, sizes and parents only; no contents.' },
    },
    run: async (context) => {
      const store = await openStore(context, false);
      const point = context.options.text('point');
      const options = { point, quick: context.options.flag('quick') };
      const points: (PointVerdict & { readonly vm: string })[] = [];
      for (const vm of await chosenVms(context, store)) {
        const verdicts = await verifyPoints(
          store,
          vm.id,
          options,
          context.progress,
          context.signal,
        );
        points.push(...verdicts.map((verdict) => ({ ...verdict, vm: vm.id })));
      }
      if (point !== undefined && points.length === 0)
        throw usage(`The store has no point ${point}`);
      context.print({ points }, () =>
        points
          .flatMap((each) => [
            `${each.ok ? 'ok      ' : 'DAMAGED '} ${each.id}`,
            ...each.findings.map((f) => `  ${f.severity}: ${f.message} (${f.code})`),
          ])
          .join('\n'),
      );
      return points.every((each) => each.ok) ? 0 : 1;
    },
  },
];

interface PointRow {
  readonly id: string;
  readonly vm: StoredVm;
  readonly kind: string | null;
  readonly parent: string | null;
  readonly created: string | null;
  readonly complete: boolean;
  readonly verified: {
    readonly ok: boolean;
    readonly time: string;
    readonly quick: boolean;
  } | null;
  readonly disks: readonly {
    readonly number: number;
    readonly file: string;
    readonly kind: string;
    readonly virtualSize: number;
  }[];
  readonly bytes: number;
}

async function pointRow(
  store: Store,
  vm: StoredVm,
  point: PointEntry,
  signal: AbortSignal,
): Promise<PointRow> {
  const manifest = point.state === 'complete' ? point.manifest : undefined;
  return {
    id: point.id,
    vm,
    kind: manifest?.kind ?? null,
    parent: manifest?.parent ?? null,
    created: manifest?.created ?? null,
    complete: manifest !== undefined,
    verified: (await lastVerdict(store, vm.id, point.id, signal)) ?? null,
    disks: (manifest?.disks ?? []).map(({ number, file, kind, virtualSize }) => ({
      number,
      file,
      kind,
      virtualSize,
    })),
    bytes: (manifest?.disks ?? []).reduce((sum, disk) => sum + disk.fileSize, 0),
  };
}

async function chosenVms(context: Context, store: Store): Promise<readonly StoredVm[]> {
  const name = context.options.text('vm');
  return name === undefined
    ? describeVms(store, context.signal)
    : [await resolveVm(store, name, context.signal)];
}

/** The VM that is named, or the only one there is. */
async function oneVm(context: Context, store: Store): Promise<StoredVm> {
  const vms = await chosenVms(context, store);
  const [vm] = vms;
  if (vm === undefined) throw usage('The store holds no VM');
  if (vms.length > 1) {
    throw usage(
      `The store holds ${vms.length} VMs; name one with --vm: ${vms.map((each) => each.name).join(', ')}`,
    );
  }
  return vm;
}
