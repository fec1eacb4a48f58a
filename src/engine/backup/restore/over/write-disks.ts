import path from 'node:path';
import type { Progress } from '../../../base/progress.ts';
import type { Warning } from '../../../api/backup.ts';
import { openDisk } from '../../../disk/chain/open-disk.ts';
import type { PartWriter } from '../../../source/byte-source.ts';
import { hashWarnings } from '../../images/hash-file-check.ts';
import { openStoredImages } from '../../images/stored-disk.ts';
import type { Store } from '../../store/contract/store.ts';
import { proveDisk } from '../restore.ts';
import { writeDiskTo } from '../restore-formats.ts';
import { openOver } from './over-files.ts';
import { openStaging, placeDisks, type DiskStaging, type StagedDisk } from './stage-disks.ts';
import { writeDiffering } from './write-differing.ts';
import type { OverDiskPlan, OverPlan, PlanDeps } from './plan-over.ts';

/**
 * Writes every disk of the plan beside the one that it replaces, and proves it by its root, a
 * differencing image together with the old file. The files get their names after the last proof.
 * Leaves nothing behind if it fails. Throws `restore.*`, `disk.source.changed` if a program changed an
 * old file meanwhile.
 * @param id of the restore in the ledger
 */
export async function writeDisks(
  { store, files }: Pick<PlanDeps, 'store' | 'files'>,
  { disks }: OverPlan,
  id: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<readonly Warning[]> {
  const changed = disks.filter(({ way }) => way !== 'same');
  const staged = new Map<string, DiskStaging>();
  try {
    progress.whole?.(changed.reduce((sum, each) => sum + workOf(each), 0));
    const placements: StagedDisk[] = [];
    for (const plan of changed) {
      const { way, folder, access } = plan.file;
      const staging =
        staged.get(folder) ?? (await openStaging(plan.file, id, files.remote, progress, signal));
      staged.set(folder, staging);
      const name = path.win32.basename(plan.path);
      const part = await staging.create(name, signal);
      await writeOne(store, plan, part, progress, signal);
      const from = staging.file(name);
      const { record, format, current, way: how } = plan;
      const opened =
        way === 'mapped'
          ? await openDisk(from, { format, search: [folder] }, signal)
          : await openOver(
              { way, place: from, access },
              how === 'differing' ? (current?.chain ?? []) : [],
              signal,
            );
      await proveDisk(record, opened, progress, signal);
      placements.push({ way, folder, from, name });
    }
    await requireUnchanged(disks, signal);
    await placeDisks(placements, files.remote, signal);
  } finally {
    for (const staging of staged.values()) await staging.close();
  }
  const warnings: Warning[] = [];
  for (const { links } of disks) warnings.push(...(await hashWarnings(store, links, signal)));
  return warnings;
}

const workOf = ({ writtenBytes, record }: OverDiskPlan): number =>
  writtenBytes + record.virtualSize;

async function writeOne(
  store: Store,
  plan: OverDiskPlan,
  part: PartWriter,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const { record, current, difference, format, links, writtenBytes } = plan;
  const images = await openStoredImages(store, links, signal).catch(async (error: unknown) => {
    await part.abandon();
    throw error;
  });
  try {
    if (current !== undefined && difference !== undefined) {
      progress.phase(`Restoring what differs of disk ${record.number}`, writtenBytes);
      await writeDiffering(images, plan, current, difference, part, progress, signal);
    } else {
      progress.phase(`Restoring disk ${record.number}`, record.virtualSize);
      await writeDiskTo(images, record, part, format, progress, signal);
    }
  } finally {
    await images.close();
  }
}

/**
 * Throws `disk.source.changed` if a program wrote to a file that a differencing image builds on, or
 * that was found equal to the point.
 */
export async function requireUnchanged(
  disks: readonly OverDiskPlan[],
  signal: AbortSignal,
): Promise<void> {
  for (const { current, way } of disks) {
    if (way !== 'whole') await current?.state.check(signal);
  }
}
