import path from 'node:path';
import { isEngineError } from '../../../base/errors.ts';
import type { Progress } from '../../../base/progress.ts';
import { SourceState } from '../../../disk/convert/source-state.ts';
import type { OpenedDisk } from '../../../disk/chain/open-disk.ts';
import { MAX_CHAIN_DEPTH } from '../../../disk/chain/chain.ts';
import { incrementBlockSize } from '../../../disk/vhdx/structures/block-size.ts';
import { compareDisk, type DiskDifference } from './compare-disk.ts';
import { dataOf } from '../../hashes/hash-disk.ts';
import { backupError } from '../../errors/backup-errors.ts';
import type { BackupHost, HostDisk, HostVm } from '../../host/host.ts';
import { openStoredHashes, openStoredImages } from '../../images/stored-disk.ts';
import type { DiskRecord } from '../../manifest/manifest.ts';
import { listPoints, type CompletePoint } from '../../points/catalog.ts';
import { diskChain, type ChainLink } from '../../points/point-chain.ts';
import { differingLength } from '../../room/image-length.ts';
import type { Store } from '../../store/contract/store.ts';
import { choosePoint, chooseDisks } from '../restore.ts';
import { refuseUnstorable } from '../restore-formats.ts';
import { exists, refuseExisting, refuseInsideStore, restoredBytes } from '../restore-target.ts';
import { reportedParents } from '../../read/source/reported-parents.ts';
import type { Findings } from '../findings.ts';
import { openOver, overFile, type OverAccess, type OverFile } from './over-files.ts';
import type { OverOptions, OverWay } from './over-options.ts';
import { diskToReplace, requireAtRest } from './over-vm-checks.ts';

/** A disk of the plan. */
export interface OverDiskPlan {
  readonly record: DiskRecord;
  readonly links: readonly ChainLink[];
  readonly disk: HostDisk;
  readonly way: OverWay;
  readonly why: string | null;
  /** Format of the new file. */
  readonly format: 'vhdx' | 'vhd';
  /** The VM's file as it is reached from here; the new one lies beside it. */
  readonly file: OverFile;
  /** Path of the new file on the host. */
  readonly path: string;
  readonly difference: DiskDifference | undefined;
  readonly writtenBytes: number;
  readonly savedBytes: number;
  /** Maximum number of bytes that the new file takes. */
  readonly neededBytes: number;
  /** The disk that the VM has now; undefined if it cannot be read. */
  readonly current: CurrentDisk | undefined;
}

/** The VM's disk of now, opened for reading, and its state before the first byte was read. */
export interface CurrentDisk extends OpenedDisk {
  readonly state: SourceState;
}

export interface OverPlan {
  readonly vm: HostVm;
  readonly point: CompletePoint;
  /** Disks of the point that were chosen. */
  readonly records: readonly DiskRecord[];
  /** One for each of them; empty if an obstacle was found. */
  readonly disks: readonly OverDiskPlan[];
  close(): Promise<void>;
}

export interface PlanDeps {
  readonly host: BackupHost;
  readonly store: Store;
  readonly progress: Progress;
  readonly now: () => number;
  readonly files: OverAccess;
}

/** Runs the checks of a plan: `Findings` collects what they throw, {@link FIRST} throws it. */
type Obstacles = Pick<Findings, 'all' | 'of'>;

/** Ends a plan with the first obstacle. */
export const FIRST: Obstacles = { all: [], of: async (check) => check() };

/**
 * Plans a restore over a VM: which disks, into which files, and which parts of them. Reads the whole
 * disks of the VM if they can be read and no obstacle was found, and writes nothing. Gives `obstacles`
 * `over.*`, `path.*`, `restore.exists`, `restore.inStore`, `disk.write.argument`; throws `point.*`.
 */
