import { isEngineError } from '../../../base/errors.ts';
import type { WsmanRequest } from '../envelope.ts';
import { wsmanError } from '../faults/wsman-errors.ts';
import { SIGNAL } from './shell-names.ts';
import {
  createShell,
  receiveOutput,
  removeShell,
  sendInput,
  signalCommand,
  startCommand,
  type ShellOutput,
} from './shell-requests.ts';

/** Sends one request and reads its answer. */
export type SendRequest = <Result>(
  request: WsmanRequest<Result>,
  signal: AbortSignal,
) => Promise<Result>;

/** A command line, its arguments, and what it reads. */
export interface ShellCommand {
  readonly command: string;
  /** Follow the command, separated by spaces; the host interprets quotes. */
  readonly args?: readonly string[];
  /** Bytes of its input, which ends after them; without them it is not written. */
  readonly input?: Uint8Array;
}

/** Everything that a command wrote. */
export interface ShellResult {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Exit code as an unsigned number of 32 bits. */
  readonly exitCode: number;
}

/** Bytes of input in one request: its Base64 stays below the envelope of the oldest hosts (150 KB). */
const MAX_INPUT = 96 * 1024;
/** Maximum number of bytes that a command may write. */
const MAX_OUTPUT = 32 * 2 ** 20;
/** Milliseconds in which a host must confirm the end of a command or a shell. */
const END_MS = 10_000;
/** The same after a cancellation: command, shell and what is removed before must end within two seconds. */
const CANCELLED_END_MS = 350;

/**
 * A shell on a host (MS-WSMV 3.1.4.1, WinRS), in which command lines run one after the other. It
 * stays on the host until {@link close}, or until no request has come for two hours.
 */
export class RemoteShell {
  readonly #send: SendRequest;
  readonly #id: string;
  #closed = false;
  #endMs = END_MS;

  private constructor(send: SendRequest, id: string) {
    this.#send = send;
    this.#id = id;
  }

  /** Opens a shell. Throws `wsman.*`: `wsman.fault.accessDenied` for an account without the right. */
  static async open(send: SendRequest, signal: AbortSignal): Promise<RemoteShell> {
    return new RemoteShell(send, await send(createShell(), signal));
  }

  /**
   * Runs a command line until it ends. If `signal` fires, the command is terminated on the host, too.
   * Throws `wsman.answer` if it writes more than 32 MiB.
   */
  async run(
    { command, args = [], input }: ShellCommand,
    signal: AbortSignal,
  ): Promise<ShellResult> {
    const id = await this.#send(startCommand(this.#id, command, args), signal);
    try {
      if (input !== undefined) await this.#write(id, input, signal);
      return await this.#read(id, signal);
    } finally {
      if (signal.aborted) this.#endMs = CANCELLED_END_MS;
      // A host also keeps an ended command until this signal confirms that its output was read.
      await this.#end(signalCommand(this.#id, id, SIGNAL.terminate));
    }
  }

  /** Ends the shell with everything in it. Never throws: a host ends an unused shell after two hours. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#end(removeShell(this.#id));
  }

  async #write(id: string, input: Uint8Array, signal: AbortSignal): Promise<void> {
    let at = 0;
    do {
      const part = input.subarray(at, at + MAX_INPUT);
      at += part.length;
      await this.#send(sendInput(this.#id, id, part, at >= input.length), signal);
    } while (at < input.length);
  }

  async #read(id: string, signal: AbortSignal): Promise<ShellResult> {
    const parts: ShellOutput[] = [];
    for (let size = 0; ;) {
      const part = await this.#receive(id, signal);
      if (part === undefined) continue;
      size += part.stdout.length + part.stderr.length;
      if (size > MAX_OUTPUT) {
        throw wsmanError('wsman.answer', `The command wrote more than ${MAX_OUTPUT} bytes`, {
          data: { found: size, expected: MAX_OUTPUT },
        });
      }
      parts.push(part);
      if (part.exitCode === undefined) continue;
      return {
        stdout: Buffer.concat(parts.map((each) => each.stdout)),
        stderr: Buffer.concat(parts.map((each) => each.stderr)),
        exitCode: part.exitCode,
      };
    }
  }

  /** Returns undefined if the command wrote nothing within the time limit of a request. */
  async #receive(id: string, signal: AbortSignal): Promise<ShellOutput | undefined> {
    try {
      return await this.#send(receiveOutput(this.#id, id), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (isEngineError(error, 'wsman.fault.timedOut')) return undefined;
      throw error;
    }
  }

  async #end(request: WsmanRequest<void>): Promise<void> {
    await this.#send(request, AbortSignal.timeout(this.#endMs)).catch(() => undefined);
  }
}
