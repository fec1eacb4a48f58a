/**
 * A user's name in one of the spellings that people enter. Says which account is meant, not how a
 * mechanism writes it: NTLM and Kerberos do that themselves.
 */
export type UserName =
  /** `DOMAIN\user`: an account of a domain, or of the computer with this name. */
  | { readonly kind: 'domain'; readonly user: string; readonly domain: string }
  /** `user@domain`: a principal name. */
  | { readonly kind: 'principal'; readonly user: string; readonly domain: string }
  /** `.\user`: a local account of the host. */
  | { readonly kind: 'local'; readonly user: string }
  /** `user`: the host decides where the account is. */
  | { readonly kind: 'plain'; readonly user: string };

/**
 * Splits a user's name. A backslash takes precedence over `@`, which may occur in a user's name; the
 * last `@` separates the domain. Never throws: a name without a user has an empty `user`.
 */
export function parseUserName(text: string): UserName {
  const name = text.trim();
  const slash = name.indexOf('\\');
  if (slash >= 0) {
    const domain = name.slice(0, slash);
    const user = name.slice(slash + 1);
    if (domain === '.') return { kind: 'local', user };
    return domain === '' ? { kind: 'plain', user } : { kind: 'domain', user, domain };
  }
  const at = name.lastIndexOf('@');
  if (at < 0 || at === name.length - 1) return { kind: 'plain', user: name };
  return { kind: 'principal', user: name.slice(0, at), domain: name.slice(at + 1) };
}
