// npm run workbench: the packaged extension in a browser, without a VS Code on this machine. Sets up code-server on the loopback
// address behind a password, installs the VSIX, starts a lab host with a VM on it, and prints the address. Ctrl-C ends all of it.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureCodeServer } from './lib/code-server.mjs';
import { node24, onNode24, root, run, say } from './lib/setup.mjs';

const SETTINGS = {
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
  'telemetry.telemetryLevel': 'off',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
};
const READY_MS = 60_000;
const cli = join(root, 'dist', 'cli.cjs');
const password = () => randomBytes(15).toString('base64url');

async function main() {
  if (process.platform === 'win32') {
    say(
      'code-server runs on Linux and macOS only. `npm run vscode` opens a VS Code of this machine.',
    );
    process.exitCode = 1;
    return;
  }
  const entry = ensureCodeServer();
  const target = `${process.platform}-${process.arch}`;
  run(node24, [join(root, 'scripts', 'package.mjs'), '--target', target]);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const vsix = join(root, 'build', 'vsix', `refpoint-${version}-${target}.vsix`);
  const home = mkdtempSync(join(tmpdir(), 'refpoint-workbench-'));
  const children = [];
  const stopped = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, resolve);
  });
  try {
    await Promise.race([
      stopped,
      start(home, codeServer(home, entry), vsix, children).then(() => firstExit(children)),
    ]);
  } catch (error) {
    say(error.message);
    process.exitCode = 1;
  } finally {
    say('Ending …');
    await end(home, children);
  }
  // What was still being started when Ctrl-C was pressed is given up.
  process.exit();
}

/** None of them ends by itself, but of a fault. */
async function firstExit(children) {
  const exits = children.map((child) =>
    once(child, 'exit').then(() => child.spawnargs.slice(1, 3)),
  );
  throw new Error(`${(await Promise.race(exits)).join(' ')} ended by itself`);
}

async function start(home, server, vsix, children) {
  await finished(server(['--install-extension', vsix]));
  const lab = await startLab(home, children);
  const host = {
    name: 'Lab host',
    url: lab.http,
    user: lab.user,
    pathMap: lab.pathMap,
    lab: lab.dir,
  };
  const settings = { ...SETTINGS, 'refpoint.hosts': [host] };
  writeFileSync(
    join(home, 'user-data', 'User', 'settings.json'),
    JSON.stringify(settings, undefined, 2),
  );
  const address = `127.0.0.1:${await freePort()}`;
  const login = password();
  const words = ['--auth', 'password', '--bind-addr', address];
  const child = server([...words, '--disable-telemetry', '--disable-update-check'], login);
  children.push(child);
  await answers(`http://${address}/healthz`, child, home);
  say(`
  Workbench   http://${address}/?ew=true
  password    ${login}

  Lab host    ${lab.http}, with the VM “sample-vm”; it is in the view Hosts of Refpoint
  password    ${lab.password}

  Ctrl-C ends both and removes them. Stores that you add stay.
`);
}

/** The lab lies where the extension keeps its own, so that its commands work on it. Its standard input ends it when this process ends. */
async function startLab(home, children) {
  const dir = join(home, 'user-data', 'User', 'globalStorage', 'refpoint.refpoint', 'lab');
  mkdirSync(dir, { recursive: true });
  const words = [
    cli,
    'lab',
    'add-vm',
    '--dir',
    dir,
    '--name',
    'sample-vm',
    '--sample',
    '--quiet',
    '--json',
  ];
  await finished(spawn(node24, words, { stdio: ['ignore', 'ignore', 'inherit'] }));
  const secret = password();
  const env = { ...process.env, REFPOINT_PASSWORD: secret, REFPOINT_PARENT_STDIN: '1' };
  const stdio = ['pipe', 'pipe', 'inherit'];
  const child = spawn(node24, [cli, 'lab', 'start', '--dir', dir], { env, stdio, detached: true });
  children.push(child);
  const line = once(createInterface({ input: child.stdout }), 'line').then(([text]) => text);
  const ended = once(child, 'exit').then(() => {
    throw new Error('the lab host ended');
  });
  return { ...JSON.parse(await Promise.race([line, ended])), password: secret };
}

/** Runs code-server with folders of its own; nothing of the person's is read or written. */
function codeServer(home, entry) {
  const folders = [
    '--config',
    join(home, 'config.yaml'),
    '--user-data-dir',
    join(home, 'user-data'),
  ];
  const more = [
    '--extensions-dir',
    join(home, 'extensions'),
    '--session-socket',
    join(home, 'socket'),
  ];
  writeFileSync(join(home, 'config.yaml'), '{}\n');
  return (words, login) => {
    const log = openSync(join(home, 'server.log'), 'a');
    const env = {
      ...process.env,
      EXTENSIONS_GALLERY: '{}',
      REFPOINT_HOME: join(home, 'refpoint'),
      XDG_DATA_HOME: join(home, 'data'),
      ...(login === undefined ? {} : { PASSWORD: login }),
    };
    const stdio = ['ignore', log, log];
    const child = spawn(node24, [entry, ...folders, ...more, ...words], {
      env,
      stdio,
      detached: true,
    });
    closeSync(log);
    return child;
  };
}

async function finished(child) {
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error(`${child.spawnargs.slice(1, 4).join(' ')} failed: ${status}`);
}

async function answers(url, child, home) {
  const until = Date.now() + READY_MS;
  for (;;) {
    const ok = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ok) return;
    if (child.exitCode !== null || Date.now() > until) {
      throw new Error(
        `code-server is not ready:\n${readFileSync(join(home, 'server.log'), 'utf8').slice(-3000)}`,
      );
    }
    await sleep(100);
  }
}

async function end(home, children) {
  for (const child of children) {
    child.stdin?.end();
    await stop(child);
  }
  // Started by the extension meanwhile, if at all: the person may have stopped this lab and started it again.
  const dir = join(home, 'user-data', 'User', 'globalStorage', 'refpoint.refpoint', 'lab');
  await once(spawn(node24, [cli, 'lab', 'stop', '--dir', dir], { stdio: 'ignore' }), 'exit');
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

/** In order, then by force with all that it started: each is a process group of its own, so that Ctrl-C reaches this process only. */
async function stop(child) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  if (child.stdin === null) child.kill('SIGTERM');
  await Promise.race([ended, sleep(5000, undefined, { ref: false })]);
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

if (onNode24()) await main();
