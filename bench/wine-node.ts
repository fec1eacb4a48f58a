/** Windows Node under Wine, in the prefix that `npm run test:windows` leaves in build/windows. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOST_OVERRIDES } from '../scripts/lib/wine-host.mjs';

/** Folder in which programs for Windows Node find koffi's binary for Windows. */
export const WINDOWS = join('build', 'windows');
export const PREFIX = join(process.cwd(), WINDOWS, 'prefix');
const NODE = join(WINDOWS, 'node-22.23.3-aligned.exe');

export const hasWineNode = (): boolean => existsSync(NODE) && existsSync(PREFIX);

/** Returns the path by which programs of Windows open a file of Linux. */
export const windowsPath = (path: string): string => `Z:${path.replaceAll('/', '\\')}`;

/**
 * Runs a program in Windows Node, as the process of a job is started. Its output goes through a file in
 * `dir`, since Windows Node cannot use a pipe of Linux. Throws if it fails.
 */
export async function wineNode(
  dir: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const output = join(dir, 'output.txt');
  const file = openSync(output, 'w');
  const child = spawn('wine', [NODE, ...args], {
    env: {
      ...process.env,
      WINEPREFIX: PREFIX,
      WINEARCH: 'win64',
      WINEDEBUG: '-all',
      WINEDLLOVERRIDES: `mscoree,mshtml=;winemenubuilder.exe=d;${HOST_OVERRIDES}`,
      NODE_OPTIONS: `--require ${windowsPath(join(process.cwd(), 'scripts', 'wine-shim.cjs'))}`,
      UV_THREADPOOL_SIZE: '16',
      ...env,
    },
    stdio: ['ignore', file, file],
  });
  const [status] = (await once(child, 'exit')) as [number | null];
  closeSync(file);
  const text = readFileSync(output, 'utf8').replaceAll('\r', '');
  if (status !== 0) throw new Error(`Windows Node ended with ${status}:\n${text}`);
  return text;
}
