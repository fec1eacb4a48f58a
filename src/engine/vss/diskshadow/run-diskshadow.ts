import { randomBytes } from 'node:crypto';
import { vssError } from '../vss-errors.ts';
import { MAX_LOG } from './log-text.ts';
import { RUN_SCRIPT } from './run-script.ts';

/** Runs a command line on the host and returns what it wrote to stdout, and its exit code. */
export type RunCommand = (
  command: string,
  args: readonly string[],
  signal: AbortSignal,
) => Promise<{ readonly stdout: Buffer; readonly stderr: Buffer; readonly exitCode: number }>;

/** Result of a script of diskshadow. */
export interface DiskshadowRun {
  readonly exitCode: number;
  /** Bytes of its log. */
  readonly log: Uint8Array;
}

/** Longest command line that cmd.exe accepts, in which a remote shell runs it. */
const MAX_LINE = 8191;

/** Options of PowerShell: no profile and no questions. The script follows, encoded. */
const OPTIONS = ['-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass'];

/**
 * Runs a script of diskshadow on a host through PowerShell, in a new folder for administrators only.
 * The lines must not contain anything that a user or a host named. Throws `vss.missing` if the host
 * has no diskshadow, `vss.diskshadow` if the script could not be run at all.
 */
export async function runDiskshadow(
  run: RunCommand,
  lines: readonly string[],
  signal: AbortSignal,
): Promise<DiskshadowRun> {
  const data = { name: randomBytes(16).toString('hex'), lines };
  const { stdout, stderr, exitCode } = await run(
    'powershell.exe',
    [...OPTIONS, '-EncodedCommand', encodedScript(data)],
    signal,
  );
  const answer = answerOf(stdout.toString('latin1'));
  if (answer?.['missing'] === true) {
    throw vssError('vss.missing', 'The host has no diskshadow: only Windows Server has it');
  }
  const { code, log } = answer ?? {};
  if (typeof code === 'number' && typeof log === 'string' && log.length < 2 * MAX_LOG) {
    return { exitCode: code, log: Buffer.from(log, 'base64') };
  }
  const said = stderr.toString('utf8').trim().slice(0, 500);
  throw vssError(
    'vss.diskshadow',
    `The script of diskshadow could not be run (PowerShell ended with ${exitCode})${said === '' ? '' : `: ${said}`}`,
    { data: { exitCode, found: said, expected: 'one line of Base64' } },
  );
}

/** Encodes script and data for PowerShell's -EncodedCommand. Data is Base64 of JSON in it. */
function encodedScript(data: object): string {
  const text = Buffer.from(JSON.stringify(data), 'utf8').toString('base64');
  const encoded = Buffer.from(`$data='${text}'\n${RUN_SCRIPT}`, 'utf16le').toString('base64');
  const length = encoded.length + OPTIONS.join(' ').length + 40;
  if (length <= MAX_LINE) return encoded;
  throw vssError('vss.diskshadow', `The script has too many volumes for one command line`, {
    data: { found: length, expected: MAX_LINE },
  });
}

/** Reads the last line, which is Base64 of JSON; undefined if it is anything else. */
function answerOf(stdout: string): Record<string, unknown> | undefined {
  const line = stdout.trimEnd().split('\n').at(-1)?.trim() ?? '';
  if (!/^[A-Za-z0-9+/]{4,}={0,2}$/.test(line)) return undefined;
  try {
    const answer: unknown = JSON.parse(Buffer.from(line, 'base64').toString('utf8'));
    return typeof answer === 'object' && answer !== null
      ? (answer as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