export async function planOver(
  deps: PlanDeps,
  options: Omit<OverOptions, 'confirm'>,
  obstacles: Obstacles,
  signal: AbortSignal,
): Promise<OverPlan> {
  const { host, store } = deps;
  const points = await listPoints(store, options.vmId, signal);
  const point = choosePoint(points, options.point);
  const records = chooseDisks(point, options.disks);
  const vm = await host.findVm(options.over, signal);
  await obstacles.of(() => requireAtRest(vm));
  const places: Place[] = [];
  for (const record of records) {
    const { slot } = record;
    const place = await obstacles.of(() => placeOf(deps, vm, record, signal), { slot });
    if (place !== undefined) places.push(place);
  }
  const disks: OverDiskPlan[] = [];
  const close = async (): Promise<void> => {
    for (const { current } of disks) await current?.disk.close();
  };
  try {
    for (const place of obstacles.all.length === 0 ? places : []) {
      const links = diskChain(points, point.id, place.record.number);
      disks.push(await planDisk(deps, place, links, signal));
    }
    return { vm, point, records, disks, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A disk and its files, before anything was read of them. */
type Place = Pick<OverDiskPlan, 'record' | 'disk' | 'format' | 'file' | 'path'>;

/**
 * Returns the files of a disk of a point. Throws `over.disk`, `path.*`, `restore.inStore`,
 * `restore.exists`, `disk.write.argument`.
 */
async function placeOf(
  { store, now, files }: PlanDeps,
  vm: HostVm,
  record: DiskRecord,
  signal: AbortSignal,
): Promise<Place> {
  const disk = diskToReplace(vm, record);
  const format = disk.format === 'vhd' ? 'vhd' : 'vhdx';
  refuseUnstorable(record, format);
  const target = newPath(disk.path, format, now());
  const file = await overFile(disk.path, files, signal);
  const { way, folder } = file;
  const isThere =
    way === 'mapped'
      ? await files.mapped.reaches(disk.path, signal)
      : (await file.access.stat(folder, signal))?.kind === 'folder';
  if (!isThere) {
    throw backupError(
      'path.missing',
      `The folder of ${disk.path} is not reached here: ${folder} does not exist, cannot be read, or is not mounted`,
      { data: { path: folder, folder: path.win32.dirname(disk.path) } },
    );
  }
  const fresh = await files[way].pathOf(target, signal);
  if (way === 'mapped') {
    await refuseInsideStore(store, folder);
    await refuseExisting(fresh);
  } else if ((await file.access.stat(fresh, signal)) !== undefined) throw exists(fresh);
  return { record, disk, format, file, path: target };
}

/** Returns `…\disk-restored-20261129T080000Z.vhdx` for a disk, also for one that has such a name. */
function newPath(old: string, format: string, now: number): string {
  const { dir, name } = path.win32.parse(old);
  const stem = name.replace(/-restored-\d{8}T\d{6}Z$/, '');
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  return path.win32.join(dir, `${stem}-restored-${time}.${format}`);
}

/** Compares a disk of the VM with the point, and decides what is written. */
async function planDisk(
  deps: PlanDeps,
  place: Place,
  links: readonly ChainLink[],
  signal: AbortSignal,
): Promise<OverDiskPlan> {
  const { record } = place;
  const whole = await wholeBytes(deps.store, place, links, signal);
  const found = await differing(deps, place, links, signal);
  const current = typeof found === 'string' ? undefined : found.current;
  const base = { ...place, links, current };
  if (typeof found === 'string') {
    return { ...base, way: 'whole', why: found, difference: undefined, ...whole };
  }
  const { difference } = found;
  if (difference.bytes === 0) {
    const none = { writtenBytes: 0, neededBytes: 0, savedBytes: difference.dataBytes };
    return { ...base, way: 'same', why: null, difference, ...none };
  }
  const { virtualSize, logicalSectorSize } = record;
  const blockSize = incrementBlockSize(virtualSize, logicalSectorSize as 512 | 4096);
  const geometry = { virtualSize, logicalSectorSize, blockSize };
  const neededBytes = differingLength(difference.ranges(), geometry);
  if (neededBytes >= whole.neededBytes) {
    const why = 'so much of it differs that a file of its own is not larger';
    return { ...base, way: 'whole', why, difference: undefined, ...whole };
  }
  const writtenBytes = difference.bytes;
  const savedBytes = Math.max(0, difference.dataBytes - writtenBytes);
  return {
    ...base,
    way: 'differing',
    why: null,
    difference,
    writtenBytes,
    savedBytes,
    neededBytes,
  };
}

/** Returns the sizes of a restore as a file of its own. */
async function wholeBytes(
  store: Store,
  { format, record }: Place,
  links: readonly ChainLink[],
  signal: AbortSignal,
): Promise<Pick<OverDiskPlan, 'writtenBytes' | 'savedBytes' | 'neededBytes'>> {
  const images = await openStoredImages(store, links, signal);
  try {
    // Nothing is written to find out whether gaps take space.
    const neededBytes = await restoredBytes(images, { format, sparse: false }, signal);
    let writtenBytes = 0;
    const all = { start: 0, end: record.virtualSize };
    for await (const { start, end } of dataOf(images, all, signal)) writtenBytes += end - start;
    return { writtenBytes, savedBytes: 0, neededBytes };
  } finally {
    await images.close();
  }
}

/** Compares the VM's disk with the point; returns why that is not possible. */
async function differing(
  { store, progress, host, files }: PlanDeps,
  { record, disk, file }: Place,
  links: readonly ChainLink[],
  signal: AbortSignal,
): Promise<string | { readonly current: CurrentDisk; readonly difference: DiskDifference }> {
  if (disk.format !== 'vhdx') return 'differencing images on a VHD are not made';
  let current: CurrentDisk;
  try {
    const { way, access } = file;
    const parents: string[] = [];
    for (const each of way === 'mapped' ? [] : await reportedParents(disk, host, signal)) {
      parents.push(await files[way].pathOf(each, signal));
    }
    const opened = await openOver(file, parents, signal);
    const look = async (each: string): Promise<string> => {
      const found = await access.stat(each, signal);
      return `${found?.size} ${found?.changed}`;
    };
    const state = await SourceState.of(opened, way === 'mapped' ? undefined : look);
    current = { ...opened, state };
  } catch (error) {
    return asReason(error, 'the disk that the VM has cannot be read', signal);
  }
  try {
    const problem = problemOf(current, record);
    if (problem === undefined) {
      const hashes = await openStoredHashes(store, links, signal);
      try {
        progress.phase(`Comparing disk ${record.number} with the point`, record.virtualSize);
        return { current, difference: await compareDisk(current.disk, hashes, progress, signal) };
      } finally {
        await hashes.close();
      }
    }
    await current.disk.close();
    return problem;
  } catch (error) {
    await current.disk.close();
    return asReason(error, 'the disk that the VM has cannot be compared with the point', signal);
  }
}

function problemOf(
  { disk, layers: [top], chain }: CurrentDisk,
  record: DiskRecord,
): string | undefined {
  if (disk.size !== record.virtualSize) {
    return `the VM's disk has ${disk.size} bytes, the point's ${record.virtualSize}`;
  }
  if (disk.logicalSectorSize !== record.logicalSectorSize) return 'its sectors have another size';
  if (top.format !== 'vhdx' || top.identity === undefined) return 'its file is not a VHDX';
  return chain.length < MAX_CHAIN_DEPTH ? undefined : 'its file has too many parents';
}

/** Returns an error of reading as the reason for the other way; throws every other error. */
function asReason(error: unknown, what: string, signal: AbortSignal): string {
  signal.throwIfAborted();
  if (!isEngineError(error)) throw error;
  return `${what}: ${error.message}`;
}

/** Returns the identity that a file's format records; null if the file cannot be read. */
export function identityOf({ current }: OverDiskPlan): string | null {
  return current?.layers[0].identity ?? null;
}
