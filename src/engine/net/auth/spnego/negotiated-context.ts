import type { Buffer } from 'node:buffer';
import { authError } from '../contract/auth-errors.ts';
import type { MechanismContext } from '../contract/mechanism.ts';
import type { SealedBytes, SecurityContext, SecurityStep } from '../contract/security-context.ts';

/** Passes messages to the negotiated mechanism once the negotiation is complete. */
export abstract class NegotiatedContext<
  Context extends MechanismContext,
> implements SecurityContext {
  /** Context of the selected mechanism, or of the one that is tried first. */
  protected current: Context | undefined;
  protected complete = false;
  #closed = false;
  #failed = false;

  abstract readonly mechanism: SecurityContext['mechanism'];
  /** Answers a token; called only while the negotiation is open. */
  protected abstract negotiate(token: Buffer | undefined): Promise<SecurityStep>;

  async step(token: Buffer | undefined): Promise<SecurityStep> {
    if (this.#closed || this.#failed || this.complete) {
      const why = this.complete ? 'complete already' : 'closed, or has failed';
      throw authError('http.auth.token', `The SPNEGO negotiation is ${why}`);
    }
    try {
      return await this.negotiate(token);
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }

  seal(plain: Buffer): SealedBytes {
    return this.established().seal(plain);
  }

  unseal(sealed: SealedBytes): Buffer {
    return this.established().unseal(sealed);
  }

  sessionKey(): Buffer {
    return this.established().sessionKey();
  }

  close(): void {
    this.#closed = true;
    this.current?.close();
  }

  protected established(): Context {
    if (this.complete && !this.#closed && this.current !== undefined) return this.current;
    throw authError('http.auth.token', 'The SPNEGO negotiation is not complete, or is closed');
  }
}
