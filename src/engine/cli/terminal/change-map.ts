import { formatBytes } from '../../base/format-bytes.ts';
import type { RangeSet } from '../../base/range-set.ts';

const BLOCKS = { changed: '█', allocated: '▒', empty: '·' } as const;
const ASCII = { changed: '#', allocated: '+', empty: '.' } as const;

/**
 * Draws a disk as rows of characters: changed, allocated, empty. Each character covers an equal
 * share of the disk. One changed byte makes its share changed, so that small changes stay visible.
 */
export function drawChangeMap(
  size: number,
  changed: RangeSet,
  allocated: RangeSet,
  {
    columns,
    rows,
    ascii,
  }: { readonly columns: number; readonly rows: number; readonly ascii: boolean },
): string {
  const marks = ascii ? ASCII : BLOCKS;
  const label = formatBytes(size).length + 2;
  const width = Math.max(16, Math.min(64, columns - label - 2));
  const cells = width * rows;
  const lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    let line = '';
    for (let column = 0; column < width; column++) {
      const cell = row * width + column;
      const part = {
        start: Math.floor((size / cells) * cell),
        end: Math.floor((size / cells) * (cell + 1)),
      };
      if (!changed.clip(part).isEmpty) line += marks.changed;
      else line += allocated.clip(part).isEmpty ? marks.empty : marks.allocated;
    }
    lines.push(`${formatBytes(Math.floor((size / rows) * row)).padStart(label)}  ${line}`);
  }
  const legend = `${marks.changed} changed   ${marks.allocated} allocated   ${marks.empty} empty   one mark is ${formatBytes(Math.ceil(size / cells))}`;
  return [...lines, `${' '.repeat(label)}  ${legend}`].join('\n');
}
