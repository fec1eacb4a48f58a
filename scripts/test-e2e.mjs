// npm run test:e2e: the extension in the real workbench, driven in Chromium. Names of files or parts of them choose what is run;
// --pictures takes the pictures of the walkthrough and the README anew.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { ensureCodeServer } from './lib/code-server.mjs';
import { memoryFolder } from './lib/memory-folder.mjs';
import { node24, root, run, say } from './lib/setup.mjs';
import { ensureTool } from './lib/tools.mjs';

/** A run of everything that comes to fewer results has not run everything. */
const LEAST = 65;

/**
 * Stories that run at once. Two on two processors are hardly faster: a browser, a server, an extension host and the engine keep them
 * busy, and pages that open late take the focus from questions.
 */
const AT_ONCE = Number(
  process.env.REFPOINT_E2E_AT_ONCE ?? Math.max(1, availableParallelism() >> 2),
);
/** Stories that measure how long something takes. */
const ALONE = ['host-suite'];

const folder = join(root, 'test', 'e2e');
const out = join(root, 'build', 'e2e');
const results = join(out, 'results.json');
const figures = join(out, 'figures.txt');

const keepPictures = process.argv.includes('--pictures');
const names = process.argv.slice(2).filter((word) => word !== '--pictures');
const chosen = keepPictures ? ['pictures'] : names;
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.e2e.ts'))
  .filter((name) => chosen.length === 0 || chosen.some((part) => name.includes(part)))
  .sort();
if (files.length === 0) end(`Nothing in test/e2e is called ${chosen.join(' or ')}.`);

const chromium = [
  process.env.REFPOINT_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && path !== '' && existsSync(path));
if (chromium === undefined) {
  end('No Chromium: install the package “chromium”, or say where one is with REFPOINT_CHROMIUM.');
}

await build({ quiet: true });
const memory = memoryFolder();
const environment = {
  ...process.env,
  ...(memory === undefined ? {} : { TMPDIR: memory }),
  REFPOINT_E2E_CODE_SERVER: ensureCodeServer(),
  REFPOINT_E2E_TOOLS: ensureTool('e2e'),
  REFPOINT_E2E_CHROMIUM: chromium,
  REFPOINT_E2E_PICTURES: keepPictures ? '1' : '',
  // For the stories and the commands that they run. The workbench does not pass it on.
  NODE_COMPILE_CACHE: join(root, 'build', 'compiled'),
};
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
if (files.some((name) => name.startsWith('vsix-'))) environment.REFPOINT_E2E_VSIX = makeVsix();

const began = Date.now();
const found = [];
let ended = true;
const isAlone = (name) => ALONE.some((part) => name.startsWith(part));
for (const [stories, atOnce] of [
  [files.filter((name) => !isAlone(name)), AT_ONCE],
  [files.filter(isAlone), 1],
]) {
  if (stories.length === 0) continue;
  const { status } = runStories(stories, atOnce);
  if (status !== 0) ended = false;
  found.push(...read());
}
writeFileSync(results, `${JSON.stringify({ tests: found }, undefined, 1)}\n`);

if (existsSync(figures)) {
  process.stdout.write(readFileSync(figures, 'utf8').replaceAll(/^(?=.)/gm, 'figure   '));
}
const seconds = Math.round((Date.now() - began) / 1000);
process.stdout.write(`End-to-end tests: ${seconds} s\n`);
const counts = { passed: 0, failed: 0, skipped: 0 };
for (const { outcome } of found) counts[outcome]++;
const total = counts.passed + counts.failed + counts.skipped;
if (total < (chosen.length === 0 ? LEAST : 1)) {
  say(`Only ${total} results: too little was run.`);
  counts.failed++;
}
if (!ended && counts.failed === 0) counts.failed++;
if (counts.failed > 0) say('What failed left screenshots and logs in build/e2e.');
process.stdout.write(
  `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`,
);
process.exit(counts.failed === 0 ? 0 : 1);

function makeVsix() {
  const target = `${process.platform}-${process.arch}`;
  const script = join(root, 'scripts', 'package.mjs');
  run(process.execPath, [script, '--no-build', '--target', target, '--out', out]);
  const [vsix] = readdirSync(out).filter((name) => name.endsWith('.vsix'));
  if (vsix === undefined) end('No VSIX was made.');
  return join(out, vsix);
}

/** Runs stories, each in a process of its own. @param atOnce number of stories that run at the same time */
function runStories(stories, atOnce) {
  rmSync(results, { force: true });
  return spawnSync(
    node24,
    [
      '--test',
      '--no-warnings',
      `--test-concurrency=${atOnce}`,
      // A story ends itself before.
      '--test-timeout=600000',
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=./scripts/lib/results-reporter.mjs',
      `--test-reporter-destination=${results}`,
      ...stories.map((name) => join('test', 'e2e', name)),
    ],
    { cwd: root, env: environment, stdio: ['ignore', 'inherit', 'inherit'] },
  );
}

/** The results of the stories that were run last. */
function read() {
  try {
    return JSON.parse(readFileSync(results, 'utf8')).tests;
  } catch {
    say('The run left no results.');
    return [];
  }
}

function end(text) {
  say(text);
  process.stdout.write('0 passed, 1 failed, 0 skipped\n');
  process.exit(1);
}
