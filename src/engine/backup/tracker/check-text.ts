import { formatBytes } from '../../base/format-bytes.ts';
import { CELL_SIZE } from '../hashes/hash-cell.ts';
import type { TrackerCheck } from '../manifest/manifest.ts';

/** Describes what a run's tracker check rules out: one line for each checked disk. */
export function checkLines({ mode, disks }: TrackerCheck): readonly string[] {
  if (mode === 'off') {
    return ['The change tracker was not checked: a missed range would not be detected.'];
  }
  return (disks ?? []).map(({ slot, candidateCells, checkedCells, ruledOutCells, confidence }) => {
    if (candidateCells === 0) return `${slot}: no unchanged part holds data.`;
    const read = `${slot}: ${checkedCells} of ${candidateCells} unchanged cells with data were read again and match the recorded hash.`;
    if (checkedCells >= candidateCells) return `${read} No change was missed.`;
    const least = formatBytes(ruledOutCells * CELL_SIZE);
    return ruledOutCells > candidateCells
      ? `${read} This is too few to rule anything out.`
      : `${read} With ${Math.round(confidence * 100)} % confidence, the tracker missed changes in fewer than ${ruledOutCells} of them (${least}).`;
  });
}
