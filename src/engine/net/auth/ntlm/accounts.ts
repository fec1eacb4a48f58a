/** Accounts that an NTLM service knows. */
import { parseUserName } from '../contract/user-name.ts';
import type { Secret } from '../contract/secret.ts';
import type { ServerNames } from './messages/av-pairs.ts';
import type { NtlmIdentity } from './identity.ts';

/** Why an account must not log in although its password is right. */
export type AccountState = 'enabled' | 'locked' | 'expired' | 'disabled';

export interface NtlmAccount {
  /** `DOMAIN\user`, or `user` for an account of the computer itself. */
  readonly name: string;
  readonly password: Secret;
  /** Default: enabled. */
  readonly state?: AccountState;
}

/** Finds accounts. Comparisons ignore case, like Windows. */
export interface NtlmAccounts {
  /** Returns the account that a message names; undefined if there is not one. */
  find(identity: NtlmIdentity): NtlmAccount | undefined;
}

/**
 * Returns a source of accounts. An account without domain belongs to the computer. A message names
 * it without domain, or with the computer's name; accounts of the domain are found by its NetBIOS or
 * DNS name, as `user@domain`, and without domain.
 */
export function accountsOf(names: ServerNames, accounts: readonly NtlmAccount[]): NtlmAccounts {
  const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
  /** Replaces every name of the computer and of its domain with the NetBIOS name. */
  const canonical = (domain: string): string => {
    if (domain === '.' || same(domain, names.dnsComputer)) return names.nbComputer;
    return same(domain, names.dnsDomain) ? names.nbDomain : domain;
  };
  const known = accounts.map((account) => {
    const name = parseUserName(account.name);
    const domain = 'domain' in name ? name.domain : names.nbComputer;
    return { account, user: name.user, domain: canonical(domain) };
  });
  return {
    find({ user, domain }) {
      const named = domain === '' ? parseUserName(user) : { kind: 'domain', user, domain };
      const where = 'domain' in named ? canonical(named.domain) : undefined;
      return known.find(
        (each) => same(each.user, named.user) && (where === undefined || same(each.domain, where)),
      )?.account;
    },
  };
}
