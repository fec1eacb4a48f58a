import { createHmac, randomBytes } from 'node:crypto';
import type { AuthTarget } from './contract/scheme.ts';

/** Maximum number of accounts that are remembered; the oldest are forgotten first. */
const MAX_ACCOUNTS = 1000;

/**
 * Passwords that hosts refused, for the life of the process: a wrong password counts towards the
 * lock-out of its account, so no pool of the process proves it again. Another password of the account
 * replaces the entry. Holds fingerprints, whose key is never stored; processes share nothing.
 */
export class RefusedPasswords {
  readonly #key = randomBytes(32);
  /** By host and account. */
  readonly #refusals = new Map<string, { readonly print: string; readonly error: Error }>();

  /** Returns the refusal of this password; undefined if the host did not refuse it. */
  find(target: AuthTarget): Error | undefined {
    const account = accountOf(target);
    const known = account === undefined ? undefined : this.#refusals.get(account);
    return known?.print === this.#printOf(target) ? known?.error : undefined;
  }

  add(target: AuthTarget, error: Error): void {
    const account = accountOf(target);
    if (account === undefined) return;
    this.#refusals.delete(account);
    this.#refusals.set(account, { print: this.#printOf(target), error });
    const [oldest] = this.#refusals.keys();
    if (this.#refusals.size > MAX_ACCOUNTS && oldest !== undefined) this.#refusals.delete(oldest);
  }

  /** A person wants the password tried once more, or the host accepted it. */
  forget(target: AuthTarget): void {
    const account = accountOf(target);
    if (account !== undefined) this.#refusals.delete(account);
  }

  #printOf({ credential }: AuthTarget): string {
    return createHmac('sha256', this.#key)
      .update(credential?.password.reveal() ?? '')
      .digest('base64');
  }
}

/** Refusals that all pools of this process share. */
export const refusedPasswords = new RefusedPasswords();

/** Names of hosts and domains are compared without case. Without a password nothing is proven. */
function accountOf({ url, credential }: AuthTarget): string | undefined {
  if (credential === undefined || credential.password.reveal() === '') return undefined;
  return JSON.stringify([url.host.toLowerCase(), credential.user.toLowerCase()]);
}
