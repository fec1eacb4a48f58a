/**
 * The point of a group that cannot be frozen. Hyper-V makes no checkpoint of a VM with a shared VHDX (hyperv-wmi,
 * section 8 row 26); that it refuses one also while the VMs are off is UNCONFIRMED. While every VM that has one of
 * its disks is off, the files themselves are read, each in full. The states of the VMs and the sizes and change
 * times of the files are read again before the commit; any difference discards the point.
 */
import type { BackupMethod } from '../../api/backup.ts';
import type { HostFiles } from '../host/host-files.ts';
import type { BackupPlan } from '../plan/plan-backup.ts';
import { checkMembers } from '../plan/group-members.ts';
import { listPoints } from '../points/catalog.ts';
import type { DiskReader } from '../read/contract/method.ts';
import { openFrozenDisk } from '../read/source/host-disk-source.ts';
import { commitRun } from '../run/phases/commit.ts';
import { decideTasks } from '../run/phases/disk-tasks.ts';
import { reserveFolder } from '../run/phases/reserve.ts';
import { writePoint } from '../run/phases/write.ts';
import type { Committed, Readable, Recovered } from '../run/record/run-record.ts';
import { closeFiles } from '../run/steps/close-files.ts';
import { finishPoint } from '../run/steps/finish-point.ts';
import { reason } from '../select/reason.ts';
import { selectDisks } from '../select/select-disks.ts';
import { OfflineState } from './offline-state.ts';

/** Makes the point of a group whose VMs are off. Throws `plan.disk`, `disk.source.changed`. */
export async function pointOff(run: Recovered, signal: AbortSignal): Promise<Committed> {
  const { method, files } = filesOf(run);
  const readable = await readableRun(run, method, files, signal);
  const before = await OfflineState.of(run, readable.plan, files, signal);
  const tasked = await decideTasks(readable, signal);
  const written = await writePoint(tasked, signal);
  await closeFiles(run, signal);
  await before.check(signal);
  await run.files.close();
  const committed = await commitRun({ ...written, reference: undefined }, signal);
  await finishPoint(committed, signal);
  return committed;
}

/** The host's file server, unless the mapped folders are asked for. */
function filesOf({ options, files }: Recovered): {
  readonly method: BackupMethod;
  readonly files: HostFiles;
} {
  return options.method === 'file'
    ? { method: 'file', files: files.mapped }
    : { method: 'smb', files: files.remote };
}

async function readableRun(
  run: Recovered,
  method: BackupMethod,
  files: HostFiles,
  signal: AbortSignal,
): Promise<Readable> {
  const { deps, vm, vmId, options } = run;
  const plan = planOff(run, method);
  const points = await listPoints(deps.store, vmId, signal);
  const capabilities = await deps.host.capabilities(signal);
  const members = await checkMembers(deps.host, vm, points, options.withoutMembers ?? [], signal);
  run.notes.warnings.push(...plan.warnings, ...members);
  const reserved = await reserveFolder({ ...run, capabilities, points, plan }, signal);
  const open: DiskReader['openWhole'] = (disk, inner) =>
    openFrozenDisk(disk, files, deps.host, inner);
  const reader: DiskReader = { openWhole: open, openFrozen: open, openChanges: undefined };
  return {
    ...reserved,
    options,
    checkpoint: { id: '', name: '', type: 'backup', created: null },
    keepCheckpoint: () => undefined,
    // Nothing runs that could be in the middle of something.
    achieved: 'application',
    disks: { frozen: vm.disks, active: [], lastAppliedSnapshot: vm.lastAppliedSnapshot ?? null },
    reader,
    shared: reader,
    staging: null,
    removeStaging: async () => undefined,
    configurationIn: { files: [], ways: [] },
  };
}

/** Returns the plan of such a point: every disk in full. Throws `plan.disk` while a VM is not off. */
export function planOff(
  { vm, options }: Pick<Recovered, 'vm' | 'options'>,
  method: BackupMethod,
): BackupPlan {
  const { disks, excluded } = selectDisks(vm, options.excludeDisks);
  const why = reason(
    'group.offline',
    'The group has a shared VHDX, which has no checkpoint and no tracked changes: every disk is read in full while its VMs are off.',
  );
  const methodReason = reason('method.first', `${method} reads the files of the host.`);
  return {
    kind: 'full',
    reason: why,
    method,
    methodReason,
    parent: null,
    disks: disks.map((disk) => ({ disk, kind: 'full', reason: why, base: null })),
    excluded,
    warnings: [],
  };
}
