import type { Warning } from '../../api/backup.ts';
import path from 'node:path';
import type { Guid } from '../../base/guid.ts';
import type { Progress } from '../../base/progress.ts';
import { openDisk, type OpenDiskOptions, type OpenedDisk } from '../../disk/chain/open-disk.ts';
import { ensureFolder, refuseFileInTheWay } from '../../source/folders/folder.ts';
import { freeBytes } from '../../source/folders/free-bytes.ts';
import { hasSparseFiles } from '../../source/files/sparse-files.ts';
import { backupError } from '../errors/backup-errors.ts';
import { diskRoot } from '../hashes/disk-root.ts';
import { disksOfPoint, findDisk } from '../select/find-disk.ts';
import { hashWarnings } from '../images/hash-file-check.ts';
import { hashFormat } from '../hashes/hash-format.ts';
import type { DiskRecord } from '../manifest/manifest.ts';
import { placeAll, type Placement } from './place-all.ts';
import { refuseUnstorable, restoreFormat, writeDisk } from './restore-formats.ts';
import { RestoreStaging } from './staging.ts';
import {
  refuseExisting,
  refuseInsideStore,
  requireRoom,
  restoredBytes,
  type RestoredFile,
} from './restore-target.ts';
import { openStoredImages } from '../images/stored-disk.ts';
import { listPoints, type CompletePoint, type PointEntry } from '../points/catalog.ts';
import { diskChain } from '../points/point-chain.ts';
import { recordError } from '../errors/record-errors.ts';
import type { Store } from '../store/contract/store.ts';

export interface RestoreOptions {
  readonly vmId: Guid;
  /** A point's ID, or `latest`. */
  readonly point: string;
  /**
   * Numbers as the point recorded them, slots, file names, paths or disk IDs; empty: every disk.
   */
  readonly disks: readonly string[];
  readonly to: string;
  /** One of {@link RESTORE_FORMATS}. */
  readonly format: string;
  readonly force: boolean;
}

export interface RestoredDisk {
  readonly number: number;
  readonly file: string;
  readonly virtualSize: number;
  readonly hashRoot: string;
}

export interface RestoreResult {
  readonly point: string;
  readonly disks: readonly RestoredDisk[];
  /** Damage that did not prevent restoring and verifying the disks, such as a damaged hash file. */
  readonly warnings: readonly Warning[];
}

/**
 * Writes each disk of a point as one independent file and reads it back. The files get their names,
 * or replace others, only after all of them match the recorded roots. Needs the images and the
 * roots in the manifest; damaged hash files are warnings. Throws `restore.mismatch`; before anything is
 * written `disk.write.argument` for a disk that the format cannot store, and without `force`
 * `restore.exists`.
 */
