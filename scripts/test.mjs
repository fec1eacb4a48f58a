// npm test: sets up what is missing, builds the bundle that some tests run, and runs every test.
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { findTests } from './find-tests.mjs';
import { node24, root, run, say } from './setup.mjs';

await build({ quiet: true });
const patterns = process.argv.slice(2);
const files = findTests(patterns);
if (files.length === 0) {
  say(`No test file matches ${patterns.join(' ') || 'test/**/*.test.ts'}.`);
  process.exit(1);
}
mkdirSync(join(root, 'build'), { recursive: true });
const reporters = [
  `--test-reporter=${process.stdout.isTTY ? 'spec' : 'dot'}`,
  '--test-reporter-destination=stdout',
  '--test-reporter=./scripts/summary-reporter.mjs',
  '--test-reporter-destination=stdout',
];
// A test that hangs fails, by name.
const limit = '--test-timeout=180000';
// Sources of the extension import `vscode`, which only the editor has: tests get one of ours.
const vscode = ['--import', './test/support/vscode-hook.mjs'];
// Two at least: many tests wait for programs that they started, and Node's own choice on two processors is one.
const atOnce = `--test-concurrency=${Math.max(2, availableParallelism() - 1)}`;
run(node24, ['--test', '--no-warnings', limit, atOnce, ...vscode, ...reporters, ...files]);
