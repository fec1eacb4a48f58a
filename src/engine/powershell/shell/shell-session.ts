import { isEngineError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { powershellError } from '../contract/powershell-errors.ts';
import type { CallRecording } from '../record/call-recording.ts';
import { parseReply, readReply } from './reply.ts';
import { CALLS } from '../scripts/calls.ts';
import { CONNECT } from '../scripts/connect.ts';
import { PROLOGUE } from '../scripts/prologue.ts';
import { VALUES } from '../scripts/values.ts';
import { HardenedShell } from './hardened-shell.ts';
import { shellEnvironment, shellExecutable } from './executable.ts';

/** The functions of the scripts that a client may call. Nothing else is ever a command. */
export type ShellCall =
  | 'Connect-RpHost'
  | 'Invoke-RpMethod'
  | 'Open-RpPipe'
  | 'Read-RpInstance'
  | 'Read-RpPage'
  | 'Read-RpRows'
  | 'Remove-RpPage';

/** Time for the start of a shell, in milliseconds: a cold Windows takes several seconds. */
const START_MS = 60_000;
const SCRIPTS = [PROLOGUE, VALUES, CALLS, CONNECT].join('\n');
/** Tells the language mode; it calls no method, which a restricted language forbids, marks of a call among them. */
const ASK_MODE = '"RpMode=" + $ExecutionContext.SessionState.LanguageMode';

/**
 * One PowerShell process. Runs one call at a time; a call that is cancelled or too slow ends the
 * process, since nothing else stops it.
 */
export class ShellSession {
  readonly #shell: HardenedShell;
  readonly #log: Log;
  readonly #recording: CallRecording | undefined;
  #dead = false;
  #locked = false;
  #ready: Promise<void> | undefined;

  constructor(log: Log, recording?: CallRecording) {
    this.#log = log;
    this.#recording = recording;
    this.#shell = new HardenedShell(shellExecutable(), shellEnvironment());
    void this.#shell.ended.then(() => (this.#dead = true));
    this.#shell.streams.stdout.on('data', this.#look);
    this.#shell.streams.stdin.write(`${ASK_MODE}\n`);
  }

  readonly #look = (text: unknown): void => {
    const mode = /RpMode=(\w+)/.exec(String(text))?.[1];
    if (mode === undefined || mode === 'FullLanguage') return;
    this.#locked = true;
    this.kill();
  };

  /** Whether the process has ended or was killed. */
  get dead(): boolean {
    return this.#dead;
  }

  /** Starts the process if necessary and installs the scripts. */
  ready(signal: AbortSignal): Promise<void> {
    this.#ready ??= this.#install(signal);
    return this.#ready;
  }

  async #install(signal: AbortSignal): Promise<void> {
    const scripts = Buffer.from(SCRIPTS, 'utf8').toString('base64');
    const line = `. ([scriptblock]::Create([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('${scripts}')))); 'ready'`;
    const began = performance.now();
    const output = await this.#limited(this.#shell.run(line), START_MS, signal, 'start');
    this.#shell.streams.stdout.off('data', this.#look);
    if (output?.trim().endsWith('ready') !== true) throw this.#endedError('start');
    const milliseconds = Math.round(performance.now() - began);
    this.#log({ level: 'debug', area: 'powershell', message: 'started', data: { milliseconds } });
  }

  /**
   * Runs a call with `data`, returns its value. Throws `powershell.*`.
   * @param limit milliseconds.
   */
  async call(
    name: ShellCall,
    data: unknown,
    limit: number,
    signal: AbortSignal,
    doing: string,
  ): Promise<unknown> {
    const json = Buffer.from(JSON.stringify(data), 'utf8').toString('base64');
    const line = `Invoke-RpCall '${name}' '${json}'`;
    // The name of the pipe leads to a password for a moment.
    const seen =
      name === 'Open-RpPipe' ? undefined : this.#recording?.begin(name, data, doing, line.length);
    let output: string | undefined;
    let outcome = 'ok';
    try {
      output = await this.#limited(this.#shell.run(line), limit, signal, doing);
      if (output === undefined) throw this.#endedError(doing);
      return readReply(output, doing);
    } catch (error) {
      outcome = signal.aborted ? 'cancelled' : isEngineError(error) ? error.code : 'internal';
      throw error;
    } finally {
      seen?.end(output && (parseReply(output) ?? output), output?.length ?? 0, outcome);
    }
  }

  kill(): void {
    this.#dead = true;
    this.#shell.kill();
  }

  /** Ends the process and waits until it has ended. */
  async close(): Promise<void> {
    this.kill();
    await this.#shell.ended;
  }

  async #limited<T>(
    work: Promise<T>,
    limit: number,
    signal: AbortSignal,
    doing: string,
  ): Promise<T> {
    signal.throwIfAborted();
    let timer: NodeJS.Timeout | undefined;
    let stopped: (() => void) | undefined;
    const stop = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(
          powershellError(
            'powershell.timedOut',
            `PowerShell did not finish ${doing} within ${Math.round(limit / 1000)} seconds`,
            { data: { doing, seconds: Math.round(limit / 1000) } },
          ),
        );
      }, limit);
      stopped = () => {
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', stopped, { once: true });
    });
    const ended = this.#shell.ended.then(() => {
      throw this.#endedError(doing);
    });
    ended.catch(() => undefined);
    try {
      return await Promise.race([work, stop, ended]);
    } catch (error) {
      if (!isEngineError(error, 'powershell.ended', 'powershell.locked')) this.kill();
      throw error;
    } finally {
      clearTimeout(timer);
      if (stopped !== undefined) signal.removeEventListener('abort', stopped);
    }
  }

  #endedError(doing: string): Error {
    if (this.#locked) {
      return powershellError(
        'powershell.locked',
        'A policy of this computer restricts the language of PowerShell (constrained language mode), so that Refpoint cannot ask Hyper-V through it',
      );
    }
    return powershellError('powershell.ended', `PowerShell ended during ${doing}`, {
      data: { doing },
    });
  }
}
