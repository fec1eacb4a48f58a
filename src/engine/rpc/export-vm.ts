import { randomUUID } from 'node:crypto';
import { cleanOwn } from '../backup/clean.ts';
import type { LedgerFile } from '../backup/ledger-file.ts';
import { withCheckpoint, withIntent, type Intent } from '../backup/ledger.ts';
import type { BackupHost } from '../backup/host.ts';
import type { Log } from '../base/log.ts';
import { hostError } from '../hyperv/hyperv-errors.ts';

/** How long taking back may take, when the export itself was cancelled. */
const TAKE_BACK_MS = 60_000;

/** The document of `export`. */
export interface ExportResult {
  readonly vm: string;
  readonly directory: string;
  readonly kind: 'full' | 'differential';
  readonly since: string | null;
}

/** A WMI export of a backup checkpoint that is made for it and destroyed afterwards: nothing else is left on the host. */
export async function exportVm(
  host: BackupHost,
  request: { readonly vm: string; readonly directory: string; readonly since: string | null },
  ledgerOf: (vmId: Parameters<BackupHost['listCheckpoints']>[0]) => LedgerFile,
  log: Log,
  signal: AbortSignal,
): Promise<ExportResult> {
  const vm = await host.findVm(request.vm, signal);
  if (request.since !== null && !vm.referencePoints.some((point) => point.id === request.since)) {
    throw hostError(
      'host.referencePoint.notFound',
      `${vm.name} has no reference point ${request.since}`,
      {
        data: { found: request.since, expected: vm.referencePoints.map((point) => point.id) },
      },
    );
  }
  const ledger = ledgerOf(vm.id);
  const time = new Date().toISOString();
  const intent: Intent = {
    id: randomUUID(),
    kind: 'checkpoint',
    time,
    host: host.url,
    pointId: null,
    existing: vm.checkpoints.map((each) => each.id),
    consistency: 'crash',
    checkpointId: null,
    directory: null,
  };
  await ledger.save(withIntent(await ledger.load(signal), intent), signal);
  // Destroys the checkpoint of this export, also where the call that made it was interrupted.
  const takeBack = async (until: AbortSignal): Promise<void> => {
    await cleanOwn(host, vm.id, ledger, { pathMap: [], dryRun: false }, until);
  };
  try {
    const wanted = { consistency: 'crash', guestBackup: 'copy' } as const;
    const checkpoint = await host.createBackupCheckpoint(vm.id, wanted, signal);
    const own = { id: checkpoint.id, host: host.url, created: time, pointId: null };
    await ledger.save(withCheckpoint(await ledger.load(signal), own, intent.id), signal);
    const { directory, since } = request;
    await host.exportCheckpoint(
      vm.id,
      { checkpointId: checkpoint.id, directory, baseReferencePointId: since },
      signal,
    );
  } catch (error) {
    // What cannot be taken back now, `clean` without a store takes.
    await takeBack(AbortSignal.timeout(TAKE_BACK_MS)).catch((reason: Error) => {
      const message = `What the export began could not be taken back now: ${reason.message}`;
      log({ level: 'warn', area: 'host', message });
    });
    throw error;
  }
  // Whoever cancels now has the files: only what was made for them goes.
  await takeBack(AbortSignal.timeout(TAKE_BACK_MS));
  const kind = request.since === null ? 'full' : 'differential';
  return { vm: vm.id, directory: request.directory, kind, since: request.since };
}
