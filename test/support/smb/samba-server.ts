import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import { join } from 'node:path';
import { Secret, type Credential } from '../../../src/engine/net/auth/contract/secret.ts';
import { freePort } from '../kerberos/free-port.ts';

/** Settings of one server; the names are those of smb.conf. */
export interface SambaSettings {
  readonly min?: 'SMB2_02' | 'SMB2_10' | 'SMB3_00' | 'SMB3_02' | 'SMB3_11';
  readonly max?: 'SMB2_10' | 'SMB3_00' | 'SMB3_02' | 'SMB3_11';
  readonly encrypt?: 'off' | 'desired' | 'required' | 'default';
  readonly cipher?: 'AES-128-CCM' | 'AES-128-GCM' | 'AES-256-CCM' | 'AES-256-GCM';
  readonly signing?: 'AES-128-GMAC' | 'AES-128-CMAC' | 'HMAC-SHA256';
  /** Folder that the share `data` shows; one of the server's own if undefined. */
  readonly share?: string;
  /** Password of the account; {@link SAMBA_PASSWORD} by default. */
  readonly password?: string;
  /** More lines of the section [global]. */
  readonly more?: readonly string[];
}

export const SAMBA_PASSWORD = 'Passw0rd!';
const START_MS = 20_000;
/** An account of the system that every Debian has, or the user who runs the test. */
export const SAMBA_USER = process.getuid?.() === 0 ? 'backup' : os.userInfo().username;

/**
 * A real smbd with folders, an account and a port of its own, and the share `data`. Ended by its
 * process id.
 */
export class SambaServer {
  readonly port: number;
  /** Folder that the share `data` shows. */
  readonly share: string;
  readonly #folder: string;
  readonly #settings: SambaSettings;
  #process: ChildProcess | undefined;

  private constructor(folder: string, port: number, settings: SambaSettings) {
    this.#folder = folder;
    this.share = settings.share ?? join(folder, 'share');
    this.port = port;
    this.#settings = settings;
  }

  static async start(settings: SambaSettings = {}): Promise<SambaServer> {
    const folder = mkdtempSync(join(os.tmpdir(), 'refpoint-samba-'));
    const server = new SambaServer(folder, await freePort(), settings);
    for (const name of ['private', 'lock', 'state', 'cache', 'pid', 'ncalrpc', 'share', 'secret']) {
      mkdirSync(join(folder, name), { mode: 0o755 });
    }
    server.#configure();
    const made = spawnSync('smbpasswd', ['-c', join(folder, 'smb.conf'), '-s', '-a', SAMBA_USER], {
      input: `${server.#password}\n${server.#password}\n`,
      encoding: 'utf8',
    });
    if (made.status !== 0) throw new Error(`smbpasswd: ${made.stderr}${made.stdout}`);
    await server.run();
    return server;
  }

  get #password(): string {
    return this.#settings.password ?? SAMBA_PASSWORD;
  }

  get credential(): Credential {
    return { user: `LAB\\${SAMBA_USER}`, password: new Secret(this.#password) };
  }

  /** Starts smbd, again after {@link kill}, and waits until it listens. */
  async run(): Promise<void> {
    const child = spawn(
      'smbd',
      [
        '--foreground',
        '--no-process-group',
        `--configfile=${join(this.#folder, 'smb.conf')}`,
        '--debug-stdout',
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#process = child;
    let said = '';
    child.stdout.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-4000)));
    child.stderr.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-4000)));
    for (const end = Date.now() + START_MS; ;) {
      if (child.exitCode !== null || Date.now() > end)
        throw new Error(`smbd did not start: ${said}`);
      if (await listens(this.port)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Kills smbd with the processes that serve its connections. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child?.pid === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const children = spawnSync('ps', ['-o', 'pid=', '--ppid', String(child.pid)], {
      encoding: 'utf8',
    });
    child.kill('SIGKILL');
    for (const pid of children.stdout.split(/\s+/).filter(Boolean)) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It ended meanwhile.
      }
    }
    await ended;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #configure(): void {
    const at = (name: string): string => join(this.#folder, name);
    const {
      min = 'SMB3_00',
      max = 'SMB3_11',
      encrypt,
      cipher,
      signing,
      more = [],
    } = this.#settings;
    const share = (path: string): string[] => [
      `path = ${path}`,
      'read only = no',
      ...(process.getuid?.() === 0 ? ['force user = root'] : []),
    ];
    const lines = [
      '[global]',
      'server role = standalone server',
      'workgroup = LAB',
      `smb ports = ${this.port}`,
      'interfaces = 127.0.0.1/8',
      'bind interfaces only = yes',
      'disable netbios = yes',
      `server min protocol = ${min}`,
      `server max protocol = ${max}`,
      'server signing = mandatory',
      ...(encrypt === undefined ? [] : [`server smb encrypt = ${encrypt}`]),
      ...(cipher === undefined ? [] : [`server smb3 encryption algorithms = ${cipher}`]),
      ...(signing === undefined ? [] : [`server smb3 signing algorithms = ${signing}`]),
      'ntlm auth = ntlmv2-only',
      'map to guest = never',
      `private dir = ${at('private')}`,
      `lock directory = ${at('lock')}`,
      `state directory = ${at('state')}`,
      `cache directory = ${at('cache')}`,
      `pid directory = ${at('pid')}`,
      `ncalrpc dir = ${at('ncalrpc')}`,
      'load printers = no',
      'disable spoolss = yes',
      'passdb backend = tdbsam',
      ...more,
      '[data]',
      ...share(this.share),
      '[secret]',
      ...share(at('secret')),
      'valid users = nobody',
      '',
    ];
    writeFileSync(at('smb.conf'), lines.join('\n'));
  }
}

async function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    const answer = (yes: boolean) => () => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', answer(true));
    socket.once('error', answer(false));
  });
}
