// npm run bench: ratios measured side by side in one run. Needs qemu-img for the first.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { node24, root, run, say } from './lib/setup.mjs';

await build({ quiet: true });
const wanted = process.argv.slice(2);
const files = readdirSync(join(root, 'bench'))
  .filter((name) => name.endsWith('.bench.ts'))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort();
if (files.length === 0) {
  say(`No benchmark matches ${wanted.join(' ')}.`);
  process.exit(1);
}
for (const name of files) run(node24, ['--no-warnings', join(root, 'bench', name)]);
