/**
 * Numbers for the names of disk files in a store. A disk's number is that of `vm show` and changes as disks come and go, so
 * files are named after a number of their slot, which is given once and kept: no two slots ever share a name.
 */
import type { PointEntry } from './catalog.ts';

export interface SlotNumber {
  readonly slot: string;
  readonly number: number;
}

/** The number for file names of each slot: the kept one, else that of `vm show` if it is free, else the next free one. */
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
  // The newest point first: its files are the parents of what is written next.
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
