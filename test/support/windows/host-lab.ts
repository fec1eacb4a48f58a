import { once } from 'node:events';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import type { HostTarget } from '../../../src/engine/api/host.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { noProgress } from '../../../src/engine/base/progress.ts';
import { askLab } from '../../../src/engine/lab/control/lab-client.ts';
import type { LabOperations, OperationName } from '../../../src/engine/lab/control/operations.ts';
import type { LabLine } from '../../../src/engine/lab/host/lab-host.ts';
import { afterwards } from '../checks/afterwards.ts';
import { startRefpoint } from '../process/command.ts';

/** A virtdisk.dll of Windows 8, which lacks QueryChangesVirtualDisk. */
export const OLD_VIRTDISK = join(process.cwd(), 'build', 'native', 'win32-x64', 'virtdisk-old.dll');

const PASSWORD = 'Lab-Pa55word';

/**
 * A lab in a process of its own, on whose host this process runs: its files are in `C:\Lab` and
 * `D:\Lab`, and virtdisk.dll and vssapi.dll, loaded here or in a child of this process, ask it.
 */
export interface HostLab {
  /** Folder of the lab. */
  readonly dir: string;
  readonly line: LabLine;
  readonly password: string;
  /** How requests reach it from this process. */
  readonly target: HostTarget;
  /** Options and environment with which the command reaches this lab and its driver. */
  readonly command: { readonly options: readonly string[]; readonly env: Record<string, string> };
  ask<Name extends OperationName>(
    name: Name,
    params: LabOperations[Name]['params'],
  ): Promise<LabOperations[Name]['result']>;
  /** Switches a fault on: `virtdisk.*`, or any other one of the lab. */
  fault(name: string, value?: string | number, times?: number): Promise<void>;
  clearFaults(): Promise<void>;
  /** Calls of the virtual disk API fail from now on; files and points stay. */
  stop(): Promise<void>;
}

/**
 * Starts a new lab in the folder that scripts/test-windows.mjs linked to `C:\Lab`. Skips the test
 * elsewhere. One test at a time may have it, which is why these tests lie in test/windows.
 */
export async function hostLab(
  t: TestContext,
  options: readonly string[] = [],
): Promise<HostLab | undefined> {
  const dir = process.env['REFPOINT_HOST_LAB'] ?? '';
  if (process.platform !== 'win32' || dir === '') {
    t.skip('needs the host that scripts/test-windows.mjs makes');
    return undefined;
  }
  await empty(dir);
  const env = {
    REFPOINT_LAB_VIRTDISK: '1',
    REFPOINT_PARENT_STDIN: '1',
    REFPOINT_PASSWORD: PASSWORD,
  };
  const args = ['lab', 'start', '--dir', dir, '--job-delay', '0', ...options];
  const child = startRefpoint(args, { env }, 'pipe');
  const ended = once(child, 'close');
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const first = await Promise.race([firstLine(child.stdout), ended.then(() => undefined)]);
  if (first === undefined) throw new Error(`The lab ended: ${errors}`);
  const line = JSON.parse(first) as LabLine;
  process.env['REFPOINT_VIRTDISK'] = line.virtdisk;
  process.env['REFPOINT_VSSAPI'] = line.vssapi;
  const stop = async (): Promise<void> => {
    child.stdin?.end();
    await ended;
  };
  afterwards(t, async () => {
    await stop();
    await empty(dir);
  });
  const ask: HostLab['ask'] = (name, params) => askLab(dir, name, params, noProgress, never);
  return {
    dir,
    line,
    password: PASSWORD,
    target: {
      url: line.http,
      authentication: 'auto',
      user: line.user,
      password: PASSWORD,
      ntlmFallback: true,
      clientCertificate: null,
      fingerprint: null,
      ca: null,
      timeoutSeconds: 60,
    },
    command: {
      options: ['--host', line.http, '--user', line.user],
      env: {
        REFPOINT_PASSWORD: PASSWORD,
        REFPOINT_VIRTDISK: line.virtdisk ?? '',
        REFPOINT_VSSAPI: line.vssapi ?? '',
      },
    },
    ask,
    fault: async (name, value, times) => {
      const given = value === undefined ? null : String(value);
      await ask('fault-set', { name, value: given, times: times ?? null, at: null });
    },
    clearFaults: async () => {
      await ask('fault-clear', {});
    },
    stop,
  };
}

/** Removes what is in a folder, which is the target of a link. */
async function empty(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    await rm(join(folder, name), { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

async function firstLine(stream: NodeJS.ReadableStream | null): Promise<string | undefined> {
  if (stream === null) return undefined;
  for await (const line of createInterface({ input: stream })) return line;
  return undefined;
}
