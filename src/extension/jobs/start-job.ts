import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import * as vscode from 'vscode';
import type { HostTarget } from '../../engine/api/host.ts';
import type { JobInput, JobSpec } from '../../engine/api/jobs.ts';

/**
 * Starts a job in a process of its own that outlives this window, the extension host and the engine. What it needs to know,
 * the password included, goes through its stdin and nowhere else. Answers the job's id.
 */
export async function startJob(
  extensionFolder: string,
  environment: Readonly<Record<string, string>>,
  title: string,
  spec: JobSpec,
  target: HostTarget | null,
): Promise<string> {
  const input: JobInput = { version: 1, id: randomUUID(), title, spec, target };
  const child = spawn(process.execPath, [path.join(extensionFolder, 'dist', 'cli.cjs'), 'job'], {
    detached: true,
    windowsHide: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    // The extension host's own program is Electron where it is not Node.
    env: { ...process.env, ...environment, ELECTRON_RUN_AS_NODE: '1' },
  });
  await new Promise<void>((resolve, reject) => {
    child.once('error', (error) => {
      reject(new Error(vscode.l10n.t('The job could not be started: {0}', error.message)));
    });
    child.stdin.once('error', () => undefined);
    child.once('spawn', () => {
      child.stdin.end(JSON.stringify(input), () => resolve());
    });
  });
  child.unref();
  return input.id;
}
