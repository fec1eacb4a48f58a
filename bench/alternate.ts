/** Ways to do the same work, measured in turns in one run on the same files, and their report against the last one. */
import { judged } from './bounds.ts';
import { median, MIB, report, seconds, touchMemory, type Cost } from './measure.ts';
import { sized } from './sizes.ts';
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

/** Largest peak memory of a command that the product promises. */
const PEAK_LIMIT = 250 * MIB;

/** Rounds of a comparison. */
export const ROUNDS = sized(3, 1);

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
export function reportAlternating(title: string, ways: readonly Way[]): void {
  reportCosts(title, ways, alternate(ROUNDS, ways));
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
    const peak = Math.max(...ours.map((each) => each.peak));
    const ratio = median(ours.map(({ wall }, round) => wall / (theirs[round]?.wall ?? Number.NaN)));
    const bounded = (bound: string, ok: boolean): string =>
      limit === undefined ? '' : ` (${judged(bound, ok)})`;
    const memory = `${formatBytes(peak)}${bounded('at most 250 MiB', peak <= PEAK_LIMIT)}`;
    const promised = bounded(`at most ${limit}`, ratio <= (limit ?? Infinity));
    const tail = i === ways.length - 1 ? '' : `, ratio ${ratio.toFixed(2)}${promised}`;
    report(`  ${name}: ${of('wall')}, processor ${of('cpu')}, peak ${memory}${tail}`);
  }
}
