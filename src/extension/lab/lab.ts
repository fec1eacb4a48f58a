import { execFile, spawn } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';
import * as vscode from 'vscode';
import type { LabLine, LabVm } from '../../engine/api/lab.ts';
import { EngineFailure } from '../engine/engine-error.ts';
import { ownFailure } from '../errors/own-failure.ts';
import { readHosts, type HostSetting } from '../settings/hosts.ts';
import type { LabProcessServices } from './lab-services.ts';

/** The folder of this machine's lab: shared by all windows. */
function labFolder({ context }: Pick<LabProcessServices, 'context'>): string {
  return path.join(context.globalStorageUri.fsPath, 'lab');
}

/** The host of the settings that is this machine's lab: settings may have come from another one. */
export function labHost(services: Pick<LabProcessServices, 'context'>): HostSetting | undefined {
  return readHosts().find(({ lab }) => lab === labFolder(services));
}

const START_MS = 60_000;

/**
 * Starts the lab in a process of its own that outlives the window; its first line says where it serves. Throws what the lab said.
 * @param ports options of the command about ports; without any, those of the last start.
 */
export async function startLabProcess(
  services: LabProcessServices,
  password: string,
  ports: readonly string[],
): Promise<LabLine> {
  await vscode.workspace.fs.createDirectory(services.context.globalStorageUri);
  const child = spawn(
    process.execPath,
    [command(services), 'lab', 'start', '--dir', labFolder(services), '--json', ...ports],
    {
      detached: true,
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...environment(services), REFPOINT_PASSWORD: password },
    },
  );
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')));
  const lines = readline.createInterface({ input: child.stdout });
  let timer: NodeJS.Timeout | undefined;
  try {
    const line = await new Promise<string>((resolve, reject) => {
      timer = setTimeout(() => {
        // One that never served is nobody's: it would hold the folder for good.
        child.kill('SIGKILL');
        reject(ownFailure('lab.control', vscode.l10n.t('The lab did not start in time')));
      }, START_MS);
      lines.once('line', (text) => {
        if (text.startsWith('{"lab"')) resolve(text);
      });
      child.once('error', reject);
      child.once('close', () => reject(failureOf(out, errors)));
    });
    return JSON.parse(line) as LabLine;
  } finally {
    clearTimeout(timer);
    lines.close();
    child.stdout.destroy();
    child.stderr.destroy();
    child.removeAllListeners();
    child.unref();
  }
}

/** Runs a `refpoint lab …` command and answers its document. Throws what the lab said. */
export function askLab<T>(
  services: LabProcessServices,
  args: readonly string[],
  token?: vscode.CancellationToken,
): Promise<T> {
  const words = [command(services), 'lab', ...args, '--dir', labFolder(services), '--json'];
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      words,
      { env: environment(services), windowsHide: true, maxBuffer: 2 ** 24 },
      (error, stdout, stderr) => {
        cancelled?.dispose();
        const document = parse(stdout);
        if (token?.isCancellationRequested === true) reject(new vscode.CancellationError());
        else if (error === null && document !== undefined) resolve(document as T);
        else reject(failureOf(stdout, stderr));
      },
    );
    const cancelled = token?.onCancellationRequested(() => child.kill());
  });
}

export function listLabVms(services: LabProcessServices): Promise<readonly LabVm[]> {
  return askLab(services, ['list']);
}

/** The error that the command printed as JSON, with its code. */
function failureOf(stdout: string, stderr: string): Error {
  const { error } = (parse(stdout) ?? {}) as {
    readonly error?: { readonly code?: string; readonly message?: string };
  };
  const code = error?.code ?? 'lab.control';
  const [said = ''] = stderr.trim().split('\n');
  const message = error?.message ?? (said === '' ? vscode.l10n.t('The lab ended at once') : said);
  return new EngineFailure({
    code,
    message,
    data: {},
    permanent: true,
    userFixable: true,
    damage: false,
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const command = ({ context }: LabProcessServices): string =>
  path.join(context.extensionPath, 'dist', 'cli.cjs');

const environment = (services: LabProcessServices): NodeJS.ProcessEnv => ({
  ...process.env,
  ...services.environment,
  ELECTRON_RUN_AS_NODE: '1',
});
