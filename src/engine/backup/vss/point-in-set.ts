import type { ShadowSet, VssRequestor } from '../../vss/requestor.ts';
import { pass, type RunDeps } from '../context/run-context.ts';
import { VSS_METHOD } from '../ledger/points-of-host.ts';
import type { HostFiles } from '../host/host-files.ts';
import { isShadowDevice } from '../host/path-map.ts';
import { configurationNames } from '../host/configuration-names.ts';
import type { ConfigurationFile, HostVm } from '../host/host.ts';
import type { DiskReader } from '../read/contract/method.ts';
import { filesInSet } from '../read/vss/set-files.ts';
import { openInSet } from '../read/vss/open-in-set.ts';
import type { BackupPlan } from '../plan/plan-backup.ts';
import { listPoints } from '../points/catalog.ts';
import { commitRun } from '../run/phases/commit.ts';
import { decideTasks } from '../run/phases/disk-tasks.ts';
import { reserveFolder } from '../run/phases/reserve.ts';
import { writePoint } from '../run/phases/write.ts';
import type { Readable, Recovered } from '../run/record/run-record.ts';
import type { BackupResult } from '../run/run-backup.ts';
import { closeFiles } from '../run/steps/close-files.ts';
import { reason } from '../select/reason.ts';
import { selectDisks } from '../select/select-disks.ts';
import type { SetPlan } from './plan-set.ts';
import { wayToAll } from './reach-set.ts';
import { saveArchive, saveDocuments } from './vss-documents.ts';

/** A VM whose point is made out of a set. */
export interface SetPoint {
  readonly deps: RunDeps;
  readonly run: Recovered;
  readonly set: ShadowSet;
  readonly plan: SetPlan;
  /** Milliseconds since 1970. */
  readonly started: number;
  /** Ways to the folders in which the copies are mounted, in the order of preference. */
  readonly files: readonly HostFiles[];
  readonly requestor: VssRequestor;
  /** Throws if a copy of the set is gone. */
  readonly requireSet: () => Promise<void>;
}

/** Copies one VM out of the set and commits its point. Nothing of the live VM is opened. */
export async function pointInSet(point: SetPoint, signal: AbortSignal): Promise<BackupResult> {
  const { deps, run, started } = point;
  const way = await wayToSet(point, signal);
  const readable = await readableRun(point, way, signal);
  const tasked = await decideTasks(readable, signal);
  const written = await writePoint(tasked, signal);
  const archive = await saveArchive(written, point.set, way, signal);
  await closeFiles(run, signal);
  // A copy that Windows dropped meanwhile may have given wrong bytes.
  await point.requireSet();
  await point.requestor.report(run.vmId, true, signal);
  const documents = await saveDocuments(written, point.requestor, signal);
  const configFiles = [...written.configFiles, ...archive, ...documents];
  const { manifest } = await commitRun({ ...written, configFiles, reference: undefined }, signal);
  await pass(deps, run.vmId, 'staging.removed', null);
  const { cleaned, protection, unfinished } = run.notes;
  const seconds = (deps.now() - started) / 1000;
  const { dataSeconds } = written;
  return { manifest, seconds, dataSeconds, cleaned, unfinished, protection };
}

async function readableRun(
  point: SetPoint,
  way: HostFiles,
  signal: AbortSignal,
): Promise<Readable> {
  const { deps, run, set, plan } = point;
  const { vm, options } = run;
  const { disks, excluded } = selectDisks(vm, options.excludeDisks);
  const files = filesInSet(way, set.shadows, plan.mounts);
  const why = reason('asked', 'The method vss always makes a full backup.');
  const methodReason = reason('method.asked', 'The method vss was requested.', { set: set.id });
  const backupPlan: BackupPlan = {
    kind: 'full',
    reason: why,
    method: VSS_METHOD,
    methodReason,
    parent: null,
    disks: disks.map((disk) => ({ disk, kind: 'full', reason: why, base: null })),
    excluded,
    warnings: [],
  };
  const points = await listPoints(deps.store, run.vmId, signal);
  const capabilities = await deps.host.capabilities(signal);
  const reserved = await reserveFolder({ ...run, capabilities, points, plan: backupPlan }, signal);
  const open: DiskReader['openWhole'] = (disk, inner) => openInSet(disk, files, inner);
  const reader: DiskReader = { openWhole: open, openFrozen: open, openChanges: undefined };
  const saved = plan.saved.some(({ id }) => id === vm.id);
  return {
    ...reserved,
    checkpoint: { id: `Microsoft:${vm.id.toUpperCase()}`, name: '', type: 'backup', created: null },
    keepCheckpoint: () => undefined,
    achieved: vm.state === 'running' && !saved ? 'application' : 'crash',
    disks: {
      frozen: vm.disks,
      active: [],
      lastAppliedSnapshot: vm.lastAppliedSnapshot ?? null,
    },
    reader,
    shared: reader,
    staging: null,
    removeStaging: async () => undefined,
    configurationIn: { files: configurationOf(vm), ways: [files] },
    shadowSet: set.id,
  };
}

/**
 * Returns the small files of a VM. On Server 2016 the configuration as it was before the writer's checkpoint
 * has a name of its own (reference 2, one source).
 */
function configurationOf({ settings }: HostVm): readonly ConfigurationFile[] {
  const text = (name: string): string | null => {
    const value = settings[name];
    return typeof value === 'string' ? value : null;
  };
  const files = configurationNames(text('ConfigurationDataRoot'), text('ConfigurationFile'));
  const before = files
    .filter(({ name }) => /\.vmcx$/i.test(name))
    .map(({ name, path }) => {
      const ending = '.preCheckpointCopy';
      return { name: `${name}${ending}`, path: `${path}${ending}` };
    });
  return [...files, ...before];
}

/** Returns the first way that leads to every volume of the set. Throws `path.*`, `smb.*`. */
function wayToSet({ files, set }: SetPoint, signal: AbortSignal): Promise<HostFiles> {
  // Without a backslash a device is the volume itself, not its root folder.
  const folders = set.shadows.map(({ root }) => (isShadowDevice(root) ? `${root}\\` : root));
  return wayToAll(files, folders, signal);
}