export async function restorePoint(
  store: Store,
  options: RestoreOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<RestoreResult> {
  const points = await listPoints(store, options.vmId, signal);
  const point = choosePoint(points, options.point);
  await refuseInsideStore(store, options.to);
  // Checked first: looking for files below a regular file gives a misleading error.
  await refuseFileInTheWay(path.resolve(options.to));
  const wanted = chooseDisks(point, options.disks);
  for (const record of wanted) refuseUnstorable(record, options.format);
  const files = wanted.map((record) => ({ record, file: targetFile(record, options) }));
  if (!options.force) for (const { file } of files) await refuseExisting(file);
  const jobs = files.map(({ record, file }) => {
    return { record, file, links: diskChain(points, point.id, record.number) };
  });
  const target = path.resolve(options.to);
  await ensureFolder(target);
  const staging = await RestoreStaging.open(target, progress, signal);
  try {
    // All files lie on the volume at once: a file gets its name only after the last one is
    // verified.
    const sparse = await hasSparseFiles(staging.folder);
    await requireRoomForAll(store, jobs, target, { format: options.format, sparse }, signal);
    // Each disk is written, then read back.
    progress.whole?.(2 * wanted.reduce((sum, { virtualSize }) => sum + virtualSize, 0));
    const placements: Placement[] = [];
    for (const { record, file, links } of jobs) {
      const from = staging.file(path.basename(file));
      const images = await openStoredImages(store, links, signal);
      try {
        progress.phase(`Restoring disk ${record.number}`, record.virtualSize);
        await writeDisk(images, record, from, options.format, progress, signal);
      } finally {
        await images.close();
      }
      await readBack(record, from, { format: options.format }, progress, signal);
      placements.push({ from, to: file });
    }
    await placeAll(placements, options.force, signal);
  } finally {
    await staging.close();
  }
  const disks: RestoredDisk[] = [];
  const warnings: Warning[] = [];
  for (const { record, file, links } of jobs) {
    const { number, virtualSize, hashRoot } = record;
    disks.push({ number, file, virtualSize, hashRoot });
    warnings.push(...(await hashWarnings(store, links, signal)));
  }
  return { point: point.id, disks, warnings };
}

/** Bytes that stay free for other programs that write to the folder meanwhile. */
const SPACE_RESERVE = 16 * 2 ** 20;

/**
 * Checks the space before anything is written. Throws `restore.space`, or the error of an image
 * that cannot be opened.
 */
async function requireRoomForAll(
  store: Store,
  jobs: readonly { readonly links: ReturnType<typeof diskChain> }[],
  target: string,
  file: RestoredFile,
  signal: AbortSignal,
): Promise<void> {
  const chains = jobs.map(({ links }) => links);
  const needed = await bytesOfRestore(store, chains, file, signal);
  requireRoom(target, needed, await freeBytes(target));
}

/** Returns the maximum number of bytes that a restore takes, and a reserve. */
export async function bytesOfRestore(
  store: Store,
  chains: readonly ReturnType<typeof diskChain>[],
  file: RestoredFile,
  signal: AbortSignal,
): Promise<number> {
  let needed = SPACE_RESERVE;
  for (const links of chains) {
    const images = await openStoredImages(store, links, signal);
    try {
      needed += await restoredBytes(images, file, signal);
    } finally {
      await images.close();
    }
  }
  return needed;
}

/**
 * Returns the wanted point. `latest` is the point made last, even if it cannot be read: an older
 * state is restored only by its name.
 */
export function choosePoint(points: readonly PointEntry[], wanted: string): CompletePoint {
  const point =
    wanted === 'latest'
      ? points.findLast(({ state }) => state !== 'partial')
      : points.find(({ id }) => id === wanted);
  if (point?.state === 'complete') return point;
  const expected = points.filter(({ state }) => state === 'complete').map(({ id }) => id);
  if (point?.state === 'damaged') {
    if (wanted !== 'latest') throw point.error;
    throw recordError(
      'point.damaged',
      `The newest point ${point.id} cannot be restored: ${point.error.message}. To restore an older point, name it`,
      { data: { point: point.id, expected }, cause: point.error },
    );
  }
  throw recordError('point.missing', `The store has no complete point ${wanted} of this VM`, {
    data: { point: wanted, expected },
  });
}

export function chooseDisks(
  point: CompletePoint,
  wanted: readonly string[],
): readonly DiskRecord[] {
  const { disks } = point.manifest;
  if (disks.length === 0) {
    throw recordError('point.missing', `The point ${point.id} has no disk`, {
      data: { point: point.id, found: 'no disk' },
    });
  }
  if (wanted.length === 0) return disks;
  const named = disksOfPoint(disks);
  const chosen = wanted.map((text) => {
    const found = findDisk(named, text)?.disk;
    if (found !== undefined) return found;
    throw recordError('point.missing', `The point ${point.id} has no disk “${text}”`, {
      data: { point: point.id, found: text, expected: disks.map((disk) => disk.slot) },
    });
  });
  return [...new Set(chosen)];
}

export function targetFile(
  disk: DiskRecord,
  options: Pick<RestoreOptions, 'to' | 'format'>,
): string {
  const folder = path.resolve(options.to);
  const file = path.join(
    folder,
    `${disk.number}-${disk.name}${restoreFormat(options.format).ending}`,
  );
  // The manifest's reader rejects such names, but a wrong path would overwrite a file, so it is
  // checked again.
  if (path.dirname(file) !== folder) throw new Error(`${file} is outside of ${folder}`);
  return file;
}

/**
 * Reads a restored file, with its parents if it has any, and compares its root with the recorded one.
 * Throws `restore.mismatch`.
 */
export async function readBack(
  record: DiskRecord,
  file: string,
  options: Pick<OpenDiskOptions, 'format' | 'open'>,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  await proveDisk(record, await openDisk(file, options, signal), progress, signal);
}

/** As {@link readBack}, of a disk that was opened; closes it. */
export async function proveDisk(
  record: DiskRecord,
  opened: OpenedDisk,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  let root: string;
  try {
    const reads = opened.layers[0].knowsHoles === false;
    const note = reads ? ' including its holes, which this system does not report' : '';
    progress.phase(`Reading back disk ${record.number}${note}`, record.virtualSize);
    root = await diskRoot(opened.disk, hashFormat(record), progress, signal);
  } finally {
    await opened.disk.close();
  }
  if (root === record.hashRoot) return;
  throw backupError(
    'restore.mismatch',
    `The restored data of the disk at ${record.slot} does not match the recorded hash root; the file was discarded`,
    { data: { slot: record.slot, found: root, expected: record.hashRoot } },
  );
}
