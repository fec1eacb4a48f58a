import { execFile, spawn } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';
import * as vscode from 'vscode';
import type { HostTest } from '../engine/api/host.ts';
import type { LabLine, LabVm } from '../engine/api/lab.ts';
import { readHosts, type HostSetting } from './hosts.ts';
import type { Services } from './services.ts';

export const isLabHost = ({ lab }: Pick<HostTest, 'lab'>): boolean => lab;

/** The folder of this machine's lab: shared by all windows. */
export function labFolder({ context }: Services): string {
  return path.join(context.globalStorageUri.fsPath, 'lab');
}

export function labHost(services: Services): HostSetting | undefined {
  return readHosts().find(({ lab }) => lab === labFolder(services));
}

const START_MS = 60_000;

/** Starts the lab in a process of its own that outlives the window; its first line says where it serves. */
export async function startLabProcess(services: Services, password: string): Promise<LabLine> {
  await vscode.workspace.fs.createDirectory(services.context.globalStorageUri);
  const child = spawn(
    process.execPath,
    [command(services), 'lab', 'start', '--dir', labFolder(services)],
    {
      detached: true,
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...environment(services), REFPOINT_PASSWORD: password },
    },
  );
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')));
  const lines = readline.createInterface({ input: child.stdout });
  try {
    const line = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(vscode.l10n.t('The lab did not answer'))),
        START_MS,
      );
      lines.once('line', (text) => {
        clearTimeout(timer);
        resolve(text);
      });
      child.once('error', reject);
      child.once('exit', () => {
        clearTimeout(timer);
        reject(
          new Error(errors.trim() === '' ? vscode.l10n.t('The lab ended at once') : errors.trim()),
        );
      });
    });
    return JSON.parse(line) as LabLine;
  } finally {
    lines.close();
    child.stdout.destroy();
    child.stderr.destroy();
    child.removeAllListeners();
    child.unref();
  }
}

/** Runs a `refpoint lab …` command and answers its document. */
export async function askLab<T>(services: Services, args: readonly string[]): Promise<T> {
  const words = [command(services), 'lab', ...args, '--dir', labFolder(services), '--json'];
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      words,
      { env: environment(services), windowsHide: true, maxBuffer: 2 ** 24 },
      (error, stdout) => {
        const document = parse(stdout);
        if (error === null && document !== undefined) return resolve(document as T);
        const said = (document as { readonly error?: { readonly message: string } } | undefined)
          ?.error;
        reject(new Error(said?.message ?? error?.message ?? stdout));
      },
    );
  });
}

export function listLabVms(services: Services): Promise<readonly LabVm[]> {
  return askLab(services, ['list']);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const command = ({ context }: Services): string =>
  path.join(context.extensionPath, 'dist', 'cli.cjs');

const environment = (services: Services): NodeJS.ProcessEnv => ({
  ...process.env,
  ...services.environment,
  ELECTRON_RUN_AS_NODE: '1',
});
