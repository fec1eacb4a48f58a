import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { splitCommandLine } from './command-line.ts';

/** Programs and folder of the commands that run in the shells of a lab. */
export interface ShellPrograms {
  /** Executable of PowerShell; undefined if it is unknown. */
  readonly powershell: string | undefined;
  /** Folder in which commands begin. */
  readonly folder: string;
  /** Variables that commands have beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Names by which Windows' PowerShell is called. */
const POWERSHELL = /^(?:powershell|pwsh)(?:\.exe)?$/i;

/** No colours; and nothing is reported to Microsoft, which the PowerShell of Windows does not do either: it costs a tenth of a start. */
const PLAIN = { NO_COLOR: '1', TERM: 'dumb', POWERSHELL_TELEMETRY_OPTOUT: '1' };

/** Variables that would hand a command a secret of the lab's own process. */
const SECRET = /^REFPOINT_/;

/**
 * Starts a command line on this computer: PowerShell by its executable, everything else by the
 * system's own shell (cmd.exe, or sh where that does not exist). The process leads a group of its
 * own, so that it can be ended with its children.
 */
export function startProgram(line: string, programs: ShellPrograms): ChildProcess {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !SECRET.test(name)),
  );
  const windows = process.platform === 'win32';
  const options = {
    cwd: programs.folder,
    env: { ...env, ...programs.env, ...PLAIN },
    stdio: ['pipe', 'pipe', 'pipe'] as const,
    detached: !windows,
    windowsHide: true,
  };
  const [first = '', ...words] = splitCommandLine(line);
  if (programs.powershell !== undefined && POWERSHELL.test(path.win32.basename(first))) {
    return spawn(programs.powershell, words, { ...options, stdio: [...options.stdio] });
  }
  const [shell, ...before] = windows ? ['cmd.exe', '/d', '/c'] : ['/bin/sh', '-c'];
  return spawn(shell, [...before, line], {
    ...options,
    stdio: [...options.stdio],
    windowsVerbatimArguments: windows,
  });
}

/** Sends a signal to a process and its children, as far as the system has groups. */
export function endProgram(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // The process has ended already.
  }
}
