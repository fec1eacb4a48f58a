// npm run test:faults: each fault of the lab at each exchange of a backup, full and incremental, of a VM and of a group with a shared
// disk: the backup completes or is undone. `--sample N` runs N of the pairs, `--seed N` chooses which; `--only TEXT` runs those of
// some faults; `--seconds N` ends after that time, and skips the pairs that are left; `--verbose` prints all codes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { tableOfFaults } from './lib/fault-table.mjs';
import { memoryFolder } from './lib/memory-folder.mjs';
import { node24, onNode24, root, say } from './lib/setup.mjs';

/** Backups at the same time in each process: most of a run waits. */
const LANES = 6;

if (onNode24()) await main();

async function main() {
  const { values } = parseArgs({
    options: {
      sample: { type: 'string' },
      seed: { type: 'string' },
      only: { type: 'string', multiple: true },
      seconds: { type: 'string' },
      verbose: { type: 'boolean' },
    },
  });
  const began = Date.now();
  const folder = memoryFolder() ?? mkdtempSync(join(tmpdir(), 'refpoint-faults-'));
  try {
    const { makeScenes } = await import('../test/scenario/faults/fault-scene.ts');
    const { allPairs, samplePairs, shuffled } = await import('../test/scenario/faults/pairs.ts');
    const { variants } = await import('../test/scenario/faults/variants.ts');
    const scenes = {
      file: await makeScenes(join(folder, 'file'), 'file'),
      export: await makeScenes(join(folder, 'export'), 'export'),
      smb: await makeScenes(join(folder, 'smb'), 'smb'),
      group: await makeScenes(join(folder, 'group'), 'group'),
    };
    const chosen = variants().filter(
      ({ title }) => values.only === undefined || values.only.some((text) => title.includes(text)),
    );
    const seed = Number(values.seed ?? 1);
    const all = allPairs(scenes, chosen);
    const picked =
      values.sample === undefined
        ? shuffled(all, seed)
        : samplePairs(all, Number(values.sample), seed);
    const pairs = picked.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    say(`${pairs} pairs of a fault and an exchange, seed ${seed}.`);
    const lines = await runAll(folder, scenes, picked, Number(values.seconds ?? 86_400));
    process.stdout.write(tableOfFaults(lines, values.verbose === true));
    const seconds = Math.round((Date.now() - began) / 1000);
    const failed = lines.filter(({ outcome }) => outcome === 'failed').length;
    const covered = lines.reduce((sum, { at, to }) => sum + to - at + 1, 0);
    process.stdout.write(
      `${covered} of ${pairs} pairs in ${lines.length} backups, seed ${seed}, ${seconds} s\n`,
    );
    process.stdout.write(
      `${covered - failed} passed, ${failed} failed, ${pairs - covered} skipped\n`,
    );
    if (failed > 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function runAll(folder, scenes, stretches, seconds) {
  const processes = Math.min(availableParallelism(), Math.ceil(stretches.length / LANES));
  const lines = [];
  const run = async (_, index) => {
    const file = join(folder, `part-${index}.json`);
    const own = stretches.filter((_each, i) => i % processes === index);
    writeFileSync(file, JSON.stringify({ scenes, stretches: own }));
    const program = join(root, 'test', 'scenario', 'faults', 'run-stretches.ts');
    const work = join(folder, `part-${index}`);
    const child = spawn(node24, ['--no-warnings', program, file, work, String(LANES)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, seconds * 1000);
    const closed = once(child, 'close');
    for await (const line of createInterface({ input: child.stdout })) {
      const result = JSON.parse(line);
      lines.push(result);
      if (result.outcome === 'failed') {
        const { title, kind, at, code, notes } = result;
        say(`FAILED   ${title} at exchange ${at} of ${kind} (${code}): ${notes.join('; ')}`);
      }
    }
    const [status] = await closed;
    clearTimeout(timer);
    if (status !== 0 && !late) throw new Error(`A process of the test ended with ${status}`);
  };
  await Promise.all(Array.from({ length: processes }, run));
  return lines;
}
