import { never } from '../../../base/abort.ts';
import { unlessAborted } from '../../../native/slow-calls.ts';
import { authError } from '../contract/auth-errors.ts';
import type { SecurityStep } from '../contract/security-context.ts';

/** Maximum size of a peer's token, in bytes; Windows limits tickets to 64 KiB. */
const MAX_TOKEN = 256 * 1024;
/** Time limit of one step, in milliseconds: longer than MIT's library asks a KDC that is silent. */
const STEP_TIMEOUT = 30_000;

export interface NativeLoginOptions {
  /** Cancels a step that waits. The native call continues, and is cleaned up when it ends. */
  readonly signal?: AbortSignal;
  /** Time limit of one step, in milliseconds. */
  readonly timeout?: number;
}

/**
 * Life of a login by a library of the system: one step at a time, each with a time limit, and
 * release of everything native once, but never while a call still uses it.
 */
export class NativeLogin {
  readonly #name: string;
  readonly #options: NativeLoginOptions;
  readonly #release: () => void;
  #state: 'open' | 'established' | 'failed' = 'open';
  #busy = false;
  #closed = false;

  /** @param name the service, for errors. */
  constructor(name: string, options: NativeLoginOptions, release: () => void) {
    this.#name = name;
    this.#options = options;
    this.#release = release;
  }

  get established(): boolean {
    return this.#state === 'established' && !this.#closed;
  }

  /**
   * Runs a step. If it takes too long or is cancelled, the login has failed; the work continues, and
   * its result is released.
   */
  async step(
    token: Buffer | undefined,
    work: (signal: AbortSignal) => Promise<SecurityStep>,
  ): Promise<SecurityStep> {
    this.#checkOpen();
    const { signal = never, timeout = STEP_TIMEOUT } = this.#options;
    const expiry = AbortSignal.timeout(timeout);
    this.#busy = true;
    try {
      const running = this.#run(token, work, signal);
      const step = await unlessAborted(running, AbortSignal.any([signal, expiry]));
      if (step.complete) this.#state = 'established';
      return step;
    } catch (error) {
      this.#state = 'failed';
      if (error === expiry.reason) throw this.#silent(timeout);
      throw error;
    }
  }

  /** Throws if the login is incomplete, has failed, or is closed. */
  checkEstablished(): void {
    if (this.established) return;
    const why = this.#closed ? 'closed' : 'not established';
    throw authError('http.auth.token', `The context with ${this.#name} is ${why}`);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#busy) this.#release();
  }

  async #run(
    token: Buffer | undefined,
    work: (signal: AbortSignal) => Promise<SecurityStep>,
    signal: AbortSignal,
  ): Promise<SecurityStep> {
    try {
      const size = token?.length ?? 0;
      if (size > MAX_TOKEN) {
        const text = `The token has ${size} bytes; expected at most ${MAX_TOKEN}`;
        throw authError('http.auth.token', text);
      }
      return await work(signal);
    } finally {
      this.#busy = false;
      if (this.#closed) this.#release();
    }
  }

  #checkOpen(): void {
    const wrong = this.#closed
      ? 'is closed'
      : this.#busy
        ? 'still works at the previous step'
        : this.#state === 'failed'
          ? 'has failed'
          : this.#state === 'established'
            ? 'is complete; no further token was expected'
            : undefined;
    if (wrong === undefined) return;
    throw authError('http.auth.token', `The login to ${this.#name} ${wrong}`);
  }

  #silent(timeout: number): Error {
    const seconds = timeout / 1000;
    return authError(
      'http.auth.kdc',
      `Kerberos: no domain controller answered within ${seconds} s. Check the network and port 88, or [realms] in krb5.conf`,
      { data: { service: this.#name, seconds } },
    );
  }
}
