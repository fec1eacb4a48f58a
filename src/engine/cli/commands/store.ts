import path from 'node:path';
import { ledgerProblem } from '../../backup/ledger/ledger-file.ts';
import type { PointSizes } from '../../backup/manifest/point-sizes.ts';
import type { StoredVm } from '../../backup/points/vm-names.ts';
import type { PointEntry } from '../../backup/points/catalog.ts';
import { ledgerPath } from '../../backup/store/contract/layout.ts';
import type { Finding } from '../../api/host.ts';
import { isUnfinished, type PointVerdict } from '../../backup/verify/verify.ts';
import { isEngineError } from '../../base/errors.ts';
import { formatBytes } from '../../base/format-bytes.ts';
import { withAdvice } from '../terminal/advice.ts';
import type { StorePoint } from '../../api/store.ts';
import { listStorePoints } from '../../operations/store/list-store-points.ts';
import { usage } from '../contract/cli-errors.ts';
import type { Command } from '../contract/command.ts';
import { openStore, openStoreAt, storeLocation } from '../options/open-store.ts';
import {
  chosenVms,
  STORE,
  STORED_GROUP,
  STORED_VM as VM,
  subjectName,
} from '../options/stored-vms.ts';
import { RESTORE_COMMAND } from './store/restore.ts';
import { CommandJobs } from '../options/run-as-job.ts';
import type { VerifiedStore } from '../../jobs/work/verify-store.ts';
import { inspectionLines, type InspectedDisk, withInspections } from './store/point-inspections.ts';
import { table, tableWidth } from '../terminal/text.ts';

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
  RESTORE_COMMAND,
  {
    name: 'verify',
    summary:
      'Checks points against their records. Exit status 0 valid, 1 damaged or without a finished point.',
    args: [],
    options: {
      store: STORE,
      vm: VM,
      group: STORED_GROUP,
      point: { type: 'value', value: 'ID', help: 'One point; default all.' },
      quick: { type: 'flag', help: 'Files, sizes, heads and parents only; no contents.' },
      'repair-hashes': {
        type: 'flag',
        help: 'Rebuild damaged hash files from contents that match the manifest.',
      },
    },
    run: async (context) => {
      const point = context.options.text('point');
      const quick = context.options.flag('quick');
      const repairHashes = context.options.flag('repair-hashes');
      const vm = subjectName(context) ?? '';
      const store = storeLocation(context);
      if (quick && repairHashes) throw usage('--repair-hashes reads all contents: omit --quick');
      const points = point === undefined ? [] : [point];
      const spec = { kind: 'verify', store, vm, points, quick, repairHashes } as const;
      const title = vm === '' ? path.basename(store) : vm;
      const verify = new CommandJobs(context).run<'verify'>({ title, spec, target: null });
      const { found } = await verify.catch((error: unknown) => {
        if (point === undefined || !isEngineError(error, 'point.missing')) throw error;
        throw usage(`The store has no point ${point}`);
      });
      const verdicts = verdictsOf(found, point === undefined);
      if (point !== undefined && verdicts.length === 0) {
        throw usage(`The store has no point ${point}`);
      }
      context.print({ points: verdicts }, () => verdictText(verdicts));
      const verified = verdicts.filter((each) => !isUnfinished(each));
      return verified.length > 0 && verified.every((each) => each.ok) ? 0 : 1;
    },
  },
];

/** Returns a finding's message, with advice for a point that was never finished. */
const adviceOf = ({ code, message }: Finding): string =>
  code === 'point.incomplete' ? withAdvice(code, message) : message;

/**
 * Returns the summary, with a line for each point. Never reports success if nothing was verified.
 */
function verdictText(points: readonly VerdictOfVm[]): string {
  const lines = points.flatMap((each) => [
    `${wordOf(each)} ${each.id}`,
    ...each.findings.map((f) => `  ${f.severity}: ${adviceOf(f)} (${f.code})`),
  ]);
  if (points.every(isUnfinished)) {
    lines.push('Nothing was verified: there is no finished point.');
  }
  if (points.some(({ findings }) => findings.some(({ code }) => code === 'hashes.damaged'))) {
    lines.push(
      'If the contents match their record, verify --repair-hashes rebuilds the hash files.',
    );
  }
  return lines.join('\n');
}

type VerdictOfVm = PointVerdict & { readonly vm: string };

/** Verdicts of points, and of what stands beside them: ledgers, and folders that were passed over. */
function verdictsOf(found: VerifiedStore, whole: boolean): readonly VerdictOfVm[] {
  const ofVms = found.vms.flatMap(({ id, verdicts, ledger }) => [
    ...verdicts.map((verdict) => ({ ...verdict, vm: id })),
    ...(whole && ledger !== null ? [damagedLedger(id, ledger)] : []),
  ]);
  return [...ofVms, ...found.misspelled.map(misspelled)];
}

/** A ledger that cannot be read: the points are well, and no backup can be made before it is repaired. */
function damagedLedger(
  vm: StoredVm['id'],
  problem: NonNullable<VerifiedStore['vms'][number]['ledger']>,
): VerdictOfVm {
  const message = withAdvice(problem.code, problem.message, { file: ledgerPath(vm) });
  const findings = [{ code: problem.code, severity: 'error', message }] as const;
  return { id: ledgerPath(vm), vm, ok: false, findings };
}

/** Reports ignored folders: nothing in them was verified. */
function misspelled({ name, id }: VerifiedStore['misspelled'][number]): VerdictOfVm {
  const message = `The folder ${name} was skipped: expected the name ${id}`;
  return {
    id: name,
    vm: id,
    ok: false,
    findings: [{ code: 'vm.folder', severity: 'error', message }],
  };
}

/** Returns the word for a verdict. An unfinished point is neither damaged nor valid. */
function wordOf(verdict: PointVerdict): string {
  const { ok } = verdict;
  if (ok) return 'ok      ';
  return isUnfinished(verdict) ? 'partial ' : 'DAMAGED ';
}

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
