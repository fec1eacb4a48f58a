import type { FindingCode } from '../../api/codes.ts';
import { isEngineError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import type { VirtualDisk } from '../../disk/virtual/virtual-disk.ts';
import { isZero } from '../../disk/virtual/zero-scan.ts';
import { cellWork } from '../hashes/cell-work.ts';
import type { ChainHashes } from '../hashes/chain-hashes.ts';
import { diskRoot } from '../hashes/disk-root.ts';
import { dataOf } from '../hashes/hash-disk.ts';
import { CELL_SIZE, cellLength, digestOf } from '../hashes/hash-cell.ts';
import { hashFileProblem } from '../images/hash-file-check.ts';
import { hashFormat } from '../hashes/hash-format.ts';
import { HashTreeWriter } from '../hashes/hash-tree-writer.ts';
import type { Finding } from '../../api/host.ts';
import { recordError } from '../errors/record-errors.ts';
import { openStoredHashes, openStoredImages } from '../images/stored-disk.ts';
import type { CompletePoint, PointEntry } from '../points/catalog.ts';
import { pointFile } from '../store/contract/layout.ts';
import { diskChain, type ChainLink } from '../points/point-chain.ts';
import type { Store } from '../store/contract/store.ts';

/** Number of cells between two calls that free finished pages. */
const SEAL_EVERY = 4096;

/** Everything that a repair works with. */
export interface HashRepair {
  readonly store: Store;
  readonly progress: Progress;
  /** Throws if the VM's lease is no longer held; then nothing is replaced. */
  readonly assertHeld: (signal: AbortSignal) => Promise<void>;
}

/**
 * Rebuilds each damaged or missing `.hashes` file of a point, if the disk's contents match the root
 * in the manifest. The files of its parents must be intact, so points are repaired oldest first.
 * The verification that follows reports what could not be rebuilt.
 */
export async function repairHashes(
  repair: HashRepair,
  points: readonly PointEntry[],
  point: CompletePoint,
  signal: AbortSignal,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { number, hashesFile } of point.manifest.disks) {
    const say = (code: FindingCode, severity: Finding['severity'], text: string): void => {
      findings.push({ code, severity, message: `${point.id}: ${hashesFile.file} ${text}` });
    };
    try {
      const links = diskChain(points, point.id, number);
      if ((await hashFileProblem(repair.store, links, signal)) === undefined) continue;
      await rebuild(repair, links, signal);
      say('hashes.rebuilt', 'info', 'was damaged and has been rebuilt from the verified contents');
    } catch (error) {
      signal.throwIfAborted();
      if (!isEngineError(error) || isEngineError(error, 'lease.lost')) throw error;
      say('hashes.unproven', 'warning', `was not rebuilt: ${error.message}`);
    }
  }
  return findings;
}

async function rebuild(
  { store, progress, assertHeld }: HashRepair,
  links: readonly ChainLink[],
  signal: AbortSignal,
): Promise<void> {
  const [own] = links;
  if (own === undefined) return;
  const { point, disk: record } = own;
  const images = await openStoredImages(store, links, signal);
  try {
    progress.phase(`${point.id}: verifying disk ${record.number}`, record.virtualSize);
    mustBeProven(await diskRoot(images, hashFormat(record), progress, signal), own);
    const parent =
      links.length === 1 ? null : await openStoredHashes(store, links.slice(1), signal);
    try {
      await assertHeld(signal);
      const path = pointFile(point.manifest.vm.id, point.id, record.hashesFile.file);
      await store.remove(path, signal);
      progress.phase(`${point.id}: rebuilding the hash file of disk ${record.number}`, images.size);
      const file = await store.createFile(path, signal);
      const tree = HashTreeWriter.begin(file, images.size, hashFormat(record), parent);
      try {
        await nameCells(tree, images, parent, progress, signal);
        mustBeProven((await tree.finish(signal)).root, own);
      } catch (error) {
        await tree.abandon();
        throw error;
      }
    } finally {
      await parent?.close();
    }
  } finally {
    await images.close();
  }
}

function mustBeProven(root: string, { point, disk }: ChainLink): void {
  if (root === disk.hashRoot) return;
  throw recordError(
    'hashes.damaged',
    `the contents of disk ${disk.number} have the hash root ${root}, expected ${disk.hashRoot}`,
    { data: { point: point.id, disk: disk.number, found: root, expected: disk.hashRoot } },
  );
}

/**
 * Adds every unit that may differ from the parent's: units with data, and units without data for
 * which the parent has some.
 */
async function nameCells(
  tree: HashTreeWriter,
  disk: VirtualDisk,
  parent: ChainHashes | null,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const buffer = Buffer.alloc(CELL_SIZE);
  const data = dataOf(disk, { start: 0, end: disk.size }, signal);
  const { unit } = tree.shape.format;
  let next = 0;
  for await (const { cell } of cellWork(data, disk.size, disk.logicalSectorSize)) {
    await nameZeros(tree, parent, next, (cell * CELL_SIZE) / unit, signal);
    const bytes = buffer.subarray(0, cellLength(cell, disk.size));
    await disk.read(cell * CELL_SIZE, bytes, signal);
    next = (cell * CELL_SIZE) / unit;
    for (let at = 0; at < bytes.length; at += unit) {
      const part = bytes.subarray(at, Math.min(at + unit, bytes.length));
      if (isZero(part)) tree.setZero(next++);
      else tree.set(next++, digestOf(part));
    }
    progress.advance(bytes.length);
    if ((cell + 1) % SEAL_EVERY === 0) await tree.sealBelow(next, signal);
  }
  await nameZeros(tree, parent, next, tree.shape.units, signal);
}

async function nameZeros(
  tree: HashTreeWriter,
  parent: ChainHashes | null,
  start: number,
  end: number,
  signal: AbortSignal,
): Promise<void> {
  if (parent === null || start >= end) return;
  for await (const run of parent.leaves(start, end, signal)) {
    if (run.digests === null) continue;
    for (let unit = run.start; unit < run.end; unit++) tree.setZero(unit);
  }
}
