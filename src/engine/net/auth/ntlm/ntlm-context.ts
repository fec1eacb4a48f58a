import { Buffer } from 'node:buffer';
import { authError } from '../contract/auth-errors.ts';
import type { MechanismContext } from '../contract/mechanism.ts';
import type { SealedBytes, SecurityStep } from '../contract/security-context.ts';
import { messageKeys } from './keys/message-keys.ts';
import { hasFlag } from './messages/flags.ts';
import { Sealing } from './sealing.ts';

/** Both ends of an NTLM login have this in common: what follows once the session key is known. */
export abstract class NtlmContext implements MechanismContext {
  readonly mechanism = 'ntlm';
  #sealing: Sealing | undefined;
  #sessionKey: Buffer | undefined;
  #canSeal = false;
  #closed = false;

  abstract step(token: Buffer | undefined): Promise<SecurityStep>;
  abstract readonly needsListMic: boolean;

  seal(plain: Buffer): SealedBytes {
    return this.#forMessages().seal(plain);
  }

  unseal(sealed: SealedBytes): Buffer {
    return this.#forMessages().unseal(sealed);
  }

  signList(list: Buffer): Buffer {
    return this.#established().getMic(list);
  }

  verifyList(list: Buffer, mic: Buffer): void {
    try {
      this.#established().verifyMic(list, mic);
    } catch (cause) {
      throw authError(
        'http.auth.downgrade',
        'The signature of the list of mechanisms is wrong: the list was changed on the way, or the peer has another key',
        { cause },
      );
    }
  }

  sessionKey(): Buffer {
    this.#established();
    return Buffer.from(this.#sessionKey ?? []);
  }

  close(): void {
    this.#closed = true;
    this.#sealing?.clear();
    this.#sessionKey?.fill(0);
  }

  /**
   * Derives the keys of both directions. Takes ownership of the session key.
   * @param flags negotiated flags.
   */
  protected establish(sessionKey: Buffer, flags: number, side: 'client' | 'server'): void {
    const client = messageKeys(sessionKey, flags, 'client-to-server');
    const server = messageKeys(sessionKey, flags, 'server-to-client');
    const [out, incoming] = side === 'client' ? [client, server] : [server, client];
    this.#sealing = new Sealing(out, incoming, hasFlag(flags, 'keyExchange'));
    this.#sessionKey = sessionKey;
    this.#canSeal = hasFlag(flags, 'seal');
  }

  /** Throws if the context was closed. */
  protected checkOpen(): void {
    if (this.#closed) throw authError('http.auth.token', 'The NTLM context is closed');
  }

  #established(): Sealing {
    this.checkOpen();
    if (this.#sealing === undefined) {
      throw authError('http.auth.token', 'The NTLM login is not complete: there is no key yet');
    }
    return this.#sealing;
  }

  #forMessages(): Sealing {
    const sealing = this.#established();
    if (!this.#canSeal) {
      throw authError('http.auth.unprotected', 'The NTLM login does not include sealing');
    }
    return sealing;
  }
}
