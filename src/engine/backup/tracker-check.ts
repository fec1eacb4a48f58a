import { randomInt } from 'node:crypto';
import type { VirtualDisk } from '../disk/virtual-disk.ts';
import { backupError } from './backup-errors.ts';
import { ChainHashes } from './chain-hashes.ts';
import { CELL_SIZE, cellCount, cellDigest, cellLength } from './hash-cell.ts';
import type { DiskRecord } from './manifest.ts';
import type { RunDeps } from './run-context.ts';
import { pointFile } from './store/layout.ts';
import type { ChainLink } from './store/point-chain.ts';
import type { Guid } from '../base/guid.ts';

export type TrackerCheckMode = 'off' | 'sample' | 'full';

export interface CheckedTask {
  readonly vmId: Guid;
  readonly parents: readonly ChainLink[];
  readonly checkTracker: TrackerCheckMode;
}

/** A sample is one cell in a hundred, between these bounds. */
const SAMPLE = { least: 64, most: 1024, share: 100 } as const;

/**
 * Reads the frozen disk again where the tracker saw no change and compares it with what the new point says it holds:
 * a range that the tracker left out shows as a cell with another hash. Throws `tracker.lied`. Answers the bytes read.
 */
export async function checkTracker(
  deps: RunDeps,
  task: CheckedTask,
  disk: VirtualDisk,
  folder: string,
  record: DiskRecord,
  signal: AbortSignal,
): Promise<number> {
  const sources = [await deps.store.openFile(`${folder}/${record.hashesFile.file}`, signal)];
  for (const { point, disk: parent } of task.parents) {
    const path = pointFile(task.vmId, point.id, parent.hashesFile.file);
    sources.push(await deps.store.openFile(path, signal));
  }
  const hashes = await ChainHashes.open(sources, record.virtualSize, record.hashRoot, signal);
  try {
    const cells = cellCount(disk.size);
    const all = task.checkTracker === 'full';
    deps.progress.phase('Checking the tracker', all ? disk.size : 0, 0);
    const chosen = all ? everyCell(cells) : sampleCells(cells);
    const buffer = Buffer.allocUnsafeSlow(CELL_SIZE);
    let bytes = 0;
    for (const cell of chosen) {
      const part = buffer.subarray(0, cellLength(cell, disk.size));
      await disk.read(cell * CELL_SIZE, part, signal);
      const expected = await hashes.leaf(cell, signal);
      if (Buffer.compare(cellDigest(part), expected) !== 0) {
        throw backupError(
          'tracker.lied',
          `The change tracker left out a change at ${cell * CELL_SIZE} of the disk at ${record.slot}`,
          { data: { slot: record.slot, offset: cell * CELL_SIZE } },
        );
      }
      bytes += part.length;
      deps.progress.advance(part.length);
    }
    return bytes;
  } finally {
    await hashes.close();
  }
}

function* everyCell(cells: number): Generator<number> {
  for (let cell = 0; cell < cells; cell++) yield cell;
}

/** Different ones at each run, so that runs together see more than one does. */
function sampleCells(cells: number): readonly number[] {
  const count = Math.min(
    cells,
    SAMPLE.most,
    Math.max(SAMPLE.least, Math.floor(cells / SAMPLE.share)),
  );
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(randomInt(cells));
  return [...chosen].sort((a, b) => a - b);
}
