import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endJobs, stopLab } from '../machine/leftovers.ts';
import { AID, CODE_SERVER, ROOT } from '../machine/places.ts';

/** What keeps the workbench to its work: no chat, no tips, nothing asked of the network. */
const SETTINGS = {
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'files.simpleDialog.enable': true,
  'git.enabled': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'window.confirmBeforeClose': 'never',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

export interface ServerOptions {
  readonly settings?: Readonly<Record<string, unknown>>;
  /** A VSIX that is installed; without one the extension is used where it lies, in this folder. */
  readonly vsix?: string;
  /**
   * For suites inside of the extension host, which need the workbench's test driver. That hides notifications, so it is not for
   * what people see.
   */
  readonly driver?: boolean;
  /** Environment of the extension host and of all that it starts. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The tests' own extension is installed too. */
  readonly aid?: boolean;
  /** Asks whether to trust folders. */
  readonly trust?: boolean;
}

const READY_MS = 60_000;

/** code-server on the loopback address with folders of its own: settings, extensions, and the user's folder of Refpoint. */
export class Server {
  readonly home: string;
  readonly #options: ServerOptions;
  #child: ChildProcess | undefined;
  #address = '';

  private constructor(home: string, options: ServerOptions) {
    this.home = home;
    this.#options = options;
  }

  static async start(options: ServerOptions = {}): Promise<Server> {
    // Short: paths of sockets below it must stay under 108 bytes.
    const server = new Server(await mkdtemp(join(tmpdir(), 'rp-')), options);
    try {
      await server.#start();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  get settingsFile(): string {
    return join(this.home, 'ud', 'User', 'settings.json');
  }

  /** What the extension keeps on this machine: the lab, ranges of queries. */
  get storage(): string {
    return join(this.home, 'ud', 'User', 'globalStorage', 'refpoint.refpoint');
  }

  get labFolder(): string {
    return join(this.storage, 'lab');
  }

  /** REFPOINT_HOME: jobs and the user's ledger. */
  get userFolder(): string {
    return join(this.home, 'refpoint');
  }

  get logs(): string {
    return join(this.home, 'ud', 'logs');
  }

  /** Where the workbench is; `folder` undefined: an empty window. */
  url(folder: string | undefined, payload: readonly (readonly [string, string])[] = []): string {
    const url = new URL(`http://${this.#address}/`);
    if (folder === undefined) url.searchParams.set('ew', 'true');
    else url.searchParams.set('folder', folder);
    if (payload.length > 0) url.searchParams.set('payload', JSON.stringify(payload));
    return url.toString();
  }

  remote(path: string): string {
    return `vscode-remote://${this.#address}${path}`;
  }

  /** All that was written to a channel of the output, by all windows so far. */
  async channel(name: string): Promise<string> {
    const files = await readdir(this.logs, { recursive: true }).catch(() => []);
    const texts = files
      .filter((file) => basename(file).replace(/^\d+-/, '') === `${name}.log`)
      .map((file) => readFile(join(this.logs, file), 'utf8'));
    return (await Promise.all(texts)).join('');
  }

  /** What the server itself said. */
  async log(): Promise<string> {
    return readFile(join(this.home, 'server.log'), 'utf8').catch(() => '');
  }

  /** Ends the server, its extension hosts, and what they started that outlives them. */
  async stop(): Promise<void> {
    await endJobs(this.userFolder);
    await stopLab(this.labFolder);
    const child = this.#child;
    if (child?.pid !== undefined && child.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await Promise.race([ended, sleep(5000, undefined, { ref: false })]);
      // Its own process group: what is left of it.
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Nothing was.
      }
    }
    await rm(this.home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  async #start(): Promise<void> {
    const { settings, vsix } = this.#options;
    await mkdir(join(this.home, 'ud', 'User'), { recursive: true });
    const trust = { 'security.workspace.trust.enabled': this.#options.trust === true };
    await writeFile(this.settingsFile, JSON.stringify({ ...SETTINGS, ...trust, ...settings }));
    if (vsix !== undefined) await this.#install(vsix);
    else if (this.#options.driver !== true) await this.#useFolder();
    this.#address = `127.0.0.1:${await freePort()}`;
    const child = this.#spawn([
      '--auth',
      'none',
      '--bind-addr',
      this.#address,
      '--ignore-last-opened',
      '--disable-telemetry',
      '--disable-update-check',
      '--disable-getting-started-override',
      '--disable-proxy',
      ...(this.#options.trust === true ? [] : ['--disable-workspace-trust']),
      // Without it an extension under development, or a suite, is passed over and nothing says so.
      ...(this.#options.driver === true ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
    ]);
    this.#child = child;
    const until = Date.now() + READY_MS;
    while (!(await this.#answers())) {
      if (child.exitCode !== null || Date.now() > until) {
        const said = await this.log();
        throw new Error(`code-server is not ready:\n${said.slice(-3000)}`);
      }
      await sleep(100);
    }
  }

  async #answers(): Promise<boolean> {
    try {
      return (await fetch(`http://${this.#address}/`, { redirect: 'manual' })).status < 500;
    } catch {
      return false;
    }
  }

  async #install(vsix: string): Promise<void> {
    const [code] = (await once(this.#spawn(['--install-extension', vsix]), 'exit')) as [number];
    if (code === 0) return;
    const said = await this.log();
    throw new Error(`${vsix} could not be installed:\n${said.slice(-3000)}`);
  }

  /** The list of installed extensions, with those that lie elsewhere, as if they had been installed from there. */
  async #useFolder(): Promise<void> {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
      readonly version: string;
    };
    const installed = (id: string, path: string) => ({
      identifier: { id },
      version,
      location: { $mid: 1, path, scheme: 'file' },
    });
    const extensions = [
      installed('refpoint.refpoint', ROOT),
      ...(this.#options.aid === true ? [installed('refpoint-tests.aid', AID)] : []),
    ];
    await mkdir(join(this.home, 'extensions'));
    await writeFile(join(this.home, 'extensions', 'extensions.json'), JSON.stringify(extensions));
  }

  #spawn(words: readonly string[]): ChildProcess {
    const log = openSync(join(this.home, 'server.log'), 'a');
    const folders = [
      '--user-data-dir',
      join(this.home, 'ud'),
      '--extensions-dir',
      join(this.home, 'extensions'),
    ];
    const child = spawn(process.execPath, [CODE_SERVER, ...folders, ...words], {
      env: this.#environment(),
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    return child;
  }

  #environment(): NodeJS.ProcessEnv {
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(?:XDG_|NODE_|VSCODE_|REFPOINT_|npm_)/.test(name),
    );
    return {
      ...Object.fromEntries(inherited),
      HOME: this.home,
      REFPOINT_HOME: this.userFolder,
      EXTENSIONS_GALLERY: '{}',
      ...this.#options.environment,
    };
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}
