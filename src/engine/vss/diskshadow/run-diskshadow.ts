import { randomBytes } from 'node:crypto';
import { vssError } from '../vss-errors.ts';
import { encodedScript, POWERSHELL_OPTIONS } from './encoded-script.ts';
import { MAX_LOG } from './log-text.ts';

/** Runs a command line on the host and returns what it wrote to stdout, and its exit code. */
export type RunCommand = (
  command: string,
  args: readonly string[],
  signal: AbortSignal,
) => Promise<{ readonly stdout: Buffer; readonly stderr: Buffer; readonly exitCode: number }>;

/** Result of a script of diskshadow. */
export interface DiskshadowRun {
  readonly exitCode: number;
  /** Bytes of its log; empty if it wrote none. */
  readonly log: Uint8Array;
  /** The job's folder in the host's spelling. */
  readonly folder: string;
}

/** Order to run-script.ts. */
interface Order {
  readonly name: string;
  readonly lines: readonly string[];
  readonly mounts: number;
  readonly old: boolean;
  readonly keep: 'yes' | 'no' | 'failed';
  readonly look: boolean;
}

/** Returns a new name of a job's folder that cannot be predicted. */
export const newFolderName = (): string => randomBytes(16).toString('hex');

/** Whether a text is the name of a job's folder. */
export const isFolderName = (text: string): boolean => /^[0-9a-f]{32}$/.test(text);

/** Returns the name of the job's folder in which a path of the host lies; undefined if it lies in none. */
export const jobFolderIn = (path: string): string | undefined =>
  /\\Refpoint-([0-9a-f]{32})(?:\\|$)/i.exec(path)?.[1]?.toLowerCase();

/**
 * Runs a script of diskshadow on a host through PowerShell, in a new folder for administrators only
 * that is removed after it. The lines must not contain anything that a user or a host named. Throws
 * `vss.missing` if the host has no diskshadow, `vss.diskshadow` if the script could not be run at
 * all.
 */
export async function runDiskshadow(
  run: RunCommand,
  lines: readonly string[],
  signal: AbortSignal,
): Promise<DiskshadowRun> {
  const order = {
    name: newFolderName(),
    lines,
    mounts: 0,
    old: false,
    keep: 'no',
    look: false,
  } as const;
  return runOf(await perform(run, order, signal));
}

/**
 * Runs the first script of a job in its new folder, which stays. Throws as {@link runDiskshadow}.
 * @param mounts number of folders v1, v2, … that are made in it
 */
export async function beginInFolder(
  run: RunCommand,
  { name, lines, mounts }: Pick<Order, 'name' | 'lines' | 'mounts'>,
  signal: AbortSignal,
): Promise<DiskshadowRun> {
  return runOf(
    await perform(run, { name, lines, mounts, old: false, keep: 'yes', look: false }, signal),
  );
}

/** Reads the log of a job's folder; undefined if the folder is missing. */
export async function lookInFolder(
  run: RunCommand,
  name: string,
  signal: AbortSignal,
): Promise<Pick<DiskshadowRun, 'log' | 'folder'> | undefined> {
  const order = { name, lines: [], mounts: 0, old: true, keep: 'yes', look: true } as const;
  const answer = await perform(run, order, signal);
  return answer['gone'] === true ? undefined : runOf(answer);
}

/**
 * Runs the last script of a job in its folder, and removes the folder if the script succeeded.
 * Returns undefined if the folder is missing.
 */
export async function endInFolder(
  run: RunCommand,
  name: string,
  lines: readonly string[],
  signal: AbortSignal,
): Promise<DiskshadowRun | undefined> {
  const look = lines.length === 0;
  const order = { name, lines, mounts: 0, old: true, keep: look ? 'no' : 'failed', look } as const;
  const answer = await perform(run, order, signal);
  return answer['gone'] === true ? undefined : runOf(answer);
}

const wordsOf = ({ name, mounts, old, look, keep, lines }: Order): readonly string[] => [
  name,
  String(mounts),
  old ? '1' : '0',
  look ? '1' : '0',
  keep,
  ...lines,
];

async function perform(
  run: RunCommand,
  order: Order,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const { stdout, stderr, exitCode } = await run(
    'powershell.exe',
    [...POWERSHELL_OPTIONS, '-EncodedCommand', encodedScript(wordsOf(order))],
    signal,
  );
  const answer = answerOf(stdout.toString('latin1'));
  if (answer?.['missing'] === true) {
    throw vssError('vss.missing', 'The host has no diskshadow: only Windows Server has it');
  }
  if (answer !== undefined && exitCode === 0) return answer;
  const said = stderr.toString('utf8').trim().slice(0, 500);
  throw vssError(
    'vss.diskshadow',
    `The script of diskshadow could not be run (PowerShell ended with ${exitCode})${said === '' ? '' : `: ${said}`}`,
    { data: { exitCode, found: said, expected: 'one line of Base64' } },
  );
}

function runOf({ code, log, dir }: Record<string, unknown>): DiskshadowRun {
  // No script ran if the log alone was read.
  const exitCode = code === null ? 0 : code;
  const isCode = typeof exitCode === 'number' && Number.isInteger(exitCode);
  if (isCode && typeof log === 'string' && log.length < 2 * MAX_LOG && typeof dir === 'string') {
    const folder = Buffer.from(dir, 'base64').toString('utf8').slice(0, 1024);
    return { exitCode, log: Buffer.from(log, 'base64'), folder };
  }
  throw vssError('vss.diskshadow', 'PowerShell did not return the result of diskshadow', {
    data: { found: typeof code, expected: 'an exit code, a log and a folder' },
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
