import { tellInLog } from '../../../backup/context/take-lease.ts';
import { recoverOwn } from '../../../backup/recovery/clean.ts';
import type { BackupHost, HostVm, VmIdentity } from '../../../backup/host/host.ts';
import { CallInLedger } from '../../../backup/context/call-in-ledger.ts';
import type { LeasedLedger } from '../../../backup/ledger/ledger-file.ts';
import { withCheckpoint } from '../../../backup/ledger/ledger.ts';
import { LedgerKeeper, newIntent } from '../../../backup/context/run-context.ts';
import type { Log } from '../../../base/log.ts';
import { hostError } from '../../../hyperv/hyperv-errors.ts';
import { findCheckpoint } from '../../../hosts/by-hand/hand-made-checkpoints.ts';

/** Time limit for cleanup after the export, also if it was cancelled. */
const CLEANUP_MS = 60_000;
/** Time limit for merges, in seconds; an export does not need them. */
const MERGE_WAIT_SECONDS = 30;

export interface ExportRequest {
  readonly vm: string;
  readonly directory: string;
  /** A reference point, for a differential export. */
  readonly since: string | null;
  /**
   * An existing backup checkpoint, which stays. Absent or null: the export creates one and destroys
   * it afterwards.
   */
  readonly checkpoint?: string | null;
}

/** The document of `export`. */
export interface ExportResult {
  readonly vm: string;
  readonly directory: string;
  readonly kind: 'full' | 'differential';
  readonly since: string | null;
  /** The given checkpoint. */
  readonly checkpoint: string | null;
  /** Failed cleanups; `clean` retries them. */
  readonly warnings: readonly string[];
}

/**
 * Exports a backup checkpoint over WMI: one that is made for it and destroyed afterwards, or an existing one. Holds the user's ledger of the VM meanwhile, so that no other command of the user destroys the checkpoint. `identified` receives the VM. Throws `lease.held`.
 */
export async function exportVm(
  host: BackupHost,
  request: ExportRequest,
  ledgerOf: (vmId: HostVm['id']) => LeasedLedger,
  log: Log,
  signal: AbortSignal,
  identified: (vm: VmIdentity) => void = () => undefined,
): Promise<ExportResult> {
  const vm = await host.findVm(request.vm, signal);
  identified(vm);
  const { since, directory } = request;
  if (since !== null && !vm.referencePoints.some((point) => point.id === since)) {
    throw hostError('host.referencePoint.notFound', `${vm.name} has no reference point ${since}`, {
      data: { found: since, expected: vm.referencePoints.map((point) => point.id) },
    });
  }
  const given = request.checkpoint ?? null;
  const checkpoint = given === null ? null : findCheckpoint(vm, given).id;
  const ledger = ledgerOf(vm.id);
  const warnings = await ledger.change(
    'export',
    async (held) => {
      if (checkpoint === null) return exportNew(host, vm, request, ledger, log, held);
      const base = { checkpointId: checkpoint, directory, baseReferencePointId: since };
      await host.exportCheckpoint(vm.id, base, held);
      return [];
    },
    signal,
    tellInLog(log),
  );
  const kind = since === null ? 'full' : 'differential';
  return { vm: vm.id, directory, kind, since, checkpoint, warnings };
}

/**
 * Exports a new checkpoint and returns the cleanups that failed afterwards: the export itself is
 * complete then.
 */
async function exportNew(
  host: BackupHost,
  vm: HostVm,
  { directory, since }: ExportRequest,
  ledger: LeasedLedger,
  log: Log,
  signal: AbortSignal,
): Promise<readonly string[]> {
  // Destroys the checkpoint of this export, and that of an earlier, interrupted one.
  const cleanUp = async (merge: boolean): Promise<readonly string[]> => {
    const limit = AbortSignal.timeout(CLEANUP_MS);
    try {
      const options = { pathMap: [], dryRun: false };
      const items = await recoverOwn(host, vm.id, ledger, options, limit);
      if (merge) await host.waitForMerge(vm.id, { seconds: MERGE_WAIT_SECONDS }, limit);
      return items.flatMap(({ kind, id, text }) => (kind === 'left' ? [`${text} (${id})`] : []));
    } catch (error) {
      const message = `The export could not be cleaned up; its leftovers stay on the host until the next cleanup: ${(error as Error).message}`;
      log({ level: 'warn', area: 'host', message });
      return [message];
    }
  };
  const open = await ledger.load(signal);
  if (open.intents.length > 0 || open.checkpoints.some(({ kept }) => !kept)) await cleanUp(true);
  const keeper = await LedgerKeeper.load(ledger, signal);
  const computerName = await host.computerName(signal);
  const intent = newIntent(
    { host, now: Date.now },
    {
      kind: 'checkpoint',
      pointId: null,
      existing: (await host.listCheckpoints(vm.id, signal)).map((each) => each.id),
      computerName,
      consistency: 'crash',
    },
  );
  const call = new CallInLedger(keeper, intent, Date.now, signal);
  try {
    const wanted = { consistency: 'crash', guestBackup: 'copy' } as const;
    const { id } = await host.createBackupCheckpoint(vm.id, wanted, signal, call);
    const own = { id, host: host.url, computerName, created: intent.time, pointId: null };
    await keeper.update((now) => withCheckpoint(now, { ...own, kept: false }, intent.id), signal);
    const request = { checkpointId: id, directory, baseReferencePointId: since };
    await host.exportCheckpoint(vm.id, request, signal);
  } catch (error) {
    await call.failed(error);
    await cleanUp(false);
    throw error;
  }
  return cleanUp(true);
}
