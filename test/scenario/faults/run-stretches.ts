// Runs some stretches of pairs in this process, several at once since most of a run waits. Arguments: a file with
// {scenes, stretches}, the folder to work in, the number of lanes. Prints one line of JSON for each run.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenes, Stretch } from './pairs.ts';
import { runPair, type PairResult } from './run-pair.ts';
import { variants } from './variants.ts';

/** One run, which stands for all pairs from `at` to `to`. */
export interface PairLine extends PairResult {
  readonly title: string;
  readonly kind: Stretch['kind'];
  readonly at: number;
  readonly to: number;
  readonly seconds: number;
}

const [, , file = '', folder = '', lanes = '1'] = process.argv;
const { scenes, stretches } = JSON.parse(readFileSync(file, 'utf8')) as {
  scenes: Scenes;
  stretches: Stretch[];
};
const known = variants();

async function runStretch({ title, kind, from, to }: Stretch, work: string): Promise<void> {
  const variant = known.find((each) => each.title === title);
  if (variant === undefined) throw new Error(`There is no fault ${title}`);
  for (let at = from; at <= to;) {
    const began = performance.now();
    const result = await runPair(work, scenes[variant.of][kind], variant, at);
    // A fault that begins now and occurs later is the same run as one that begins in between.
    const same = Math.max(at, Math.min(to, result.struck ?? to));
    const seconds = (performance.now() - began) / 1000;
    const line: PairLine = { ...result, title, kind, at, to: same, seconds };
    process.stdout.write(`${JSON.stringify(line)}\n`);
    at = same + 1;
  }
}

const waiting = stretches.values();
await Promise.all(
  Array.from({ length: Number(lanes) }, async (_, lane) => {
    for (const stretch of waiting) await runStretch(stretch, join(folder, `lane-${lane}`));
  }),
);
