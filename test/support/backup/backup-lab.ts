import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { DEFAULT_SMB, type HostTarget, type PathMapping } from '../../../src/engine/api/host.ts';
import { cleanVm } from '../../../src/engine/backup/recovery/clean.ts';
import type { BackupOptions, CleanedItem } from '../../../src/engine/api/backup.ts';
import { restorePoint } from '../../../src/engine/backup/restore/restore.ts';
import { runBackup, type BackupResult } from '../../../src/engine/backup/run/run-backup.ts';
import type { RunDeps } from '../../../src/engine/backup/context/run-context.ts';
import { DirectoryStore } from '../../../src/engine/backup/store/directory/directory-store.ts';
import type { Store } from '../../../src/engine/backup/store/contract/store.ts';
import { verifyPoints } from '../../../src/engine/backup/verify/verify.ts';
import { never } from '../../../src/engine/base/abort.ts';
import type { CimClient } from '../../../src/engine/cim/client.ts';
import type { Guid } from '../../../src/engine/base/guid.ts';
import { noLog } from '../../../src/engine/base/log.ts';
import { noProgress } from '../../../src/engine/base/progress.ts';
import { afterwards } from '../checks/afterwards.ts';
import { diskSha256 } from '../disk/disk-sha256.ts';
import { askLab } from '../../../src/engine/lab/control/lab-client.ts';
import type { LabOperations, OperationName } from '../../../src/engine/lab/control/operations.ts';
import type { LabSettings } from '../../../src/engine/lab/state/state-file.ts';
import { startLab } from '../../../src/engine/lab/host/lab-host.ts';
import { Secret } from '../../../src/engine/net/auth/contract/secret.ts';
import { connectWsman } from '../../../src/engine/net/wsman/connect-wsman.ts';
import type { HttpWsmanClient } from '../../../src/engine/net/wsman/wsman-client.ts';
import { tryAgain } from '../../../src/engine/hosts/connect-target.ts';
import { isThisHost } from '../../../src/engine/win32/process/this-host.ts';
import { localDisks } from '../../../src/engine/hosts/local/local-disks.ts';
import { remoteFiles } from '../../../src/engine/hosts/files/remote-files.ts';
import { HypervBackupHost } from '../../../src/engine/hosts/hyperv-backup-host.ts';

/** A lab in this process with a client on its wire, and a folder to work in. */
export interface BackupLab {
  readonly folder: string;
  /** Asks the lab for what no part of Refpoint asks. */
  readonly client: CimClient;
  readonly host: HypervBackupHost;
  readonly pathMap: readonly PathMapping[];
  /** Folder on the host for exports. */
  readonly exportDirectory: string;
  /** How requests and jobs reach it. */
  readonly target: HostTarget;
  /** The same over TLS, its certificate pinned; of a lab with https. */
  readonly secureTarget: HostTarget;
  /** Options and environment with which the command reaches this lab. */
  readonly command: { readonly options: readonly string[]; readonly env: Record<string, string> };
  ask<Name extends OperationName>(
    name: Name,
    params: LabOperations[Name]['params'],
  ): Promise<LabOperations[Name]['result']>;
  /** @param at the fault begins with the at-th exchange from now; undefined: at once. */
  fault(name: string, value?: string | number, times?: number, at?: number): Promise<void>;
  clearFaults(): Promise<void>;
  /** Writes bytes as the guest does. */
  write(vm: string, disk: number, offset: number, bytes: Uint8Array): Promise<void>;
  /** SHA-256 of a disk as the guest sees it now, read from the lab's own files. */
  guestHash(vm: string, disk: number): Promise<string>;
}

const PASSWORD = 'Lab-Pa55word';

export interface BackupLabStart {
  readonly https?: boolean;
  /** Serves the lab's files over SMB. */
  readonly smb?: boolean;
  readonly settings?: LabSettings;
  /** Time limit of a request. */
  readonly timeoutSeconds?: number;
  readonly crash?: () => never;
  /** PowerShell that remote shells of the lab run; undefined: it has none. */
  readonly powershell?: string;
}

