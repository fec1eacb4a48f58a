import { authError } from '../contract/auth-errors.ts';
import type { MechanismContext } from '../contract/mechanism.ts';
import type { SealedBytes, SecurityStep } from '../contract/security-context.ts';
import { NativeLogin, type NativeLoginOptions } from '../native/native-login.ts';
import { GssHandle } from './gss-handle.ts';
import type { GssLibrary } from './gss-library.ts';
import { GssMemory, OID } from './gss-memory.ts';
import { GssSealing } from './gss-sealing.ts';
import type { GssSituation } from './gss-status.ts';

/**
 * Protections that both sides must grant (RFC 2744 5.19): mutual authentication, replay detection,
 * order, confidentiality, integrity.
 */
export const PROTECTIONS = 0x2 | 0x4 | 0x8 | 0x10 | 0x20;

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
 * Parts that both ends of a Kerberos context share: checks of what was negotiated, sealing, and
 * release of everything native.
 */
export abstract class GssContext implements MechanismContext {
  protected readonly library: GssLibrary;
  protected readonly situation: GssSituation;
  /** gss_ctx_id_t */
  protected readonly context = new GssHandle();
  readonly needsListMic = false;
  readonly #login: NativeLogin;
  #sealing: GssSealing | undefined;

  protected constructor(library: GssLibrary, situation: GssSituation, options: NativeLoginOptions) {
    this.library = library;
    this.situation = situation;
    this.#login = new NativeLogin(situation.service, options, () => this.#release());
  }

  /** Makes the native call for a step. */
  protected abstract advance(
    token: Buffer | undefined,
    memory: GssMemory,
    signal: AbortSignal,
  ): Promise<GssResult>;
  /** Protections without which the login is rejected. */
  protected get required(): number {
    return PROTECTIONS;
  }

  /** Releases what the subclass holds. */
  protected abstract releaseOwn(): void;

  get mechanism(): 'kerberos' | undefined {
    return this.#login.established ? 'kerberos' : undefined;
  }

  async step(token: Buffer | undefined): Promise<SecurityStep> {
    return this.#login.step(token, (signal) => this.#step(token, signal));
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
    this.#login.close();
  }

  async #step(token: Buffer | undefined, signal: AbortSignal): Promise<SecurityStep> {
    const memory = new GssMemory(this.library);
    try {
      const result = await this.advance(token, memory, signal);
      if (result.complete) this.#establish(result, memory);
      const { length } = result.token;
      return { token: length === 0 ? undefined : result.token, complete: result.complete };
    } finally {
      memory.free();
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
    if ((granted & this.required) !== this.required) {
      throw authError(
        'http.auth.unprotected',
        `Kerberos granted the protections 0x${granted.toString(16)} to ${service}; expected 0x${PROTECTIONS.toString(16)}: mutual authentication, replay detection, order, confidentiality, integrity`,
        { data: { found: granted, expected: PROTECTIONS, service } },
      );
    }
    const { value } = this.context;
    if (value === null) throw authError('http.auth.system', 'Kerberos returned no context');
    this.#sealing = new GssSealing(this.library, value, this.situation);
  }

  #established(): GssSealing {
    this.#login.checkEstablished();
    return this.#sealing as GssSealing;
  }

  #release(): void {
    this.#sealing?.free();
    this.#sealing = undefined;
    this.context.release(this.library.calls.deleteContext, null);
    this.releaseOwn();
  }
}
