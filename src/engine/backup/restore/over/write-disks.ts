import path from 'node:path';
import type { Progress } from '../../../base/progress.ts';
import type { Warning } from '../../../api/backup.ts';
import fs from 'node:fs/promises';
import { freeBytes } from '../../../source/folders/free-bytes.ts';
import { fileError } from '../../../source/platform/file-errors.ts';
import { hashWarnings } from '../../images/hash-file-check.ts';
import { openStoredImages } from '../../images/stored-disk.ts';
import type { Store } from '../../store/contract/store.ts';
import { placeAll, type Placement } from '../place-all.ts';
import { readBack } from '../restore.ts';
import { writeDisk } from '../restore-formats.ts';
import { requireRoom } from '../restore-target.ts';
import { RestoreStaging } from '../staging.ts';
import { writeDiffering } from './write-differing.ts';
import type { OverDiskPlan, OverPlan } from './plan-over.ts';

/** Bytes that stay free for other programs that write to the folder meanwhile. */
const SPACE_RESERVE = 16 * 2 ** 20;

/** Throws `restore.space` if a volume has too little space for all disks that go there. */
export async function requireRoomForDisks({ disks }: Pick<OverPlan, 'disks'>): Promise<void> {
  const needed = new Map<number, { folder: string; bytes: number }>();
  for (const { folder, neededBytes } of disks) {
    const { dev } = await fs.stat(folder).catch((error: unknown) => {
      throw fileError(error, 'look at', folder);
    });
    const bytes = (needed.get(dev)?.bytes ?? SPACE_RESERVE) + neededBytes;
    needed.set(dev, { folder, bytes });
  }
  for (const { folder, bytes } of needed.values()) {
    requireRoom(folder, bytes, await freeBytes(folder));
  }
}

/**
 * Writes every disk of the plan beside the one that it replaces, and proves it by its root, a
 * differencing image together with the old file. The files get their names after the last proof.
 * Leaves nothing behind if it fails. Throws `restore.*`, `disk.source.changed` if a program changed an
 * old file meanwhile.
 */
export async function writeDisks(
  store: Store,
  { disks }: OverPlan,
  progress: Progress,
  signal: AbortSignal,
): Promise<readonly Warning[]> {
  const changed = disks.filter(({ way }) => way !== 'same');
  const staged = new Map<string, RestoreStaging>();
  try {
    progress.whole?.(changed.reduce((sum, each) => sum + workOf(each), 0));
    const placements: Placement[] = [];
    for (const plan of changed) {
      const staging =
        staged.get(plan.folder) ?? (await RestoreStaging.open(plan.folder, progress, signal));
      staged.set(plan.folder, staging);
      const name = path.win32.basename(plan.path);
      const from = staging.file(name);
      await writeOne(store, plan, from, progress, signal);
      const options = { format: plan.format, search: [plan.folder] };
      await readBack(plan.record, from, options, progress, signal);
      placements.push({ from, to: path.join(plan.folder, name) });
    }
    await requireUnchanged(disks, signal);
    await placeAll(placements, false, signal);
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
  file: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const { record, current, difference, format, links, writtenBytes } = plan;
  const images = await openStoredImages(store, links, signal);
  try {
    if (current !== undefined && difference !== undefined) {
      progress.phase(`Restoring what differs of disk ${record.number}`, writtenBytes);
      await writeDiffering(images, plan, current, difference, file, progress, signal);
    } else {
      progress.phase(`Restoring disk ${record.number}`, record.virtualSize);
      await writeDisk(images, record, file, format, progress, signal);
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