export interface OpenedLab extends BackupLab {
  /** Connects again as a process of its own would, with a long time limit: it knows of no refused password. The caller closes it. */
  patient(): HypervBackupHost;
  /** Stops serving; the client stays open. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

export async function startBackupLab(
  t: TestContext,
  start: BackupLabStart = {},
): Promise<BackupLab> {
  const folder = await mkdtemp(join(tmpdir(), 'refpoint-test-'));
  const lab = await openBackupLab(folder, start);
  afterwards(t, async () => {
    await lab.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return lab;
}

/** Bytes that are written by way of a file. */
const LONG = 64 * 1024;
let written = 0;

/** Starts the lab in the folder `lab` of a working folder, which may hold one already. */
export async function openBackupLab(
  folder: string,
  {
    https = false,
    smb = false,
    settings = {},
    timeoutSeconds = 60,
    crash,
    powershell,
  }: BackupLabStart,
): Promise<OpenedLab> {
  const dir = join(folder, 'lab');
  const running = await startLab(
    {
      dir,
      httpPort: undefined,
      httpsPort: https ? 0 : undefined,
      smbPort: smb ? 0 : undefined,
      password: PASSWORD,
      jobDelay: 0,
      crash,
      ...(powershell === undefined ? {} : { shell: { powershell } }),
      settings,
      log: noLog,
    },
    never,
  );
  const { line } = running;
  const connect = (seconds: number): HttpWsmanClient =>
    connectWsman({
      url: line.http,
      credential: { user: line.user, password: new Secret(PASSWORD) },
      authentication: 'auto',
      tls: {},
      timeoutSeconds: seconds,
      log: noLog,
    });
  const client = connect(timeoutSeconds);
  const pathMap = Object.entries(line.pathMap).map(([from, local]) => ({ host: from, local }));
  const [root] = pathMap;
  if (root === undefined) throw new Error('The lab maps no path');
  const target: HostTarget = {
    url: line.http,
    authentication: 'auto',
    user: line.user,
    password: PASSWORD,
    ntlmFallback: true,
    clientCertificate: null,
    fingerprint: null,
    ca: null,
    timeoutSeconds,
    // Nobody listens at port 1.
    smb: { port: line.smb?.port ?? 1, encryption: 'wanted', servers: [] },
  };
  const host = hostOver(client, target);
  // Its port may have been that of a lab which refused the password.
  tryAgain(target);
  const ask: BackupLab['ask'] = (name, params) => askLab(dir, name, params, noProgress, never);
  return {
    patient: () => {
      tryAgain(target);
      return hostOver(connect(60), target);
    },
    stop: () => running.close(),
    close: async () => {
      await host.close();
      await running.close();
    },
    folder,
    client,
    host,
    pathMap,
    exportDirectory: `${root.host}\\Exports`,
    target,
    secureTarget: {
      ...target,
      url: line.https ?? '',
      fingerprint: line.tlsFingerprint ?? null,
    },
    command: {
      options: ['--host', line.http, '--user', line.user].concat(
        pathMap.flatMap(({ host: from, local }) => ['--path-map', `${from}=${local}`]),
        line.smb === undefined ? [] : ['--smb-port', String(line.smb.port)],
      ),
      env: { REFPOINT_PASSWORD: PASSWORD },
    },
    ask,
    fault: async (name, value, times, at) => {
      const text = value === undefined ? null : String(value);
      await ask('fault-set', { name, value: text, times: times ?? null, at: at ?? null });
    },
    clearFaults: async () => void (await ask('fault-clear', {})),
    write: async (vm, disk, offset, bytes) => {
      if (bytes.length > LONG) {
        // As text of JSON, MiB took a tenth of the processor time of the tests of backups.
        const file = join(folder, `written-${++written}`);
        await writeFile(file, bytes);
        await ask('write-file', { vm, disk, offset, file });
        await rm(file);
        return;
      }
      const base64 = Buffer.from(bytes).toString('base64');
      await ask('write-bytes', { vm, disk, offset, base64 });
    },
    guestHash: async (vm, disk) => (await ask('hash', { vm, disk })).hash,
  };
}

/** A host over any client, with the file server of a target. */
export function hostOver(
  client: CimClient,
  target: HostTarget,
  /** Time in which a lost connection to the file server may be made again, in milliseconds. */
  patience = 1500,
): HypervBackupHost {
  const { url, user, password, smb: settings = DEFAULT_SMB, timeoutSeconds } = target;
  const credential = { user, password: new Secret(password) };
  const account = { credential, authentication: 'auto' } as const;
  const server = { host: new URL(url).hostname, account, settings, timeoutSeconds, patience };
  return new HypervBackupHost(
    client,
    (pathMap, sessions) => remoteFiles(server, pathMap, sessions),
    () => localDisks(server.host),
    (signal) => isThisHost(server.host, signal),
  );
}

/** Bytes that compress to nothing and repeat nowhere. */
export function pattern(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = (state >>> 24) | 1;
  }
  return bytes;
}

