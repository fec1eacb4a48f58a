import type { JobInput, JobResult, JobSpec } from '../../api/jobs.ts';
import type { OnEdge } from '../../backup/context/edges.ts';
import { newBackupJob, runJob } from '../store/job.ts';
import { ledgerProblem, userLedger } from '../../backup/ledger/ledger-file.ts';
import { restorePoint } from '../../backup/restore/restore.ts';
import { listPoints } from '../../backup/points/catalog.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import { plainTarget } from '../../backup/store/store-kinds.ts';
import { StorePlaces } from '../../backup/store/store-places.ts';
import { openKnownStore } from '../../backup/store/open-store.ts';
import { resolveVm } from '../../backup/points/vm-names.ts';
import { recordError } from '../../backup/errors/record-errors.ts';
import {
  isDamaged,
  isUnfinished,
  verifyPoints,
  type PointVerdict,
} from '../../backup/verify/verify.ts';
import { formatBytes } from '../../base/format-bytes.ts';
import type { Guid } from '../../base/guid.ts';
import type { Log } from '../../base/log.ts';
import type { Progress } from '../../base/progress.ts';
import { exportVm } from './export-vm.ts';
import { connectTarget } from '../../hosts/connect-target.ts';
import { logBackup, logRestored, logVerdict } from './job-words.ts';
import { noteOf } from '../folder/job-state-file.ts';

export interface JobSurroundings {
  readonly home: string;
  /** Edge of a backup at which the process ends, for tests of recovery. */
  readonly killAt: string | undefined;
  readonly log: Log;
  readonly progress: Progress;
  /** Called at each edge of a backup. */
  readonly onEdge: OnEdge;
}

type Spec<Kind extends JobSpec['kind']> = Extract<JobSpec, { readonly kind: Kind }>;

const nothing = {
  kind: null,
  readBytes: 0,
  verified: 0,
  point: null,
  files: [],
  damaged: [],
  warnings: [],
} as const;

/** Performs a job. */
export async function performJob(
  input: JobInput,
  surroundings: JobSurroundings,
  signal: AbortSignal,
): Promise<JobResult> {
  const { spec } = input;
  if (spec.kind === 'restore') return restore(spec, surroundings, signal);
  if (spec.kind === 'verify') return verify(spec, surroundings, signal);
  const { target } = input;
  if (target === null) throw new Error('a job of a host without its target');
  const host = connectTarget(target, surroundings.log);
  try {
    if (spec.kind === 'export') {
      const { home, log } = surroundings;
      surroundings.progress.phase('Export on the host', 0);
      const { kind } = await exportVm(host, spec, (vmId) => userLedger(home, vmId), log, signal);
      log({
        level: 'info',
        area: 'job',
        message: `The host wrote ${kind === 'full' ? 'everything' : 'the changes'} to ${spec.directory}`,
      });
      return {
        ...nothing,
        summary: `Exported (${kind}) to ${spec.directory} on the host`,
        kind: kind === 'full' ? 'full' : 'incr',
      };
    }
    return await backup(input.id, spec, host, surroundings, signal);
  } finally {
    await host.close();
  }
}

async function backup(
  id: string,
  spec: Spec<'backup'>,
  host: ReturnType<typeof connectTarget>,
  { home, killAt, log, progress, onEdge }: JobSurroundings,
  signal: AbortSignal,
): Promise<JobResult> {
  const vmId = await host.findVmId(spec.vm, signal);
  // A job may run unattended, so it never creates a store: an unmounted store must not be replaced
  // by a new one.
  const known = new StorePlaces(home);
  const store = await openKnownStore(plainTarget(spec.store), 'required', known, log, signal);
  const deps = { host, store, progress, log, onEdge, now: Date.now };
  const job = { ...newBackupJob(vmId, spec.options), id };
  const { manifest, unfinished } = await runJob(job, vmId, deps, killAt, signal);
  logBackup(log, manifest);
  const read = manifest.disks.reduce((sum, disk) => sum + disk.readBytes, 0);
  const kind = manifest.kind === 'full' ? 'full' : 'incremental';
  return {
    ...nothing,
    summary: `${kind} backup ${manifest.id}, ${formatBytes(read)} read`,
    kind: manifest.kind,
    readBytes: read,
    point: manifest.id,
    warnings: [...manifest.warnings, ...unfinished].map(noteOf),
  };
}

