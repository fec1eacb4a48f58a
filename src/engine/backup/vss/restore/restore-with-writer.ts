/**
 * Restores one VM in its place with the Hyper-V writer of this host (reference 3.2). Every file is written under a temporary name and
 * verified before the writer deletes the VM; then the files get their names, and the writer registers the VM. After a failure the files
 * stay, and the same command continues. What an interruption leaves is in the ledger of the VM.
 */
import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Guid } from '../../../base/guid.ts';
import { NativeRestorer } from '../../../vss/native/native-restorer.ts';
import { vssError } from '../../../vss/vss-errors.ts';
import { listPoints, type CompletePoint } from '../../points/catalog.ts';
import { requireConfirmed } from '../../restore/over/over-vm-checks.ts';
import { choosePoint, restorePoint } from '../../restore/restore.ts';
import { configStaging, diskStaging, placeFile } from '../../restore/writer/writer-files.ts';
import { WRITER_EDGE_WORDS, type WriterEdge } from '../../restore/writer/writer-edges.ts';
import { writerSource, type WriterSource } from './writer-source.ts';
import { withWriterRecord, type WriterRecord, type WriterRestoreDeps } from './writer-record.ts';

export interface WriterRestore {
  readonly vmId: Guid;
  /** A point's ID, or `latest`. */
  readonly point: string;
  /** ID of the VM again; null: only the plan is wanted. */
  readonly confirm: string | null;
}

/** The plan of a restore with the writer, or its result. */
export interface WriterRestored {
  readonly vm: { readonly id: Guid; readonly name: string };
  readonly point: string;
  readonly planned: boolean;
  /** Files of the host that are replaced. */
  readonly files: readonly string[];
}

/** A file, and the name that it gets. */
interface Placement {
  readonly from: string;
  readonly to: string;
}

/**
 * Throws `vss.place` on another computer than the host, `over.confirm`, `over.open`, `lease.held`,
 * `vss.*`, and the errors of a restore.
 */
export async function restoreWithWriter(
  deps: WriterRestoreDeps,
  { vmId, point: wanted, confirm }: WriterRestore,
  signal: AbortSignal,
): Promise<WriterRestored> {
  const { host, store } = deps;
  if (!(await host.isThisComputer(signal))) {
    const text = 'The Hyper-V writer is asked on its own host: start the command there';
    throw vssError('vss.place', text, { data: { expected: 'this computer' } });
  }
  const point = choosePoint(await listPoints(store, vmId, signal), wanted);
  const source = await writerSource(store, point, signal);
  const vm = { id: vmId, name: point.manifest.vm.name };
  const files = [...source.disks, ...source.files].map((each) => each.path);
  const result = { vm, point: point.id, files };
  if (confirm === null) return { ...result, planned: true };
  requireConfirmed(vmId, confirm);
  const own = {
    id: randomUUID(),
    time: new Date(deps.now()).toISOString(),
    host: host.url,
    computerName: await host.computerName(signal),
    pointId: point.id,
    phase: 'staging',
    asked: null,
    disks: source.disks.map((each) => each.path),
    config: source.files.map((each) => each.path),
  } as const;
  await withWriterRecord(
    deps,
    vmId,
    own,
    (record, held) => restoreFiles(deps, vmId, point, source, record, held),
    signal,
  );
  return { ...result, planned: false };
}

async function restoreFiles(
  deps: WriterRestoreDeps,
  vmId: Guid,
  point: CompletePoint,
  source: WriterSource,
  record: WriterRecord,
  signal: AbortSignal,
): Promise<void> {
  const { progress } = deps;
  const restorer = await NativeRestorer.open(source.document, vmId, signal);
  try {
    await record.begin(signal);
    await pass(deps, 'writer.recorded');
    const placements = await stage(deps, vmId, point.id, source, signal);
    await pass(deps, 'writer.staged');
    progress.phase('The Hyper-V writer deletes the VM', 0);
    await record.asking(signal);
    await pass(deps, 'writer.asked');
    await restorer.preRestore(signal);
    await pass(deps, 'writer.deleted');
    for (const { from, to } of placements) await placeFile(from, to);
    await pass(deps, 'writer.placed');
    progress.phase('The Hyper-V writer registers the VM', 0);
    await restorer.setStatus('all', signal);
    await restorer.postRestore(signal);
    await pass(deps, 'writer.registered');
    await record.finish();
    await pass(deps, 'writer.finished');
  } catch (error) {
    if (!record.asked) {
      await record.giveUp(deps.log);
      throw error;
    }
    const failure = interrupted(vmId, [...record.own.disks, ...record.own.config], error);
    // The end of a job that was cancelled names only what was warned of.
    deps.log({ level: 'warn', area: 'restore', message: failure.message });
    throw failure;
  } finally {
    await restorer.close();
  }
}

/** Writes every file under a temporary name on its own volume, and reads the disks back. */
async function stage(
  { store, progress }: WriterRestoreDeps,
  vmId: Guid,
  point: string,
  { disks, files }: WriterSource,
  signal: AbortSignal,
): Promise<readonly Placement[]> {
  const placements: Placement[] = [];
  for (const [at, { record, path: to, format }] of disks.entries()) {
    const folder = diskStaging(to, at);
    const order = { vmId, point, disks: [record.slot], to: folder, format, force: true };
    const restored = await restorePoint(store, order, progress, signal);
    placements.push({ from: restored.disks[0]?.file ?? '', to });
  }
  for (const { path: to, bytes } of files) {
    const folder = configStaging(to);
    await fs.mkdir(folder, { recursive: true });
    const from = path.join(folder, path.basename(to));
    const file = await fs.open(from, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    placements.push({ from, to });
  }
  return placements;
}

/** Reports an edge to the log and to the listener. */
async function pass({ log, onEdge }: WriterRestoreDeps, edge: WriterEdge): Promise<void> {
  const level = edge === 'writer.asked' ? 'warn' : 'info';
  log({ level, area: 'restore', message: WRITER_EDGE_WORDS[edge], data: { edge } });
  await onEdge(edge);
}

function interrupted(vmId: Guid, files: readonly string[], cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause);
  return vssError(
    'vss.restore',
    `The restore of the VM ${vmId} by the Hyper-V writer was interrupted, and the VM may be deleted: ${why}. The files stay. Run the same command again, or import the VM of the point`,
    { data: { vm: vmId, files: files.slice(0, 100) }, cause },
  );
}
