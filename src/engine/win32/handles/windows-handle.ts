import { unlessAborted } from '../../native/slow-calls.ts';
import { kernel32 } from '../library/kernel32.ts';
import { callFailed } from '../words/call-failed.ts';
import { win32Error } from '../win32-errors.ts';
import { callBeside } from './held-call.ts';

/** Time limit for calls that are cancelled because their handle is closed, in milliseconds. */
const CLOSE_WAIT_MS = 1500;

/**
 * A handle of Windows with one owner. Closing cancels the calls in flight, waits for their end, runs
 * the owner's last step (detaching a disk), and closes the handle. If a call does not end, the handle
 * is closed without the last step, so that the file is released: what the call points to stays
 * referenced until it ends.
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

  /** Whether calls are accepted: until it is closed, and in the last step. */
  get usable(): boolean {
    return !this.closed || this.#stepping;
  }

  /**
   * Runs a call with the handle, which stays open until the call ends. Throws `win32.closed`.
   */
  async use<T>(call: (handle: bigint) => Promise<T>): Promise<T> {
    if (!this.usable) throw closedError(this.name);
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
    if (!(await this.#callsEnd())) return this.#closeHandle();
    this.#stepping = true;
    try {
      await this.#lastStep?.();
    } finally {
      this.#stepping = false;
      await this.#closeHandle();
    }
  }

  /** Returns whether the calls in flight end within the time limit. */
  async #callsEnd(): Promise<boolean> {
    const limit = AbortSignal.timeout(CLOSE_WAIT_MS);
    return unlessAborted(Promise.allSettled(this.#calls), limit).then(
      () => true,
      () => false,
    );
  }

  async #closeHandle(): Promise<void> {
    this.#open = false;
    const { result, error } = await callBeside(kernel32('CloseHandle'), [this.#value]);
    if (result === 0) throw callFailed('CloseHandle', error, this.name);
    WindowsHandle.#openCount--;
  }
}

const closedError = (name: string): Error =>
  win32Error('win32.closed', `${name} is closed`, { data: { name } });
