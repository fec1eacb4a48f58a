/**
 * Restores one VM in its place with the Hyper-V writer of this host (reference 3.2). Every file is written under a temporary name and
 * verified before the writer deletes the VM; then the files get their names, and the writer registers the VM. After a failure the files
 * stay, and the same command continues.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Guid } from '../../../base/guid.ts';
import type { Log } from '../../../base/log.ts';
import type { Progress } from '../../../base/progress.ts';
import { NativeRestorer } from '../../../vss/native/native-restorer.ts';
import { vssError } from '../../../vss/vss-errors.ts';
import { listPoints } from '../../points/catalog.ts';
import { requireConfirmed } from '../../restore/over/over-vm-checks.ts';
import { choosePoint, restorePoint } from '../../restore/restore.ts';
import type { Store } from '../../store/contract/store.ts';
import { writerSource, type WriterSource } from './writer-source.ts';

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

export interface WriterRestoreDeps {
  readonly store: Store;
  readonly progress: Progress;
  readonly log: Log;
  /** Called before each step; tests end the process there. */
  readonly onStep?: (step: 'staged' | 'preRestored' | 'placed' | 'postRestored') => Promise<void>;
}

/** Folder beside a target in which its file is written and verified. */
const STAGING = 'refpoint-restore';
/** Ending of a replaced file, until the VM is registered. */
const OLD = '.refpoint-old';

/** A file, and the name that it gets. */
interface Placement {
  readonly from: string;
  readonly to: string;
}

/** Throws `over.confirm`, `vss.*`, and the errors of a restore. */
export async function restoreWithWriter(
  deps: WriterRestoreDeps,
  { vmId, point: wanted, confirm }: WriterRestore,
  signal: AbortSignal,
): Promise<WriterRestored> {
  const { store, progress, log, onStep = async () => undefined } = deps;
  const point = choosePoint(await listPoints(store, vmId, signal), wanted);
  const source = await writerSource(store, point, signal);
  const files = [...source.disks, ...source.files].map((each) => each.path);
  const vm = { id: vmId, name: point.manifest.vm.name };
  const result = { vm, point: point.id, files };
  if (confirm === null) return { ...result, planned: true };
  requireConfirmed(vmId, confirm);
  const restorer = await NativeRestorer.open(source.document, vmId, signal);
  let deleted = false;
  try {
    const placements = await stage(deps, vmId, point.id, source, signal);
    await onStep('staged');
    log({ level: 'warn', area: 'restore', message: `The Hyper-V writer deletes the VM ${vmId}` });
    progress.phase('The Hyper-V writer deletes the VM', 0);
    deleted = true;
    await restorer.preRestore(signal);
    await onStep('preRestored');
    for (const placement of placements) await place(placement);
    await onStep('placed');
    progress.phase('The Hyper-V writer registers the VM', 0);
    await restorer.setStatus('all', signal);
    await restorer.postRestore(signal);
    await onStep('postRestored');
    for (const { to } of placements) await fs.rm(`${to}${OLD}`, { force: true });
    await removeStaging(placements);
    return { ...result, planned: false };
  } catch (error) {
    if (!deleted) throw error;
    throw interrupted(vmId, files, error);
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
    const folder = path.join(path.dirname(to), `${STAGING}-${at}`);
    const order = { vmId, point, disks: [record.slot], to: folder, format, force: true };
    const restored = await restorePoint(store, order, progress, signal);
    placements.push({ from: restored.disks[0]?.file ?? '', to });
  }
  for (const { path: to, bytes } of files) {
    const folder = path.join(path.dirname(to), `${STAGING}-config`);
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

/** Gives a file its name. What had it stays beside it until the VM is registered. */
async function place({ from, to }: Placement): Promise<void> {
  const old = `${to}${OLD}`;
  const hasOld = await fs.stat(old).then(
    () => true,
    () => false,
  );
  // One of an earlier try is the VM's own.
  if (!hasOld) await fs.rename(to, old).catch(ignoreMissing);
  await fs.rename(from, to);
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

async function removeStaging(placements: readonly Placement[]): Promise<void> {
  for (const folder of new Set(placements.map(({ from }) => path.dirname(from)))) {
    await fs.rm(folder, { recursive: true, force: true });
  }
}

function interrupted(vmId: Guid, files: readonly string[], cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause);
  return vssError(
    'vss.restore',
    `The restore of the VM ${vmId} by the Hyper-V writer was interrupted, and the VM may be deleted: ${why}. The files stay. Run the same command again, or import the VM of the point`,
    { data: { vm: vmId, files: files.slice(0, 100) }, cause },
  );
}
