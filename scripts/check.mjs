// npm run check: types, lint, format, unused code. All run; any failure fails the whole.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, node24, root, say } from './lib/setup.mjs';

ensureInstalled();

/** The script behind a package's command, so that no shell is needed. */
function bin(packageName, command) {
  const folder = join(root, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const path = join(folder, typeof bin === 'string' ? bin : bin[command]);
  if (!existsSync(path)) throw new Error(`${packageName} has no ${command}`);
  return path;
}

/** @type {[string, string, string, string[]][]} */
const steps = [
  ['types', 'typescript', 'tsc', ['--noEmit']],
  // Views run in a browser: with its types, and without Node's.
  ['types of the engine on Node 20', 'typescript', 'tsc', ['--noEmit', '-p', 'src/engine']],
  ['types of views', 'typescript', 'tsc', ['--noEmit', '-p', 'src/views']],
  ['types of view tests', 'typescript', 'tsc', ['--noEmit', '-p', 'test/views']],
  ['types of end-to-end tests', 'typescript', 'tsc', ['--noEmit', '-p', 'test/e2e']],
  ['lint', 'oxlint', 'oxlint', ['--deny-warnings']],
  // Files that did not change since they were found good are not read again.
  [
    'format',
    'prettier',
    'prettier',
    ['--check', '--log-level=warn', '--cache', '--cache-strategy=content', '.'],
  ],
  ['unused code', 'knip', 'knip', []],
  // Code that only tests use belongs below test.
  [
    'code that only tests use',
    'knip',
    'knip',
    ['--config', 'knip.shipped.json', '--reporter', './scripts/lib/shipped-code-reporter.mjs'],
  ],
];
let failures = 0;
for (const [name, packageName, command, args] of steps) {
  const result = spawnSync(node24, [bin(packageName, command), ...args], {
    stdio: 'inherit',
    cwd: root,
  });
  const ok = result.status === 0;
  say(`${ok ? 'ok    ' : 'FAILED'} ${name}`);
  if (!ok) failures++;
}
process.exit(failures === 0 ? 0 : 1);
