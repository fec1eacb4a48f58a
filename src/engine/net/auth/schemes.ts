import { authError } from './contract/auth-errors.ts';
import { basic } from './basic/basic.ts';
import { certificate } from './certificate/certificate.ts';
import type { AuthenticationChoice, AuthScheme, AuthTarget } from './contract/scheme.ts';
import { asCurrentUser } from './negotiate/current-user.ts';
import { kerberos } from './negotiate/kerberos.ts';
import { ntlm } from './negotiate/ntlm.ts';
import { sspi } from './negotiate/sspi.ts';

/** Every scheme, in the order of preference of `auto`. */
const SCHEMES: readonly AuthScheme[] = [certificate, sspi, kerberos, ntlm, basic];

/**
 * Returns the schemes that may log in to a target, the preferred first; empty if the target has no
 * credential and every scheme needs a password. Throws `http.auth.scheme` if the chosen scheme does
 * not exist, `http.auth.plain` if it must not be used.
 */
export function usableSchemes(
  choice: AuthenticationChoice,
  target: AuthTarget,
  schemes: readonly AuthScheme[] = SCHEMES,
): readonly AuthScheme[] {
  const named = schemes.filter((scheme) =>
    choice === 'auto' ? scheme.automatic(target) : choice === scheme.name,
  );
  if (named.length === 0 && choice !== 'auto') {
    const expected = schemes.map(({ name }) => name).join(' or ');
    throw authError(
      'http.auth.scheme',
      `${choice} authentication is not supported; this version supports ${expected}`,
      { data: { found: choice, expected } },
    );
  }
  const able = named.filter(
    ({ needsPassword }) => !needsPassword || target.credential !== undefined,
  );
  const objections = able.map((scheme) => scheme.objection(target));
  const allowed = able.filter((_, at) => objections[at] === undefined);
  const [first] = objections;
  if (first !== undefined && allowed.length === 0) throw first;
  const nobody = choice === 'auto' && target.credential === undefined;
  return nobody
    ? allowed.map((each) => (each === certificate ? each : asCurrentUser(each)))
    : allowed;
}
