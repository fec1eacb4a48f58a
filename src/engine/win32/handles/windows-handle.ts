import { never } from '../../base/abort.ts';
import { unlessAborted } from '../../native/slow-calls.ts';
import { kernel32 } from '../library/kernel32.ts';
import { callFailed } from '../words/call-failed.ts';
import { win32Error } from '../win32-errors.ts';
import { heldCall } from './held-call.ts';

/** Time limit for calls that are cancelled because their handle is closed, in milliseconds. */
const CLOSE_WAIT_MS = 5000;

/**
 * A handle of Windows with one owner. Closing cancels the calls in flight, waits for their end, runs
 * the owner's last step (detaching a disk), and closes the handle. If a call does not end, the handle
 * stays open until the process ends, since closing it would give its number to something else.
 */
export class WindowsHandle implements AsyncDisposable {
  static #openCount = 0;
  readonly name: string;
  readonly #value: bigint;
  readonly #calls = new Set<Promise<unknown>>();
  #lastStep: (() => Promise<void>) | undefined;
  #closing: Promise<void> | undefined;
  #open = true;
  /** The last step runs, which may still use the handle. */
  #stepping = false;

  /** Number of open handles of Windows with an owner: 0 when everything is closed. */
  static get openCount(): number {
    return WindowsHandle.#openCount;
  }

  /** Takes over a handle that a function returned. @param name for messages */
  constructor(value: bigint, name: string) {
    this.#value = value;
    this.name = name;
    WindowsHandle.#openCount++;
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /**
   * Runs a call with the handle, which stays open until the call ends. Throws `win32.closed`.
   */
  async use<T>(call: (handle: bigint) => Promise<T>): Promise<T> {
    if (this.closed && !this.#stepping) throw closedError(this.name);
    const running = call(this.#value);
    this.#calls.add(running);
    try {
      return await running;
    } finally {
      this.#calls.delete(running);
    }
  }

  /** Cancels one call in flight, which then ends with ERROR_OPERATION_ABORTED; null cancels all. */
  cancel(overlapped: Buffer | null): void {
    if (this.#open) kernel32('CancelIoEx')(this.#value, overlapped);
  }

  /** Sets the step that runs between the last call and the end of the handle. */
  beforeClose(step: (() => Promise<void>) | undefined): void {
    this.#lastStep = step;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.cancel(null);
    const limit = AbortSignal.timeout(CLOSE_WAIT_MS);
    try {
      await unlessAborted(Promise.allSettled(this.#calls), limit);
    } catch {
      throw win32Error(
        'win32.failed',
        `A call on ${this.name} did not end; its handle stays open`,
        {
          data: { call: 'CancelIoEx', name: this.name },
        },
      );
    }
    this.#stepping = true;
    try {
      await this.#lastStep?.();
    } finally {
      this.#stepping = false;
      await this.#closeHandle();
    }
  }

  async #closeHandle(): Promise<void> {
    this.#open = false;
    const { result, error } = await heldCall(kernel32('CloseHandle'), [this.#value], never);
    if (result === 0) throw callFailed('CloseHandle', error, this.name);
    WindowsHandle.#openCount--;
  }
}

const closedError = (name: string): Error =>
  win32Error('win32.closed', `${name} is closed`, { data: { name } });
