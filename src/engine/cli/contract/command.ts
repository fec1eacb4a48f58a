import type { Log } from '../../base/log.ts';
import type { Progress } from '../../base/progress.ts';
import type { TraceWriter } from '../../trace/write/trace-writer.ts';

/** Input and output of a command: the process's own streams, or a test's. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Writes raw bytes to stdout; resolves when they have been accepted. */
  readonly outBytes: (bytes: Uint8Array) => Promise<void>;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly columns: number;
  readonly readStdin: () => Promise<string>;
  /** Lines of stdin as they come, until its end or the signal. */
  readonly stdinLines: (signal: AbortSignal) => AsyncIterable<string>;
  /** This command as a program with its first arguments: what starts it again. */
  readonly program: readonly string[];
  /** From now on the end of the terminal ends neither the process nor what it does: it runs a job. */
  readonly outliveTerminal: () => void;
}

export interface OptionSpec {
  readonly type: 'flag' | 'value' | 'values';
  /** Placeholder of the value in help: DIR, N, SECONDS. */
  readonly value?: string;
  readonly help: string;
}

export interface ArgumentSpec {
  readonly name: string;
  readonly help: string;
  /** The last one may be given any number of times, also not at all. */
  readonly several?: boolean;
}

/** A command as data, used for help, parsing and dispatch. */
export interface Command {
  /** Words of the command, such as `disk info`. */
  readonly name: string;
  readonly summary: string;
  readonly args: readonly ArgumentSpec[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Additional lines of help. */
  readonly details?: string;
  /** Returns the exit status; undefined means 0. */
  readonly run: (context: Context) => Promise<number | undefined | void>;
}

/** Everything that a command receives. */
export interface Context {
  readonly io: Io;
  readonly args: readonly string[];
  readonly options: ParsedOptions;
  readonly json: boolean;
  readonly progress: Progress;
  readonly log: Log;
  /** Recording that --trace asks for; undefined without it. */
  readonly trace: TraceWriter | undefined;
  readonly signal: AbortSignal;
  /** Prints the document as JSON with --json, or the text from `human` otherwise. */
  readonly print: (document: unknown, human: () => string) => void;
}

/** Options by name, with the checks that all commands share. */
export class ParsedOptions {
  readonly #values: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

  constructor(values: Readonly<Record<string, string | boolean | readonly string[] | undefined>>) {
    this.#values = values;
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  texts(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? (value as readonly string[]) : [];
  }
}
