// Installs what is missing before anything else runs. Plain JavaScript: it must start on any Node 20.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const marker = join(root, 'node_modules', '.refpoint-installed');

/** Node 24 of the exact dev dependency `node`. */
export const node24 = join(
  root,
  'node_modules',
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

/** Installs the exact dependencies of package-lock.json unless they are there already. */
export function ensureInstalled() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted && existsSync(node24)) return;
  const [major] = process.versions.node.split('.').map(Number);
  if (major < 20)
    fail(`Node ${process.versions.node} is too old: Refpoint needs Node 20 or newer.`);
  say('Installing the dependencies (npm ci) …');
  npm(['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  // npm may hold back install scripts; this one puts Node 24 in its place.
  if (!existsSync(node24) || statSync(node24).size < 1_000_000) {
    say('Setting up Node 24 …');
    run(process.execPath, [join(root, 'node_modules', 'node', 'installArchSpecificPackage.js')], {
      cwd: join(root, 'node_modules', 'node'),
    });
  }
  if (!existsSync(node24)) fail(`Node 24 is not where the package “node” should put it: ${node24}`);
  writeFileSync(marker, wanted);
}

/** npm without a shell: its own script, run by this Node. */
export function npm(args, options) {
  const cli = npmCli();
  if (cli !== undefined) run(process.execPath, [cli, ...args], options);
  else if (process.platform === 'win32') fail('npm was not found: run this script by `npm run`.');
  else run('npm', args, options);
}

function npmCli() {
  const candidates = [
    process.env['npm_execpath'],
    join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  return candidates.find((path) => path !== undefined && /\.c?js$/.test(path) && existsSync(path));
}

/** Starts the running script again on Node 24, which reads TypeScript as it is, unless it runs there; answers whether it does. */
export function onNode24() {
  ensureInstalled();
  if (Number(process.versions.node.split('.')[0]) >= 24) return true;
  const npm_execpath = npmCli();
  const env = npm_execpath === undefined ? process.env : { ...process.env, npm_execpath };
  // Ctrl-C reaches both: this one waits until the other has cleaned up.
  process.on('SIGINT', () => undefined);
  run(node24, ['--no-warnings', ...process.argv.slice(1)], { env });
  return false;
}

/** Runs a program with this terminal and ends this process when it fails. */
export function run(program, args, options = {}) {
  const result = spawnSync(program, args, { stdio: 'inherit', cwd: root, ...options });
  if (result.error) fail(`${program} could not be started: ${result.error.message}`);
  if (result.status !== 0) process.exit(result.status ?? 1);
}

export function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  rmSync(marker, { force: true });
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
