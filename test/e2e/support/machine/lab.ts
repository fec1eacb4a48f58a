import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { stopLab } from './leftovers.ts';
import { CLI } from './places.ts';
import { runRefpoint } from './refpoint.ts';

/** A lab host that a test runs itself, with a password that it knows. */
export interface Lab {
  readonly folder: string;
  readonly url: string;
  /** Its address for TLS, with a certificate that nobody knows. */
  readonly https: string;
  /** Port of its file server; undefined if it was started without one. */
  readonly smbPort: number | undefined;
  readonly user: string;
  readonly pathMap: Readonly<Record<string, string>>;
  fault(name: string, times?: number): Promise<void>;
  clearFaults(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a lab with one sample VM; more arguments go to `lab start`. */
export async function startLab(
  folder: string,
  password: string,
  ...more: readonly string[]
): Promise<Lab> {
  await mkdir(folder, { recursive: true });
  const at = ['--dir', folder];
  await runRefpoint(['lab', 'add-vm', ...at, '--name', 'sample-vm', '--sample']);
  const child = spawn(
    process.execPath,
    [CLI, 'lab', 'start', ...at, '--https-port', '0', ...more],
    {
      env: { ...process.env, REFPOINT_PASSWORD: password },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { http, https, smb, user, pathMap } = JSON.parse(line) as {
    readonly smb?: { readonly port: number };
    readonly http: string;
    readonly https: string;
    readonly user: string;
    readonly pathMap: Readonly<Record<string, string>>;
  };
  return {
    folder,
    url: http,
    https,
    smbPort: smb?.port,
    user,
    pathMap,
    fault: async (name, times) => {
      const more = times === undefined ? [] : ['--times', String(times)];
      await runRefpoint(['lab', 'fault', ...at, '--set', name, ...more]);
    },
    clearFaults: async () => {
      await runRefpoint(['lab', 'fault', ...at, '--clear']);
    },
    stop: async () => {
      await stopLab(folder);
      // It writes what it knows before it ends.
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
