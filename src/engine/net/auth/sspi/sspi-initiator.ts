import { slowCall } from '../../../native/slow-calls.ts';
import { authError } from '../contract/auth-errors.ts';
import type {
  InitiatorInput,
  SealedBytes,
  SecurityContext,
  SecurityStep,
} from '../contract/security-context.ts';
import { NativeLogin, type NativeLoginOptions } from '../native/native-login.ts';
import { sspiIdentity } from './sspi-identity.ts';
import { sspiLibrary, type SspiLibrary } from './sspi-library.ts';
import { BUFFER, SspiMemory } from './sspi-memory.ts';
import { SspiSealing } from './sspi-sealing.ts';
import { isFailure, sspiFailure, type SspiSituation } from './sspi-status.ts';

/** SECPKG_CRED_OUTBOUND */
const OUTBOUND = 2;
/** ISC_REQ_MUTUAL_AUTH */
const MUTUAL = 0x2;
/** ISC_REQ_REPLAY_DETECT, SEQUENCE_DETECT, CONFIDENTIALITY and INTEGRITY; the results have the same bits. */
const PROTECTIONS = 0x4 | 0x8 | 0x10 | 0x1_0000;
/** SECURITY_NATIVE_DREP */
const NATIVE = 0x10;
const CONTINUE = 0x90312;
const COMPLETE = 0x90313;
const COMPLETE_AND_CONTINUE = 0x90314;
/** Size of the buffer for a token, in bytes: the most that packages of Windows report. */
const TOKEN_SIZE = 64 * 1024;

export interface SspiOptions extends NativeLoginOptions {
  readonly package?: 'Negotiate' | 'Kerberos' | 'NTLM';
}

/**
 * Creates a client's context of SSPI. Without a credential it is that of the user who is logged on
 * (UNCONFIRMED). Throws `http.auth.library` on other systems than Windows.
 */
export function sspiInitiator(input: InitiatorInput, options: SspiOptions = {}): SecurityContext {
  return new SspiInitiator(input, options);
}

class SspiInitiator implements SecurityContext {
  readonly #library: SspiLibrary;
  readonly #input: InitiatorInput;
  readonly #situation: SspiSituation;
  readonly #login: NativeLogin;
  /** CredHandle and CtxtHandle; they live until the release. */
  readonly #handles: SspiMemory;
  readonly #credential: bigint;
  readonly #context: bigint;
  #acquired = false;
  #begun = false;
  #mechanism: SecurityContext['mechanism'];
  #sealing: SspiSealing | undefined;

