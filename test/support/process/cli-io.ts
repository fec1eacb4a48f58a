import type { Io } from '../../../src/engine/cli/contract/command.ts';
import { runCommandLine } from '../../../src/engine/cli/run-command.ts';
import { COMMAND, testHome } from './command.ts';
import { never } from '../../../src/engine/base/abort.ts';

export interface CliRun {
  readonly status: number;
  readonly out: string;
  /** What `out` is the text of. */
  readonly bytes: Buffer;
  readonly err: string;
}

export interface CliSurroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string;
  readonly terminal?: boolean;
  readonly columns?: number;
  readonly signal?: AbortSignal;
  /** Receives each text that is printed, at once. */
  readonly onOut?: (text: string) => void;
}

/** Runs a command line in this process, with streams that are kept. */
export async function runCli(
  words: readonly string[],
  around: CliSurroundings = {},
): Promise<CliRun> {
  const out: Buffer[] = [];
  let err = '';
  const io: Io = {
    env: { REFPOINT_HOME: testHome(), ...around.env },
    cwd: around.cwd ?? process.cwd(),
    out: (text) => {
      out.push(Buffer.from(text));
      around.onOut?.(text);
    },
    err: (text) => void (err += text),
    outBytes: async (bytes) => void out.push(Buffer.from(bytes)),
    outIsTerminal: around.terminal ?? false,
    errIsTerminal: around.terminal ?? false,
    columns: around.columns ?? 80,
    readStdin: async () => around.stdin ?? '',
    stdinLines: async function* () {
      yield* (around.stdin ?? '').split('\n');
    },
    program: [process.execPath, COMMAND],
    outliveTerminal: () => undefined,
  };
  const status = await runCommandLine(words, io, around.signal ?? never);
  const bytes = Buffer.concat(out);
  return { status, out: bytes.toString('utf8'), bytes, err };
}

/** Runs `refpoint WORDS --json` in this process, which must succeed, and returns its document. */
export async function runCliJson<T>(
  words: readonly string[],
  around: CliSurroundings = {},
): Promise<T> {
  const { status, out, err } = await runCli([...words, '--json'], around);
  if (status !== 0)
    throw new Error(`refpoint ${words.join(' ')} ended with ${status}: ${out}${err}`);
  return JSON.parse(out) as T;
}
