import path from 'node:path';
import { powershellError } from '../contract/powershell-errors.ts';

/** The parts of a process that decide which shell is used. */
export interface ShellPlace {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Returns the absolute path of PowerShell: the variable REFPOINT_PWSH, else Windows PowerShell, with
 * which Hyper-V's own module is installed and which every Windows has. The search path is not used:
 * a program in a folder that others can write to would run as this user. Throws
 * `powershell.missing`.
 */
export function shellExecutable({ platform, env }: ShellPlace = process): string {
  const named = env['REFPOINT_PWSH'] ?? '';
  const paths = platform === 'win32' ? path.win32 : path.posix;
  if (named !== '') {
    if (paths.isAbsolute(named)) return named;
    throw powershellError(
      'powershell.missing',
      `REFPOINT_PWSH names ${named}, which is not an absolute path`,
      { data: { found: named } },
    );
  }
  if (platform !== 'win32') {
    throw powershellError(
      'powershell.missing',
      'PowerShell reaches Hyper-V only from Windows: the CIM cmdlets do not exist on other systems',
      { data: { platform } },
    );
  }
  const root = env['SystemRoot'] ?? String.raw`C:\Windows`;
  return paths.join(root, 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe');
}

/** Variables that would change the shell or hand it a secret. */
const REMOVED = ['NODE_POWERSHELL', 'REFPOINT_PASSWORD', 'DEBUG'];

/**
 * Returns the environment of the shell. Without colours and key sequences, which PowerShell writes
 * into pipes too. Windows PowerShell gets its own module folders, not those of a PowerShell 7 that
 * started this process.
 */
export function shellEnvironment({ platform, env }: ShellPlace = process): NodeJS.ProcessEnv {
  const removed = new Set(REMOVED);
  if (platform === 'win32') removed.add('PSMODULEPATH');
  const kept = Object.entries(env).filter(([name]) => !removed.has(name.toUpperCase()));
  return { ...Object.fromEntries(kept), NO_COLOR: '1', TERM: 'dumb' };
}