  constructor(input: InitiatorInput, options: SspiOptions) {
    this.#library = sspiLibrary();
    this.#input = input;
    this.#situation = {
      user: input.credential?.user,
      service: `${input.service}/${input.host}`,
      package: options.package ?? 'Negotiate',
    };
    this.#handles = new SspiMemory(this.#library);
    const size = this.#library.koffi.sizeof(this.#library.types.handle);
    this.#credential = this.#handles.allocate(size);
    this.#context = this.#handles.allocate(size);
    this.#login = new NativeLogin(this.#situation.service, options, () => this.#release());
    if (options.package === 'NTLM') this.#mechanism = 'ntlm';
    if (options.package === 'Kerberos') this.#mechanism = 'kerberos';
  }

  get mechanism(): SecurityContext['mechanism'] {
    return this.#mechanism;
  }

  step(token: Buffer | undefined): Promise<SecurityStep> {
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

  close(): void {
    this.#login.close();
  }

  async #step(token: Buffer | undefined, signal: AbortSignal): Promise<SecurityStep> {
    if (this.#begun && token === undefined) {
      throw authError('http.auth.peer', `${this.#input.host} did not answer the token`);
    }
    const memory = new SspiMemory(this.#library);
    try {
      if (!this.#acquired) await this.#acquire(memory, signal);
      const output = memory.buffers([[BUFFER.token, Buffer.alloc(TOKEN_SIZE)]]);
      const attributes = [0];
      const { initialize, completeToken } = this.#library.calls;
      const status = (await slowCall(
        initialize,
        [
          this.#credential,
          this.#begun ? this.#context : null,
          memory.text(this.#situation.service),
          PROTECTIONS | MUTUAL,
          0,
          NATIVE,
          this.#inputBuffers(token, memory),
          0,
          this.#context,
          output.pointer,
          attributes,
          memory.allocate(8),
        ],
        signal,
      )) as number;
      if (isFailure(status)) {
        throw sspiFailure('InitializeSecurityContext', status, this.#situation);
      }
      this.#begun = true;
      if (status === COMPLETE || status === COMPLETE_AND_CONTINUE) {
        const done = completeToken(this.#context, output.pointer) as number;
        if (isFailure(done)) throw sspiFailure('CompleteAuthToken', done, this.#situation);
      }
      const answer = output.read(0);
      if (answer.subarray(0, 8).equals(Buffer.from('NTLMSSP\0'))) this.#noteNtlm();
      const complete = status !== CONTINUE && status !== COMPLETE_AND_CONTINUE;
      if (complete) this.#establish(attributes[0] ?? 0);
      return { token: answer.length === 0 ? undefined : answer, complete };
    } finally {
      memory.free();
    }
  }

  async #acquire(memory: SspiMemory, signal: AbortSignal): Promise<void> {
    const status = (await slowCall(
      this.#library.calls.acquire,
      [
        null,
        memory.text(this.#situation.package),
        OUTBOUND,
        null,
        sspiIdentity(this.#input, this.#library, memory),
        null,
        null,
        this.#credential,
        memory.allocate(8),
      ],
      signal,
    )) as number;
    if (isFailure(status)) throw sspiFailure('AcquireCredentialsHandle', status, this.#situation);
    this.#acquired = true;
  }

  /** Returns the SecBufferDesc of the host's token and the channel; null without either. */
  #inputBuffers(token: Buffer | undefined, memory: SspiMemory): bigint | null {
    const { channelBinding } = this.#input;
    const all: [number, Buffer][] = [];
    if (token !== undefined) all.push([BUFFER.token, token]);
    if (channelBinding !== undefined) {
      all.push([BUFFER.channelBindings, SspiMemory.channelBindings(channelBinding)]);
    }
    return all.length === 0 ? null : memory.buffers(all).pointer;
  }

  /** Notes that a token is NTLM's, so that a caller who wants Kerberos does not send it. */
  #noteNtlm(): void {
    if (this.#situation.package === 'Kerberos') throw this.#otherMechanism('NTLM');
    this.#mechanism = 'ntlm';
  }

  /** Checks what was negotiated before anything is sealed with it. */
  #establish(attributes: number): void {
    const { service } = this.#situation;
    const sealing = new SspiSealing(this.#library, this.#context, this.#situation);
    if (this.#mechanism === undefined) {
      const name = sealing.packageName();
      if (name !== 'Kerberos' && name !== 'NTLM') throw this.#otherMechanism(name ?? 'unknown');
      this.#mechanism = name === 'NTLM' ? 'ntlm' : 'kerberos';
    }
    // NTLM has no mutual authentication, except by the sealed messages themselves.
    const expected = this.#mechanism === 'ntlm' ? PROTECTIONS : PROTECTIONS | MUTUAL;
    if (!this.#library.wine && (attributes & expected) !== expected) {
      throw authError(
        'http.auth.unprotected',
        `SSPI granted the protections 0x${attributes.toString(16)} to ${service}; expected 0x${expected.toString(16)}`,
        { data: { found: attributes, expected, service } },
      );
    }
    this.#sealing = sealing;
  }

  #otherMechanism(found: string): Error {
    const { service, package: expected } = this.#situation;
    return authError(
      'http.auth.mechanism',
      `The login to ${service} would use the mechanism ${found}; expected ${expected}`,
      { data: { found, expected, service } },
    );
  }

  #established(): SspiSealing {
    this.#login.checkEstablished();
    return this.#sealing as SspiSealing;
  }

  #release(): void {
    const { deleteContext, freeCredential } = this.#library.calls;
    if (this.#begun) deleteContext(this.#context);
    if (this.#acquired) freeCredential(this.#credential);
    this.#begun = false;
    this.#acquired = false;
    this.#handles.free();
  }
}
