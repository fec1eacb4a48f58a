// npm test: sets up what is missing, builds the bundle that some tests run, and runs every test but those that take minutes, which
// `npm test -- --apart` runs.
import { mkdirSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { dot, spec } from 'node:test/reporters';
import { build } from './build.mjs';
import { ON_HOST } from './lib/wine-host.mjs';
import { inBatches } from './lib/batches.mjs';
import { ON_DISK } from './lib/disk-tests.mjs';
import { findTests } from './lib/find-tests.mjs';
import { memoryFolder } from './lib/memory-folder.mjs';
import { onNode24, root, say } from './lib/setup.mjs';
import { isApart, missing, SLOW, slowestFirst } from './lib/slow-tests.mjs';
import summary from './lib/summary-reporter.mjs';

/** Several short files in one process; see scripts/lib/batches.mjs. */
const BATCHES = { alone: [...SLOW, ...ON_DISK], folder: join('build', 'batches') };

if (onNode24()) await main();

async function main() {
  await build({ quiet: true });
  const words = process.argv.slice(2);
  // Golden files are written anew instead of being compared.
  if (words.includes('--accept')) process.env.REFPOINT_ACCEPT = '1';
  const patterns = words.filter((word) => !word.startsWith('--'));
  // Tests on a host with the virtual disk API run in test:windows only.
  const all = findTests().filter((path) => !path.startsWith(ON_HOST));
  const gone = missing(all, ON_DISK);
  if (gone.length > 0) {
    say(`scripts/lib names files that are not tests: ${gone.join(', ')}`);
    process.exit(1);
  }
  const apart = words.includes('--apart');
  const chosen =
    patterns.length > 0
      ? findTests(patterns).filter((path) => all.includes(path))
      : all.filter((path) => isApart(path) === apart);
  // Files that are asked for by name run each in its own process, as those do that take long.
  const files = slowestFirst(patterns.length > 0 || apart ? chosen : inBatches(chosen, BATCHES));
  if (files.length === 0) {
    say(`No test file matches ${patterns.join(' ') || 'test/**/*.test.ts'}.`);
    process.exit(1);
  }
  // Each file is a process of its own, and most of them load the same few hundred sources: what one has compiled the others
  // take from here.
  const compiled = join(root, 'build', 'compiled');
  mkdirSync(compiled, { recursive: true });
  process.env.NODE_COMPILE_CACHE = compiled;
  // Buffers of MiB are in pages of 2 MiB where Linux has them: to touch a page of 4 KiB first costs a virtual machine up to 20 us. A test
  // that compares images with qemu-img took 11.6 processor seconds instead of 22.8. Other systems and libraries of C ignore it.
  process.env.GLIBC_TUNABLES ??= 'glibc.malloc.hugetlb=1';
  // PowerShell starts in three quarters of the processor time without telemetry, a look for updates, profiles for a second compilation
  // and the mapping of each page of code twice.
  process.env.POWERSHELL_TELEMETRY_OPTOUT ??= '1';
  process.env.POWERSHELL_UPDATECHECK ??= 'Off';
  process.env.DOTNET_TieredPGO ??= '0';
  process.env.DOTNET_EnableWriteXorExecute ??= '0';
  const memory = memoryFolder();
  if (memory !== undefined) {
    process.env.REFPOINT_TEST_DISK = tmpdir();
    process.env.TMPDIR = memory;
  }
  const events = run({
    files,
    cwd: root,
    // Two more than there are processors: tests wait for programs that they started, for the disk or for a time to pass. With one more,
    // two processors were busy for 60 % of the time.
    concurrency: availableParallelism() + 2,
    // A test that hangs fails, by name. Those that start PowerShell often need four minutes on a busy computer.
    timeout: 600_000,
    // Sources of the extension import `vscode`, which only the editor has: tests get one of ours.
    execArgv: [
      '--no-warnings',
      // Fewer collections of young objects: 5 to 10 % less processor time.
      '--max-semi-space-size=32',
      // Fewer full collections, which small heaps have whenever buffers are allocated.
      '--initial-heap-size=256',
      // Each processor has two of these processes already: threads that collect beside the program cost 5 % more processor time.
      '--single-threaded-gc',
      ...['--require', './scripts/lib/lean-runner.cjs'],
      ...['--import', './test/support/vscode-hook.mjs'],
      ...['--import', './scripts/lib/disk-tests.mjs'],
    ],
  });
  events.on('test:summary', ({ success }) => {
    if (!success) process.exitCode = 1;
  });
  events.compose(process.stdout.isTTY ? spec() : dot).pipe(process.stdout);
  events.compose(summary).pipe(process.stdout);
}
