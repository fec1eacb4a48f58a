// npm run check: types, lint, format, unused code. All run, two at a time; any failure fails the whole.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
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

/** The longest first, which keeps one processor busy. @type {[string, string, string, string[]][]} */
const steps = [
  // Files that did not change since they were found good are not read again.
  [
    'format',
    'prettier',
    'prettier',
    ['--check', '--log-level=warn', '--cache', '--cache-strategy=content', '.'],
  ],
  ['types', 'typescript', 'tsc', ['--noEmit']],
  ['lint', 'oxlint', 'oxlint', ['--deny-warnings']],
  // Views run in a browser: with its types, and without Node's.
  ['types of the engine on Node 20', 'typescript', 'tsc', ['--noEmit', '-p', 'src/engine']],
  ['types of views', 'typescript', 'tsc', ['--noEmit', '-p', 'src/views']],
  ['types of view tests', 'typescript', 'tsc', ['--noEmit', '-p', 'test/views']],
  ['types of end-to-end tests', 'typescript', 'tsc', ['--noEmit', '-p', 'test/e2e']],
  ['unused code', 'knip', 'knip', []],
  // Code that only tests use belongs below test.
  [
    'code that only tests use',
    'knip',
    'knip',
    ['--config', 'knip.shipped.json', '--reporter', './scripts/lib/shipped-code-reporter.mjs'],
  ],
];

/** Runs steps until none is left, and prints each one's output at its end; returns how many failed. */
async function runSteps() {
  let failures = 0;
  for (let step = steps.shift(); step !== undefined; step = steps.shift()) {
    const [name, packageName, command, args] = step;
    const child = spawn(node24, [bin(packageName, command), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: root,
    });
    const output = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => output.push(chunk));
    }
    const [status] = await once(child, 'close');
    const ok = status === 0;
    process.stderr.write(Buffer.concat(output));
    say(`${ok ? 'ok    ' : 'FAILED'} ${name}`);
    if (!ok) failures++;
  }
  return failures;
}

const failures = await Promise.all([runSteps(), runSteps()]);
if (failures.some((count) => count > 0)) process.exitCode = 1;
