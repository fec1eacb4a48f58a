import { isEngineError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import type { VirtualDisk } from '../disk/virtual-disk.ts';
import { cellWork } from './cell-work.ts';
import type { ChainHashes } from './chain-hashes.ts';
import { dataOf, diskRoot } from './disk-root.ts';
import { CELL_SIZE, cellDigest, cellLength, zeroDigest } from './hash-cell.ts';
import { hashFileProblem } from './hash-file-check.ts';
import type { Finding } from './host.ts';
import type { DiskRecord } from './manifest.ts';
import { openStoredHashes, openStoredImages } from './stored-disk.ts';
import type { CompletePoint, PointEntry } from './store/catalog.ts';
import { diskChain, type ChainLink } from './store/point-chain.ts';
import type { Store } from './store/store.ts';
import { toFinding } from './to-finding.ts';
import { batFindings, headFindings } from './verify-image.ts';

/**
 * Verifies one disk of a point: the chain's identities, the head of its image, the opening of its hash files, then, unless
 * `quick`, its block table and the hash of its whole contents. Contents are proven by the root alone: a hash file that is
 * damaged hides no data.
 */
export async function verifyDisk(
  store: Store,
  points: readonly PointEntry[],
  point: CompletePoint,
  record: DiskRecord,
  quick: boolean,
  progress: Progress,
  signal: AbortSignal,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!isEngineError(error)) throw error;
      findings.push(toFinding(error, `${point.id}: disk ${record.number}: `));
      return undefined;
    }
  };
  await attempt(async () => {
    const links = diskChain(points, point.id, record.number);
    const [own] = links;
    if (own === undefined) return;
    const head = await attempt(() => headFindings(store, links, signal));
    const images = await attempt(() => openStoredImages(store, links, signal));
    // An image of another disk differs in its head too: that is said once.
    if (!findings.some(({ code }) => code === 'point.image')) findings.push(...(head ?? []));
    if (images === undefined) return;
    try {
      const hashes = await openHashes(store, links, findings, signal);
      try {
        if (quick) return;
        const bat = await attempt(() => batFindings(store, own, images.layers[0], signal));
        findings.push(...(bat ?? []));
        progress.phase(`${point.id}: disk ${record.number}`, record.virtualSize);
        findings.push(...(await verifyCells(images, hashes, own, progress, signal)));
      } finally {
        await hashes?.close();
      }
    } finally {
      await images.close();
    }
  });
  return findings;
}
/** Opens the hash tree. Damage to the hash file of a parent alone is a warning here: it is the parent's error. */
async function openHashes(
  store: Store,
  links: readonly ChainLink[],
  findings: Finding[],
  signal: AbortSignal,
): Promise<ChainHashes | undefined> {
  try {
    return await openStoredHashes(store, links, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!isEngineError(error)) throw error;
    const problems = [];
    for (const i of links.keys()) {
      problems.push(await hashFileProblem(store, links.slice(i), signal));
    }
    const [own, ...parents] = problems;
    const ofParents = own === undefined && parents.some((problem) => problem !== undefined);
    const [{ point, disk } = { point: { id: '' }, disk: { number: 0 } }] = links;
    const finding = toFinding(error, `${point.id}: disk ${disk.number}: `);
    // A hash file that is gone is damage that can be repaired, as one with a flipped bit.
    const code = error.code === 'store.missing' ? 'hashes.damaged' : error.code;
    findings.push({ ...finding, code, severity: ofParents ? 'warning' : 'error' });
    return undefined;
  }
}

/** How many wrong cells are named. */
const MAX_NAMED = 20;

async function verifyCells(
  disk: VirtualDisk,
  hashes: ChainHashes | undefined,
  { point, disk: record }: ChainLink,
  progress: Progress,
  signal: AbortSignal,
): Promise<Finding[]> {
  const root = await diskRoot(disk, progress, signal);
  if (root === record.hashRoot) return [];
  const prefix = `${point.id}: disk ${record.number}:`;
  const findings: Finding[] = [];
  if (hashes !== undefined) {
    for await (const offset of differingCells(disk, hashes, record, signal)) {
      const message = `${prefix} the bytes at ${offset} do not have the recorded hash`;
      findings.push({ code: 'cell.hash', severity: 'error', message });
      if (findings.length === MAX_NAMED) break;
    }
  }
  if (findings.length === 0) {
    const message = `${prefix} its hash root is ${root}, not the recorded ${record.hashRoot}`;
    findings.push({ code: 'disk.hash', severity: 'error', message });
  }
  return findings;
}

/** Only when the root is wrong: reads again, in order, and answers the offsets of cells that are not as recorded. */
async function* differingCells(
  disk: VirtualDisk,
  hashes: ChainHashes,
  record: DiskRecord,
  signal: AbortSignal,
): AsyncGenerator<number> {
  const buffer = Buffer.alloc(CELL_SIZE);
  const digestOf = async (cell: number): Promise<Uint8Array> => {
    const part = buffer.subarray(0, cellLength(cell, record.virtualSize));
    await disk.read(cell * CELL_SIZE, part, signal);
    return cellDigest(part);
  };
  for await (const run of hashes.leaves(0, hashes.shape.cells, signal)) {
    const { start, end, digests } = run;
    if (digests === null) {
      // Recorded as zeros: only what the images hold as data can differ.
      const within = { start: start * CELL_SIZE, end: Math.min(end * CELL_SIZE, disk.size) };
      for await (const { cell } of cellWork(dataOf(disk, within, signal), disk.size, CELL_SIZE)) {
        const zero = zeroDigest(cellLength(cell, record.virtualSize));
        if (Buffer.compare(await digestOf(cell), zero) !== 0) yield cell * CELL_SIZE;
      }
      continue;
    }
    for (let cell = start; cell < end; cell++) {
      const expected = digests.subarray((cell - start) * 32, (cell - start + 1) * 32);
      if (Buffer.compare(await digestOf(cell), expected) !== 0) yield cell * CELL_SIZE;
    }
  }
}
