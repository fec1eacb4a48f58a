// npm run test:electron: the suite of the extension host in a desktop VS Code, which is downloaded: this needs access to
// update.code.visualstudio.com, and on Linux a display (xvfb-run). The same suite runs in code-server with npm run test:e2e.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { onNode24, root, say } from './lib/setup.mjs';
import { cache, ensureTool } from './lib/tools.mjs';

/** A suite that ends sooner was not run. */
const LEAST = 30;
/** One that hangs never reports: the editor is ended then. */
const LIMIT_MS = 300_000;
const GRACE_MS = 10_000;

async function main() {
  await build({ quiet: true });
  const tools = createRequire(join(ensureTool('electron'), 'package.json'));
  const { downloadAndUnzipVSCode, runTests } = tools('@vscode/test-electron');
  const { bundleSuite } = await import('../test/e2e/support/machine/bundle-suite.ts');
  const version = process.env.REFPOINT_VSCODE_VERSION ?? 'stable';
  const vscodeExecutablePath = await download(downloadAndUnzipVSCode, version);
  const work = mkdtempSync(join(tmpdir(), 'rp-'));
  const timers = endAfterwards();
  try {
    const results = join(work, 'results.json');
    mkdirSync(join(work, 'folder', '.vscode'), { recursive: true });
    mkdirSync(join(work, 'user', 'User'), { recursive: true });
    const settings = { 'refpoint.trace.server': 'verbose' };
    writeFileSync(join(work, 'user', 'User', 'settings.json'), JSON.stringify(settings));
    const code = await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: root,
      // Below the extension's folder: the editor gives it the extension's own `vscode`, whose questions it answers.
      extensionTestsPath: await bundleSuite(join(root, 'build', 'electron', 'suite.cjs')),
      extensionTestsEnv: {
        REFPOINT_HOME: join(work, 'refpoint'),
        REFPOINT_E2E_RESULTS: results,
        REFPOINT_E2E_STORE: join(work, 'store'),
      },
      launchArgs: [
        join(work, 'folder'),
        `--user-data-dir=${join(work, 'user')}`,
        `--extensions-dir=${join(work, 'extensions')}`,
      ],
    }).catch((error) => {
      say(error.message);
      return 1;
    });
    process.exitCode = summarise(results, code);
  } finally {
    for (const timer of timers) clearTimeout(timer);
    rmSync(work, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** What Ctrl-C does, and what a second one does: the editor is asked to end, then it is ended with all that it started. */
function endAfterwards() {
  return [0, GRACE_MS].map((later) => setTimeout(() => process.emit('SIGINT'), LIMIT_MS + later));
}

async function download(downloadAndUnzipVSCode, version) {
  try {
    return await downloadAndUnzipVSCode({ version, cachePath: join(cache, 'vscode') });
  } catch (error) {
    say(`VS Code could not be downloaded: ${error.message}`);
    say(
      'test:electron needs update.code.visualstudio.com; npm run test:e2e needs npm and Chromium.',
    );
    process.stdout.write('0 passed, 1 failed, 0 skipped\n');
    process.exit(1);
  }
}

/** Neither the exit code nor the file is believed alone. Answers this process's exit status. */
function summarise(path, code) {
  const { complete, results, figures } = read(path);
  for (const { name, error } of results) {
    say(error === null ? `ok      ${name}` : `FAILED  ${name}\n${error}`);
  }
  for (const figure of figures) process.stdout.write(`figure   ${figure}\n`);
  const failed = results.filter(({ error }) => error !== null).length;
  const passed = results.length - failed;
  const whole = complete && code === 0 && passed >= LEAST;
  const missing = failed === 0 && !whole ? 1 : 0;
  process.stdout.write(`${passed} passed, ${failed + missing} failed, 0 skipped\n`);
  return failed + missing === 0 ? 0 : 1;
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    say('The suite left no results.');
    return { complete: false, results: [], figures: [] };
  }
}

if (onNode24()) await main();
