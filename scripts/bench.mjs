// npm run bench [-- NAME …]: ratios measured side by side in one run, each beside its bound. `-- --list` prints the names with the
// minutes that they take on a quiet machine of two cores. REFPOINT_BENCH_SMALL=1 tries them out with small sizes. Needs qemu-img for
// most of them; the exit status is 1 if a bound was missed.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { node24, root, say } from './lib/setup.mjs';

/** Minutes of each benchmark on a quiet machine of two cores: most go into the data that it is run on. */
const MINUTES = {
  compare: 3,
  convert: 8,
  'deep-chain': 2,
  full: 10,
  hash: 3,
  'huge-map': 2,
  incremental: 8,
  inventory: 4,
  'map-chain': 1,
  native: 3,
  polling: 2,
  restore: 6,
  'rsvd-increment': 3,
  scattered: 8,
  'sealing-gss': 1,
  sealing: 1,
  'slow-source': 3,
  small: 1,
  'smb-crypto': 1,
  'smb-delay': 2,
  'smb-get': 3,
  powershell: 2,
  virtdisk: 2,
  vss: 3,
  verify: 8,
};

const END = '.bench.ts';
const all = readdirSync(join(root, 'bench'))
  .filter((name) => name.endsWith(END))
  .map((name) => name.slice(0, -END.length))
  .sort();
const words = process.argv.slice(2);
if (words.includes('--list')) {
  for (const name of all) say(`${name.padEnd(14)} ${String(MINUTES[name] ?? '?').padStart(3)} min`);
  say(`all            ${String(Object.values(MINUTES).reduce((a, b) => a + b)).padStart(3)} min`);
  process.exit(0);
}
// A whole name means that one only; a part means all that have it.
const wanted = (name) =>
  words.length === 0 ||
  words.some((word) => (all.includes(word) ? name === word : name.includes(word)));
const chosen = all.filter(wanted);
if (chosen.length === 0) {
  say(`No benchmark matches ${words.join(' ')}. There are: ${all.join(', ')}.`);
  process.exit(1);
}
await build({ quiet: true });
const failed = [];
for (const name of chosen) {
  const args = ['--no-warnings', join(root, 'bench', `${name}${END}`)];
  const { status } = spawnSync(node24, args, { stdio: 'inherit', cwd: root });
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) say(`Failed, or a bound was missed: ${failed.join(', ')}`);
process.exit(failed.length === 0 ? 0 : 1);