/** A store in a folder of the lab's working folder. */
export function openTestStore(lab: BackupLab, name = 'store'): Promise<Store> {
  return DirectoryStore.open(join(lab.folder, name), { create: true }, never);
}

export function runDeps(lab: BackupLab, store: Store, change: Partial<RunDeps> = {}): RunDeps {
  return {
    host: lab.host,
    store,
    progress: noProgress,
    log: noLog,
    onEdge: async () => undefined,
    now: Date.now,
    ...change,
  };
}

export function backupOptions(lab: BackupLab, change: Partial<BackupOptions> = {}): BackupOptions {
  return {
    kind: 'auto',
    method: 'file',
    consistency: 'crash',
    guestBackup: 'copy',
    checkTracker: 'off',
    maxChain: 60,
    pathMap: lab.pathMap,
    exportDirectory: change.method === 'export' ? lab.exportDirectory : null,
    excludeDisks: [],
    ...change,
  };
}

/** One backup, without a job. */
export async function backup(
  lab: BackupLab,
  store: Store,
  vm: string,
  change: Partial<BackupOptions> = {},
  signal: AbortSignal = never,
  deps: Partial<RunDeps> = {},
): Promise<BackupResult> {
  const { id } = await lab.host.findVm(vm, never);
  const options = backupOptions(lab, change);
  return runBackup(runDeps(lab, store, deps), id, options, randomUUID(), signal);
}

/** What `clean` does. */
export async function clean(
  lab: BackupLab,
  store: Store,
  vmId: Guid,
  dryRun = false,
): Promise<readonly CleanedItem[]> {
  return cleanVm(runDeps(lab, store), vmId, { dryRun, pathMap: lab.pathMap }, never);
}

/** Restores a point to raw files, which are gone afterwards; answers the SHA-256 of each by disk number. */
export async function restoredHashes(
  lab: BackupLab,
  store: Store,
  vmId: Guid,
  point: string,
  format: 'raw' | 'vhdx' = 'raw',
): Promise<Readonly<Record<number, string>>> {
  const to = join(lab.folder, `restored-${point}`);
  const options = { vmId, point, disks: [], to, format, force: false };
  const { disks } = await restorePoint(store, options, noProgress, never);
  const hashes: Record<number, string> = {};
  for (const { number, file } of disks) hashes[number] = await diskSha256(file);
  await rm(to, { recursive: true });
  return hashes;
}

/** Findings of severity error over all points. */
export async function verifyErrors(
  store: Store,
  vmId: Guid,
  quick = false,
): Promise<readonly string[]> {
  const options = { point: undefined, quick };
  const verdicts = await verifyPoints(store, vmId, options, noProgress, never);
  return verdicts.flatMap((verdict) =>
    verdict.findings.filter((f) => f.severity === 'error').map((f) => f.code),
  );
}

/** Names of a point's folder, sorted. */
export async function pointFiles(store: Store, vmId: Guid, point: string): Promise<string[]> {
  return (await readdir(join(store.location, vmId, point))).sort();
}
