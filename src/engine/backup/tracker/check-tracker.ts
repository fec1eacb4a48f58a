import type { Guid } from '../../base/guid.ts';
import type { Range } from '../../base/range.ts';
import type { VirtualDisk } from '../../disk/virtual/virtual-disk.ts';
import { backupError } from '../errors/backup-errors.ts';
import { ChainHashes } from '../hashes/chain-hashes.ts';
import { CELL_SIZE, cellCount, cellLength, digestOf } from '../hashes/hash-cell.ts';
import { hashFormat } from '../hashes/hash-format.ts';
import { sameBytes } from '../hashes/hash-shape.ts';
import type { DiskCheck, DiskRecord } from '../manifest/manifest.ts';
import type { RunDeps } from '../context/run-context.ts';
import { pointFile } from '../store/contract/layout.ts';
import type { ChainLink } from '../points/point-chain.ts';
import { drawSample } from './draw-sample.ts';
import { CONFIDENCE, ruledOut } from './sample.ts';

export type TrackerCheckMode = 'off' | 'sample' | 'full';

export interface CheckedTask {
  readonly vmId: Guid;
  readonly parents: readonly ChainLink[];
  readonly checkTracker: TrackerCheckMode;
}

export interface CheckedDisk {
  /** The whole disk as it was at the checkpoint. */
  readonly disk: VirtualDisk;
  /** Ranges that the increment copied, in order: everything else counts as unchanged. */
  readonly changed: AsyncIterable<Range> | Iterable<Range>;
  /** The new point's folder and its recorded contents. */
  readonly folder: string;
  readonly record: DiskRecord;
}

/**
 * Reads parts of the frozen disk that the tracker reported as unchanged, and compares them with the
 * contents recorded by the new point: a missed range is a cell with another hash. The sample is
 * drawn from unchanged cells with data, in the disk or in the point: empty ones would always match.
 * Throws `tracker.lied`.
 */
export async function checkTracker(
  deps: RunDeps,
  task: CheckedTask,
  checked: CheckedDisk,
  signal: AbortSignal,
): Promise<DiskCheck & { readonly bytes: number }> {
  const { record, disk } = checked;
  const hashes = await openHashes(deps, task, checked, signal);
  try {
    const { unit } = hashes.shape.format;
    const cells = cellCount(disk.size);
    const full = task.checkTracker === 'full';
    const { changed } = checked;
    const { readBytes } = record;
    const sample = full
      ? undefined
      : await drawSample({ disk, changed, readBytes }, hashes, signal);
    const chosen = sample?.cells ?? everyCell(cells);
    const total = sample === undefined ? disk.size : sample.cells.length * CELL_SIZE;
    deps.progress.phase('Checking the tracker', total);
    let count = 0;
    let bytes = 0;
    const buffer = Buffer.allocUnsafeSlow(CELL_SIZE);
    for (const cell of chosen) {
      const part = buffer.subarray(0, cellLength(cell, disk.size));
      await disk.read(cell * CELL_SIZE, part, signal);
      for (let at = 0; at < part.length; at += unit) {
        const expected = await hashes.leaf((cell * CELL_SIZE + at) / unit, signal);
        const digest = digestOf(part.subarray(at, at + unit));
        if (!sameBytes(digest, expected)) throw leftOut(record, cell * CELL_SIZE + at);
      }
      count++;
      bytes += part.length;
      deps.progress.advance(part.length);
    }
    const candidates = sample?.candidates ?? cells;
    return {
      slot: record.slot,
      candidateCells: candidates,
      checkedCells: count,
      ruledOutCells: ruledOut(candidates, count),
      confidence: CONFIDENCE,
      bytes,
    };
  } finally {
    await hashes.close();
  }
}

async function openHashes(
  deps: RunDeps,
  task: CheckedTask,
  { folder, record }: CheckedDisk,
  signal: AbortSignal,
): Promise<ChainHashes> {
  const sources = [await deps.store.openFile(`${folder}/${record.hashesFile.file}`, signal)];
  try {
    for (const { point, disk: parent } of task.parents) {
      const path = pointFile(task.vmId, point.id, parent.hashesFile.file);
      sources.push(await deps.store.openFile(path, signal));
    }
  } catch (error) {
    for (const source of sources) await source.close();
    throw error;
  }
  const { virtualSize, hashRoot } = record;
  return ChainHashes.open(sources, virtualSize, hashFormat(record), hashRoot, signal);
}

function* everyCell(cells: number): Generator<number> {
  for (let cell = 0; cell < cells; cell++) yield cell;
}

const leftOut = ({ slot }: DiskRecord, offset: number): Error =>
  backupError(
    'tracker.lied',
    `The change tracker missed a change at ${offset} of the disk at ${slot}`,
    { data: { slot, offset } },
  );
