import { slowCall } from '../../../native/slow-calls.ts';
import { authError } from '../contract/auth-errors.ts';
import type { InitiatorInput } from '../contract/security-context.ts';
import type { NativeLoginOptions } from '../native/native-login.ts';
import { GssContext, PROTECTIONS, type GssResult } from './gss-context.ts';
import { GssHandle } from './gss-handle.ts';
import { gssLibrary } from './gss-library.ts';
import { OID, type GssMemory } from './gss-memory.ts';
import { gssFailure, isFailure } from './gss-status.ts';
import { kerberosPrincipal } from './principal.ts';

const INITIATE = 1;
/** GSS_S_CONTINUE_NEEDED */
const CONTINUE = 1;
/** GSS_C_INDEFINITE */
const NO_LIMIT = 0xffff_ffff;

/**
 * Creates a client's context of Kerberos (RFC 4121) without SPNEGO, with a password or with the
 * system's ticket cache. Throws `http.auth.library` if the system has no GSS-API, `http.auth.*` if
 * the user's name is not one of a realm. No request to a KDC is made before the first step.
 */
export function kerberosInitiator(
  input: InitiatorInput,
  options: NativeLoginOptions = {},
): GssContext {
  return new KerberosInitiator(input, options);
}

class KerberosInitiator extends GssContext {
  readonly #input: InitiatorInput;
  readonly #principal: string | undefined;
  readonly #target = new GssHandle();
  readonly #credential = new GssHandle();
  #begun = false;

  constructor(input: InitiatorInput, options: NativeLoginOptions) {
    const { service, host, credential } = input;
    super(gssLibrary(), { user: credential?.user, service: `${service}/${host}` }, options);
    this.#input = input;
    this.#principal = credential && kerberosPrincipal(credential.user);
  }

  protected async advance(
    token: Buffer | undefined,
    memory: GssMemory,
    signal: AbortSignal,
  ): Promise<GssResult> {
    if (this.#begun && token === undefined) {
      throw authError('http.auth.peer', `${this.#input.host} did not answer the Kerberos token`);
    }
    if (!this.#begun) await this.#begin(memory, signal);
    this.#begun = true;
    const { calls } = this.library;
    const minor = [0];
    const actual = new GssHandle();
    const granted = [0];
    const out = memory.buffer();
    const major = (await slowCall(
      calls.initContext,
      [
        minor,
        this.#credential.value,
        this.context.cell,
        this.#target.value,
        memory.oid(OID.kerberos),
        PROTECTIONS,
        0,
        memory.bindings(this.#input.channelBinding),
        memory.buffer(token),
        actual.cell,
        out,
        granted,
        null,
      ],
      signal,
    )) as number;
    const answer = memory.take(out);
    if (isFailure(major)) {
      throw gssFailure('gss_init_sec_context', major, minor[0] ?? 0, this.situation);
    }
    return {
      token: answer,
      complete: (major & CONTINUE) === 0,
      mechanism: actual.value,
      granted: granted[0] ?? 0,
    };
  }

  protected releaseOwn(): void {
    const { releaseCredential, releaseName } = this.library.calls;
    this.#credential.release(releaseCredential);
    this.#target.release(releaseName);
  }

  /** Imports the service's name and acquires a credential if there is a password. */
  async #begin(memory: GssMemory, signal: AbortSignal): Promise<void> {
    const { service, host, credential } = this.#input;
    this.#import(`${service}@${host}`, OID.hostService, this.#target, memory);
    if (credential === undefined || this.#principal === undefined) return;
    const name = new GssHandle();
    this.#import(this.#principal, OID.userName, name, memory);
    try {
      const minor = [0];
      const password = memory.buffer(Buffer.from(credential.password.reveal()));
      const mechanisms = memory.oids([OID.kerberos]);
      const major = (await slowCall(
        this.library.calls.acquireWithPassword,
        [
          minor,
          name.value,
          password,
          NO_LIMIT,
          mechanisms,
          INITIATE,
          this.#credential.cell,
          null,
          null,
        ],
        signal,
      )) as number;
      if (isFailure(major)) {
        throw gssFailure('gss_acquire_cred_with_password', major, minor[0] ?? 0, this.situation);
      }
    } finally {
      name.release(this.library.calls.releaseName);
    }
  }

  #import(text: string, type: Buffer, name: GssHandle, memory: GssMemory): void {
    const minor = [0];
    const { importName } = this.library.calls;
    const major = importName(minor, memory.buffer(Buffer.from(text)), memory.oid(type), name.cell);
    if (isFailure(major as number)) {
      throw gssFailure('gss_import_name', major as number, minor[0] ?? 0, this.situation);
    }
  }
}
