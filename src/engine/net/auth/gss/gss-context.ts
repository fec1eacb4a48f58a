import { never } from '../../../base/abort.ts';
import { unlessAborted } from '../../../native/slow-calls.ts';
import { authError } from '../contract/auth-errors.ts';
import type { MechanismContext } from '../contract/mechanism.ts';
import type { SealedBytes, SecurityStep } from '../contract/security-context.ts';
import { GssHandle } from './gss-handle.ts';
import type { GssLibrary } from './gss-library.ts';
import { GssMemory, OID } from './gss-memory.ts';
import { GssSealing } from './gss-sealing.ts';
import type { GssSituation } from './gss-status.ts';

/** Protections that both sides must grant (RFC 2744 5.19): mutual authentication, replay detection,
 * order, confidentiality, integrity. */
export const PROTECTIONS = 0x2 | 0x4 | 0x8 | 0x10 | 0x20;
/** Maximum size of a peer's token, in bytes; Windows limits tickets to 64 KiB. */
const MAX_TOKEN = 256 * 1024;
/** Time limit of one step: some rounds of a KDC that does not answer, in milliseconds. */
const STEP_TIMEOUT = 30_000;

export interface GssOptions {
  /** Cancels a step that waits. The native call continues, and is cleaned up when it ends. */
  readonly signal?: AbortSignal;
  /** Time limit of one step, in milliseconds. */
  readonly timeout?: number;
}

/** Result of gss_init_sec_context or gss_accept_sec_context. */
export interface GssResult {
  readonly token: Buffer;
  readonly complete: boolean;
  /** gss_OID of the mechanism in use. */
  readonly mechanism: bigint | null;
  /** Flags of the protections that were granted. */
  readonly granted: number;
}

/**
 * Parts that both ends of a Kerberos context share: one step at a time, checks of what was
 * negotiated, sealing, and release of everything native, at the latest when the last call has ended.
 */
export abstract class GssContext implements MechanismContext {
  protected readonly library: GssLibrary;
  protected readonly situation: GssSituation;
  /** gss_ctx_id_t */
  protected readonly context = new GssHandle();
  readonly needsListMic = false;
  readonly #options: GssOptions;
  #state: 'new' | 'negotiating' | 'established' | 'failed' = 'new';
  #busy = false;
  #closed = false;
  #sealing: GssSealing | undefined;

  protected constructor(library: GssLibrary, situation: GssSituation, options: GssOptions) {
    this.library = library;
    this.situation = situation;
    this.#options = options;
  }

  /** Makes the native call for a step. */
  protected abstract advance(
    token: Buffer | undefined,
    memory: GssMemory,
    signal: AbortSignal,
  ): Promise<GssResult>;
  /** Releases what the subclass holds. */
  protected abstract releaseOwn(): void;

  get mechanism(): 'kerberos' | undefined {
    return this.#state === 'established' ? 'kerberos' : undefined;
  }

  async step(token: Buffer | undefined): Promise<SecurityStep> {
    this.#checkStep();
    const { signal = never, timeout = STEP_TIMEOUT } = this.#options;
    const expiry = AbortSignal.timeout(timeout);
    this.#busy = true;
    try {
      return await unlessAborted(this.#step(token, signal), AbortSignal.any([signal, expiry]));
    } catch (error) {
      this.#state = 'failed';
      if (error === expiry.reason) throw this.#silent(timeout);
      throw error;
    }
  }

  seal(plain: Buffer): SealedBytes {
    return this.#established().seal(plain);
  }

  unseal(sealed: SealedBytes): Buffer {
    return this.#established().unseal(sealed);
  }

  sessionKey(): Buffer {
    return this.#established().sessionKey();
  }

  signList(list: Buffer): Buffer {
    return this.#established().getMic(list);
  }

  verifyList(list: Buffer, mic: Buffer): void {
    if (this.#established().verifyMic(list, mic)) return;
    throw authError(
      'http.auth.downgrade',
      'The signature of the list of mechanisms is wrong: the list was changed on the way, or the peer has another key',
    );
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#busy) this.#release();
  }

  async #step(token: Buffer | undefined, signal: AbortSignal): Promise<SecurityStep> {
    const memory = new GssMemory(this.library);
    try {
      const size = token?.length ?? 0;
      if (size > MAX_TOKEN) {
        const text = `The token has ${size} bytes; expected at most ${MAX_TOKEN}`;
        throw authError('http.auth.token', text);
      }
      const result = await this.advance(token, memory, signal);
      if (result.complete) this.#establish(result, memory);
      else if (this.#state === 'new') this.#state = 'negotiating';
      const { length } = result.token;
      return { token: length === 0 ? undefined : result.token, complete: result.complete };
    } finally {
      memory.free();
      this.#busy = false;
      if (this.#closed) this.#release();
    }
  }

  /** Checks what was negotiated before anything is sealed with it. */
  #establish({ mechanism, granted }: GssResult, memory: GssMemory): void {
    const { service } = this.situation;
    const oid = memory.readOid(mechanism);
    if (oid === undefined || !oid.equals(OID.kerberos)) {
      const found = oid?.toString('hex') ?? 'unknown';
      throw authError(
        'http.auth.mechanism',
        `The login to ${service} ended in the mechanism ${found} instead of Kerberos`,
        { data: { found, expected: OID.kerberos.toString('hex'), service } },
      );
    }
    if ((granted & PROTECTIONS) !== PROTECTIONS) {
      throw authError(
        'http.auth.unprotected',
        `Kerberos granted the protections 0x${granted.toString(16)} to ${service}; expected 0x${PROTECTIONS.toString(16)}: mutual authentication, replay detection, order, confidentiality, integrity`,
        { data: { found: granted, expected: PROTECTIONS, service } },
      );
    }
    const { value } = this.context;
    if (value === null) throw authError('http.auth.system', 'Kerberos returned no context');
    if (this.#state === 'failed' || this.#closed) return;
    this.#sealing = new GssSealing(this.library, value, this.situation);
    this.#state = 'established';
  }

  #checkStep(): void {
    const wrong = this.#closed
      ? 'is closed'
      : this.#busy
        ? 'still works at the previous step'
        : this.#state === 'failed'
          ? 'has failed'
          : this.#state === 'established'
            ? 'is complete; no further token was expected'
            : undefined;
    if (wrong !== undefined) {
      throw authError('http.auth.token', `The login to ${this.situation.service} ${wrong}`);
    }
  }

  #established(): GssSealing {
    if (this.#sealing === undefined || this.#closed || this.#state !== 'established') {
      throw authError(
        'http.auth.token',
        `The Kerberos context with ${this.situation.service} is ${this.#closed ? 'closed' : 'not established'}`,
      );
    }
    return this.#sealing;
  }

  #silent(timeout: number): Error {
    return authError(
      'http.auth.kdc',
      `Kerberos: no domain controller answered within ${timeout / 1000} s. Check the network and port 88, or [realms] in krb5.conf`,
      { data: { service: this.situation.service, seconds: timeout / 1000 } },
    );
  }

  #release(): void {
    const { calls } = this.library;
    this.#sealing?.free();
    this.#sealing = undefined;
    this.context.release(calls.deleteContext, null);
    this.releaseOwn();
  }
}
