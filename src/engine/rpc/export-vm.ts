import { randomUUID } from 'node:crypto';
import type { LedgerFile } from '../backup/ledger-file.ts';
import { withCheckpoint, withIntent, withoutCheckpoint, type Intent } from '../backup/ledger.ts';
import type { BackupHost } from '../backup/host.ts';
import { hostError } from '../hyperv/hyperv-errors.ts';

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
  const checkpoint = await host.createBackupCheckpoint(
    vm.id,
    { consistency: 'crash', guestBackup: 'copy' },
    signal,
  );
  const own = { id: checkpoint.id, host: host.url, created: time, pointId: null };
  await ledger.save(withCheckpoint(await ledger.load(signal), own, intent.id), signal);
  try {
    const { directory, since } = request;
    await host.exportCheckpoint(
      vm.id,
      { checkpointId: checkpoint.id, directory, baseReferencePointId: since },
      signal,
    );
  } finally {
    const cleanup = AbortSignal.timeout(60_000);
    await host.destroyCheckpoint(checkpoint.id, cleanup);
    await ledger.save(withoutCheckpoint(await ledger.load(cleanup), checkpoint.id), cleanup);
  }
  await host.waitForMerge(vm.id, signal);
  const kind = request.since === null ? 'full' : 'differential';
  return { vm: vm.id, directory: request.directory, kind, since: request.since };
}
