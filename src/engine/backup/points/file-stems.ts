/**
 * Numbers for the names of disk files in a store. The number in `vm show` changes when disks are
 * added or removed, so file names use a number that each slot gets once and keeps: two slots never
 * share a name.
 */
import type { PointEntry } from './catalog.ts';

export interface SlotNumber {
  readonly slot: string;
  readonly number: number;
}

/**
 * Returns the number for file names of each slot: the kept one, or else that of `vm show` if it is
 * free, or else the next free one.
 */
export function fileNumbers(
  points: readonly PointEntry[],
  kept: readonly SlotNumber[],
  disks: readonly SlotNumber[],
): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  const used = new Set<number>();
  const add = ({ slot, number }: SlotNumber): void => {
    if (numbers.has(slot) || used.has(number)) return;
    numbers.set(slot, number);
    used.add(number);
  };
  // Newest point first: its files are the parents of the new ones.
  for (const point of points.toReversed()) {
    if (point.state !== 'complete') continue;
    for (const { slot, file } of point.manifest.disks) {
      const number = /^(\d{1,4})-/.exec(file)?.[1];
      if (number !== undefined) add({ slot, number: Number(number) });
    }
  }
  for (const each of kept) add(each);
  for (const each of disks) add(each);
  for (const { slot } of disks) add({ slot, number: Math.max(-1, ...used) + 1 });
  return numbers;
}
