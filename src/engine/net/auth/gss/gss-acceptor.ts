import { slowCall } from '../../../native/slow-calls.ts';
import { authError } from '../contract/auth-errors.ts';
import type { AcceptorContext } from '../contract/security-context.ts';
import type { NativeLoginOptions } from '../native/native-login.ts';
import { GssContext, type GssResult } from './gss-context.ts';
import { GssHandle } from './gss-handle.ts';
import { gssLibrary } from './gss-library.ts';
import { OID, type GssMemory } from './gss-memory.ts';
import { gssFailure, isFailure } from './gss-status.ts';

const ACCEPT = 2;
const CONTINUE = 1;
const NO_LIMIT = 0xffff_ffff;

export interface GssAcceptorOptions extends NativeLoginOptions {
  /** File with the keys of the service. */
  readonly keytab: string;
  /** Application data of the channel bindings; a client that binds another channel is refused. */
  readonly channelBinding?: Buffer | undefined;
  /** Rejects clients that cannot seal (default), as plain HTTP requires. */
  readonly sealing?: boolean;
}

/**
 * Creates the service's end of Kerberos with the keys of a keytab. Accepts the tokens of Kerberos
 * itself and those of SPNEGO; the latter can end in Kerberos only. Throws `http.auth.library`.
 */
export function gssAcceptor(options: GssAcceptorOptions): GssContext & AcceptorContext {
  return new GssAcceptor(options);
}

class GssAcceptor extends GssContext implements AcceptorContext {
  readonly #options: GssAcceptorOptions;
  readonly #credential = new GssHandle();
  #user: string | undefined;

  constructor(options: GssAcceptorOptions) {
    super(gssLibrary(), { user: undefined, service: `the keytab ${options.keytab}` }, options);
    this.#options = options;
  }

  protected override get required(): number {
    return (this.#options.sealing ?? true) ? super.required : 0;
  }

  get user(): string | undefined {
    return this.mechanism === undefined ? undefined : this.#user;
  }

  protected async advance(
    token: Buffer | undefined,
    memory: GssMemory,
    signal: AbortSignal,
  ): Promise<GssResult> {
    if (token === undefined) throw authError('http.auth.token', 'The client sent no token');
    if (this.#credential.value === null) await this.#acquire(memory, signal);
    const minor = [0];
    const actual = new GssHandle();
    const source = new GssHandle();
    const granted = [0];
    const out = memory.buffer();
    const { acceptContext, releaseName } = this.library.calls;
    try {
      const major = (await slowCall(
        acceptContext,
        [
          minor,
          this.context.cell,
          this.#credential.value,
          memory.buffer(token),
          memory.bindings(this.#options.channelBinding),
          source.cell,
          actual.cell,
          out,
          granted,
          null,
          null,
        ],
        signal,
      )) as number;
      const answer = memory.take(out);
      if (isFailure(major)) throw refused(major, minor[0] ?? 0);
      if (source.value !== null) this.#user = this.#display(source.value, memory);
      return {
        token: answer,
        complete: (major & CONTINUE) === 0,
        mechanism: actual.value,
        granted: granted[0] ?? 0,
      };
    } finally {
      source.release(releaseName);
    }
  }

  protected releaseOwn(): void {
    this.#credential.release(this.library.calls.releaseCredential);
  }

  async #acquire(memory: GssMemory, signal: AbortSignal): Promise<void> {
    const { acquireFrom, setNegotiable } = this.library.calls;
    const minor = [0];
    const mechanisms = memory.oids([OID.kerberos, OID.spnego]);
    const store = memory.pair('keytab', `FILE:${this.#options.keytab}`);
    const major = (await slowCall(
      acquireFrom,
      [minor, null, NO_LIMIT, mechanisms, ACCEPT, store, this.#credential.cell, null, null],
      signal,
    )) as number;
    if (isFailure(major)) {
      throw authError(
        'http.auth.system',
        `The keytab ${this.#options.keytab} cannot be used: it does not exist, is not readable, or has no keys`,
        { data: { major: major >>> 0, minor: (minor[0] ?? 0) | 0 } },
      );
    }
    // Other mechanisms of plug-ins must not be negotiated.
    const only = memory.oids([OID.kerberos]);
    const limited = setNegotiable(minor, this.#credential.value, only) as number;
    if (isFailure(limited)) {
      throw gssFailure('gss_set_neg_mechs', limited, minor[0] ?? 0, this.situation);
    }
  }

  #display(name: bigint, memory: GssMemory): string | undefined {
    const out = memory.buffer();
    const major = this.library.calls.displayName([0], name, out, null) as number;
    const text = memory.take(out).toString('utf8');
    return isFailure(major) ? undefined : text;
  }
}

/** KRB_AP_ERR_TKT_NYV and KRB_AP_ERR_SKEW (RFC 4120 7.5.9): a ticket or a token is dated in the future, or too old. */
const OTHER_CLOCK: readonly number[] = [-1765328351, -1765328347];

function refused(major: number, minor: number): Error {
  if (OTHER_CLOCK.includes(minor | 0)) {
    return authError(
      'http.auth.clock',
      "The client's clock, or that of its domain controller, differs by more than Kerberos allows",
      {
        data: { minor: minor | 0 },
      },
    );
  }
  const status = `major 0x${(major >>> 0).toString(16)}, minor ${minor | 0}`;
  return authError('http.auth.token', `Kerberos refused the client's token (${status})`, {
    data: { major: major >>> 0, minor: minor | 0 },
  });
}
