import type { ChildProcess } from 'node:child_process';
import { CimFault } from '../wmi/cim-fault.ts';
import { endProgram } from './programs.ts';

/** Answer to a Receive. */
export interface Received {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly exitCode: number | undefined;
}

/** Bytes that wait for a Receive; beyond them the command has to wait, as on Windows. */
const MAX_WAITING = 256 * 1024;
/** Exit code of a command that could not be started or was ended by a signal. */
const FAILED = 1;

/** Output that was written and not yet received. */
interface Stream {
  readonly parts: Buffer[];
  bytes: number;
}

/** One command of a shell, with its output until that is received. */
export class ShellCommand {
  readonly #child: ChildProcess;
  readonly #streams: Readonly<Record<'stdout' | 'stderr', Stream>> = {
    stdout: { parts: [], bytes: 0 },
    stderr: { parts: [], bytes: 0 },
  };
  #exitCode: number | undefined;
  #told = false;
  #wake: () => void = () => undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.on('data', (bytes: Buffer) => this.#add(name, bytes));
    }
    // A command may end without reading its input.
    child.stdin?.on('error', () => undefined);
    child.on('error', (error) => {
      this.#add('stderr', Buffer.from(`${error.message}\r\n`));
      this.#end(FAILED);
    });
    child.on('close', (code) => this.#end(code ?? FAILED));
  }

  /** Writes to the command's input, and closes it after the last part. */
  write(bytes: Buffer, end: boolean): void {
    const { stdin } = this.#child;
    if (stdin === null || stdin.writableEnded) {
      if (this.#exitCode !== undefined) return;
      throw new CimFault('invalidParameter', 'The input of the command has ended');
    }
    if (bytes.length > 0) stdin.write(bytes);
    if (end) stdin.end();
  }

  /**
   * Returns up to `limit` bytes of each stream, once the command has written any or has ended. Throws
   * `timedOut` after `milliseconds`.
   */
  async receive(limit: number, milliseconds: number): Promise<Received> {
    const deadline = performance.now() + milliseconds;
    while (!this.#hasNews()) {
      const left = deadline - performance.now();
      if (left <= 0) throw new CimFault('timedOut', 'The command has written nothing');
      await this.#news(left);
    }
    const [stdout, stderr] = [this.#take('stdout', limit), this.#take('stderr', limit)];
    const { stdout: out, stderr: err } = this.#streams;
    // The end is reported after all output, and only once.
    const ended = out.bytes + err.bytes === 0 ? this.#exitCode : undefined;
    if (ended !== undefined) this.#told = true;
    return { stdout, stderr, exitCode: ended };
  }

  signal(signal: NodeJS.Signals): void {
    endProgram(this.#child, signal);
  }

  #hasNews(): boolean {
    const { stdout, stderr } = this.#streams;
    return stdout.bytes + stderr.bytes > 0 || (this.#exitCode !== undefined && !this.#told);
  }

  async #news(milliseconds: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, milliseconds);
    });
    clearTimeout(timer);
  }

  #add(name: 'stdout' | 'stderr', bytes: Buffer): void {
    const stream = this.#streams[name];
    stream.parts.push(bytes);
    stream.bytes += bytes.length;
    if (stream.bytes > MAX_WAITING) this.#child[name]?.pause();
    this.#wake();
  }

  #take(name: 'stdout' | 'stderr', limit: number): Buffer {
    const stream = this.#streams[name];
    const all = Buffer.concat(stream.parts.splice(0));
    const rest = all.subarray(limit);
    if (rest.length > 0) stream.parts.push(rest);
    stream.bytes = rest.length;
    if (stream.bytes <= MAX_WAITING) this.#child[name]?.resume();
    return all.subarray(0, limit);
  }

  #end(code: number): void {
    this.#exitCode ??= code;
    this.#wake();
  }
}