async function restore(
  spec: Spec<'restore'>,
  { home, log, progress }: JobSurroundings,
  signal: AbortSignal,
): Promise<JobResult> {
  const known = new StorePlaces(home);
  const store = await openKnownStore(plainTarget(spec.store), 'existing', known, log, signal);
  const { id } = await resolveVm(store, spec.vm, signal);
  const options = { ...spec, vmId: id };
  const { point, disks, warnings } = await restorePoint(store, options, progress, signal);
  logRestored(log, point, disks);
  return {
    ...nothing,
    summary: `${point} restored to ${spec.to}; every disk was read back and matches its record`,
    point,
    files: disks.map(({ file }) => file),
    warnings: warnings.map(noteOf),
  };
}

async function verify(
  spec: Spec<'verify'>,
  { home, log, progress }: JobSurroundings,
  signal: AbortSignal,
): Promise<JobResult> {
  const known = new StorePlaces(home);
  const store = await openKnownStore(plainTarget(spec.store), 'existing', known, log, signal);
  const { id } = await resolveVm(store, spec.vm, signal);
  const wanted = spec.points.length === 0 ? [undefined] : spec.points;
  const verdicts: PointVerdict[] = [];
  if (!spec.quick) progress.whole?.(await bytesToVerify(store, id, spec.points, signal));
  for (const point of wanted) {
    const options = { point, quick: spec.quick };
    verdicts.push(...(await verifyPoints(store, id, options, progress, signal)));
  }
  for (const verdict of verdicts) logVerdict(log, verdict);
  // The points may be intact, but backups fail until the ledger is repaired.
  const ledger = await ledgerProblem(store, id, signal);
  const unfinished = verdicts.filter(isUnfinished);
  const verified = verdicts.filter((each) => !isUnfinished(each));
  if (verified.length === 0) throw nothingVerified(spec, unfinished);
  const damaged = verified.filter(isDamaged);
  const how = spec.quick ? 'quickly' : 'every hash';
  const left = unfinished.length === 0 ? '' : `; ${unfinished.length} were never finished`;
  return {
    ...nothing,
    summary:
      damaged.length === 0
        ? `${verified.length} points verified (${how}): all match their record${left}`
        : `${damaged.length} of ${verified.length} points are damaged${left}`,
    verified: verified.length,
    damaged: damaged.map((each) => each.id),
    warnings: [
      ...(ledger === null ? [] : [noteOf(ledger)]),
      ...[...damaged, ...unfinished].flatMap((each) => each.findings.map(noteOf)),
    ],
  };
}

/**
 * Returns an error if the verification found no finished point, since then it has verified nothing.
 */
function nothingVerified(spec: Spec<'verify'>, unfinished: readonly PointVerdict[]): Error {
  const data = { vm: spec.vm, store: spec.store, found: unfinished.map(({ id }) => id) };
  return unfinished.length === 0
    ? recordError('point.missing', 'Nothing was verified: the store has no point of this VM', {
        data,
      })
    : recordError(
        'point.incomplete',
        `Nothing was verified: ${unfinished.map(({ id }) => id).join(', ')} was never finished`,
        { data },
      );
}

/** Returns the virtual bytes of the disks of some points, or of all. */
async function bytesToVerify(
  store: Store,
  vmId: Guid,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const points = await listPoints(store, vmId, signal);
  return points
    .filter((point) => ids.length === 0 || ids.includes(point.id))
    .flatMap((point) => (point.state === 'complete' ? point.manifest.disks : []))
    .reduce((sum, { virtualSize }) => sum + virtualSize, 0);
}
