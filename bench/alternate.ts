/** Ways to do the same work, measured in turns in one run on the same files, and their report against the last one. */
import { median, report, seconds, touchMemory, type Cost } from './measure.ts';
import { formatBytes } from '../src/engine/base/format-bytes.ts';

export interface Way {
  readonly name: string;
  readonly run: () => Cost;
  /** Largest ratio to the last way that the product promises. */
  readonly limit?: number;
}

/** Settings of the engine with the native library and without, and how a report names them. */
export const LIBRARY: readonly { readonly name: string; readonly env: Record<string, string> }[] = [
  { name: 'with native', env: {} },
  { name: 'without', env: { REFPOINT_NATIVE: 'off' } },
];

/** Runs all ways in turns. One round more than `rounds` warms the caches and does not count. */
export function alternate(rounds: number, ways: readonly Way[]): readonly (readonly Cost[])[] {
  const costs: Cost[][] = ways.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    touchMemory();
    for (const [i, way] of ways.entries()) {
      const cost = way.run();
      if (round > 0) costs[i]?.push(cost);
    }
  }
  return costs;
}

/** Runs all ways in turns, and reports their medians and, for each round's pair, the median ratio to the last way. */
export function reportAlternating(title: string, rounds: number, ways: readonly Way[]): void {
  reportCosts(title, ways, alternate(rounds, ways));
}

export function reportCosts(
  title: string,
  ways: readonly Pick<Way, 'name' | 'limit'>[],
  costs: readonly (readonly Cost[])[],
): void {
  report(title);
  const theirs = costs.at(-1) ?? [];
  for (const [i, { name, limit }] of ways.entries()) {
    const ours = costs[i] ?? [];
    const of = (figure: 'wall' | 'cpu'): string =>
      seconds(median(ours.map((each) => each[figure])));
    const peak = formatBytes(Math.max(...ours.map((each) => each.peak)));
    const ratio = median(ours.map(({ wall }, round) => wall / (theirs[round]?.wall ?? Number.NaN)));
    const promised = limit === undefined ? '' : ` (at most ${limit})`;
    const tail = i === ways.length - 1 ? '' : `, ratio ${ratio.toFixed(2)}${promised}`;
    report(`  ${name}: ${of('wall')}, processor ${of('cpu')}, peak ${peak}${tail}`);
  }
}
