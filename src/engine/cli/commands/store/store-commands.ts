import { ledgerProblem } from '../../../backup/ledger/ledger-file.ts';
import type { PointSizes } from '../../../backup/manifest/point-sizes.ts';
import type { StoredVm } from '../../../backup/points/vm-names.ts';
import type { PointEntry } from '../../../backup/points/catalog.ts';
import type { Finding } from '../../../api/host.ts';
import { formatBytes } from '../../../base/format-bytes.ts';
import type { StorePoint } from '../../../api/store.ts';
import { listStorePoints } from '../../../operations/store/list-store-points.ts';
import type { Command } from '../../contract/command.ts';
import { openStore, openStoreAt } from '../../options/open-store.ts';
import { chosenVms, STORE, STORED_VM as VM } from '../../options/stored-vms.ts';
import { damagedLedger } from './damaged-ledger.ts';
import { inspectionLines, type InspectedDisk, withInspections } from './point-inspections.ts';
import { table, tableWidth } from '../../terminal/text.ts';

export const STORE_COMMANDS: readonly Command[] = [
  {
    name: 'store create',
    summary: 'Creates a store in a new or empty folder.',
    args: [{ name: 'DIR', help: 'the folder' }],
    options: {},
    run: async (context) => {
      const store = await openStoreAt(context, context.args[0] ?? '', 'asked');
      const made = { path: store.location, id: store.id };
      context.print(made, () => `The store ${store.location} is ready.`);
    },
  },
  {
    name: 'store show',
    summary: 'Lists the points of a store.',
    args: [],
    options: {
      store: STORE,
      vm: VM,
      inspect: { type: 'flag', help: 'Name the partitions and file systems of every disk.' },
    },
    run: async (context) => {
      const store = await openStore(context, 'existing');
      const rows: PointRow[] = [];
      const ledgers: string[] = [];
      for (const vm of await chosenVms(context, store)) {
        const problem = await ledgerProblem(store, vm.id, context.signal);
        if (problem !== null) {
          const { findings } = damagedLedger(vm.id, problem);
          ledgers.push(...findings.map(({ message, code }) => `error: ${message} (${code})`));
        }
        for (const point of await listStorePoints(store, vm.id, context.signal)) {
          rows.push(await withInspections(context, store, pointRow(vm, point)));
        }
      }
      // The document holds the points only: other problems are printed on stderr.
      if (context.options.flag('json')) for (const line of ledgers) context.io.err(`${line}\n`);
      context.print(rows, () =>
        [
          table(
            ['point', 'vm', 'kind', 'disks', 'changed', 'stored', 'in files', 'restores', 'state'],
            rows.map((row) => [
              row.id,
              row.vm.name,
              row.kind ?? '',
              String(row.disks.length),
              row.changedBytes === null ? '' : formatBytes(row.changedBytes),
              formatBytes(row.writtenBytes),
              formatBytes(row.fileBytes),
              RESTORES[row.restores ?? 'disks'],
              stateText(row),
            ]),
            ['disks', 'changed', 'stored', 'in files'],
            { column: 'vm', width: tableWidth(context.io) },
          ),
          ...rows.flatMap(inspectionLines),
          ...ledgers,
        ].join('\n'),
      );
    },
  },
];

/** Words of what a point can restore. */
const RESTORES = {
  configuration: 'VM',
  settings: 'VM (settings)',
  disks: 'disks',
} as const;

interface PointRow extends PointSizes {
  readonly id: string;
  readonly state: PointEntry['state'];
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
    readonly inspection?: InspectedDisk;
  }[];
  readonly restores: StorePoint['restores'];
  /** Bytes that the images take, the same as `fileBytes`. */
  readonly bytes: number;
  /**
   * Files of this point, or of a point that it builds on, that are missing or have the wrong size.
   */
  readonly problems: readonly Finding[];
}

/**
 * Returns the text for a state. An earlier verification is ignored if the manifest cannot be read
 * now.
 */
function stateText({ state, verified, problems }: PointRow): string {
  if (state === 'damaged' || problems.length > 0) return 'DAMAGED';
  if (state === 'partial' || verified === null) return state;
  return verified.ok ? 'verified' : 'DAMAGED';
}

/** Returns the row of a point: the store's document under the field names of this command. */
function pointRow(vm: StoredVm, point: StorePoint): PointRow {
  const { id, state, kind, parent, created, verified, problems } = point;
  const { bytes, changedBytes, writtenBytes } = point;
  return {
    id,
    state,
    vm,
    kind,
    parent,
    created,
    complete: state === 'complete',
    verified,
    disks: point.disks.map(({ number, file, kind: made, virtualSize }) => ({
      number,
      file,
      kind: made,
      virtualSize,
    })),
    bytes,
    restores: point.restores,
    fileBytes: bytes,
    changedBytes,
    writtenBytes,
    problems,
  };
}
