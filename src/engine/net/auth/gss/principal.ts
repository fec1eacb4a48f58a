import { authError } from '../contract/auth-errors.ts';
import { parseUserName } from '../contract/user-name.ts';

/**
 * Returns the principal of a user for gss_import_name. The domain is written as a realm, in upper
 * case; without one the default realm of krb5.conf applies. Throws `http.auth.mechanism` for a local
 * account of the host, which no realm knows, and `http.auth.missing` without a user.
 */
export function kerberosPrincipal(text: string): string {
  const name = parseUserName(text);
  if (name.user === '') {
    throw authError('http.auth.missing', `The user name ${JSON.stringify(text)} has no user`);
  }
  switch (name.kind) {
    case 'local':
      throw authError(
        'http.auth.mechanism',
        `${text} is a local account of the host, which Kerberos does not know. Use NTLM, or an account of the domain`,
        { data: { user: text } },
      );
    case 'plain':
      return escape(name.user);
    case 'domain':
    case 'principal':
      return `${escape(name.user)}@${escape(name.domain.toUpperCase())}`;
  }
}

/** Escapes the separators of principal names (RFC 1964 2.1.3). */
function escape(part: string): string {
  return part.replace(/[\\/@]/g, '\\$&');
}
