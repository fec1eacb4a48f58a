// npm run fuzz:native [-- SECONDS]: libFuzzer on the native library with sanitizers, 60 s if no time is named. Needs clang.
// The inputs that it finds stay in build/native/corpus.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { buildProgram } from './lib/native-build.mjs';
import { root, run, say } from './lib/setup.mjs';

const seconds = Number(process.argv[2] ?? 60);
if (!Number.isSafeInteger(seconds) || seconds < 1) {
  say(`${process.argv[2]} is not a number of seconds.`);
  process.exit(1);
}
if (spawnSync('clang', ['--version'], { stdio: 'ignore' }).status !== 0) {
  say('fuzz:native needs clang with its run-time libraries (Debian: clang libclang-rt-14-dev).');
  process.exit(1);
}
// Fewer optimisations compile in half the time; sanitizers see the same.
const program = buildProgram('clang', 'fuzz', 'refpoint-fuzz', ['-O1', '-fsanitize=fuzzer']);
const corpus = join(root, 'build', 'native', 'corpus');
mkdirSync(corpus, { recursive: true });
const limits = [`-max_total_time=${seconds}`, '-max_len=4096', '-timeout=10', '-rss_limit_mb=1024'];
run(program, [...limits, '-print_final_stats=1', `-artifact_prefix=${corpus}-`, corpus]);
