import { EngineError } from '../../base/errors.ts';
import { authError } from './contract/auth-errors.ts';
import type { AuthScheme, AuthTarget } from './contract/scheme.ts';

/** Facts of a login that the host rejected. */
export interface RefusedLogin {
  readonly target: AuthTarget;
  /** Schemes that were possible. */
  readonly schemes: readonly AuthScheme[];
  readonly choice: { readonly scheme: AuthScheme; readonly word: string } | undefined;
  readonly abandoned: readonly { readonly scheme: AuthScheme; readonly reason: string }[];
  /** Names of the schemes that the host offers. */
  readonly offered: readonly string[];
  /** The host may have checked a password or a ticket. */
  readonly checked: boolean;
}

/** Data of a login that NTLM might have completed; the layers above know who allows it, and how. */
const NTLM_FORBIDDEN = { ntlm: 'forbidden' } as const;
const NTLM_IS_FORBIDDEN = 'NTLM is forbidden for this login';

/**
 * Returns the error of a login that failed before the host answered it, which says that NTLM, which
 * would have been next, is forbidden.
 */
export function withoutNtlm(error: EngineError): Error {
  const data = { ...error.data, ...NTLM_FORBIDDEN };
  const message = `${error.message.replace(/[.]$/, '')}. ${NTLM_IS_FORBIDDEN}`;
  return authError(error.code as Parameters<typeof authError>[0], message, { data, cause: error });
}

/** Returns the error of a password that is not sent again, since the host refused it before. */
export function notAgain(refusal: Error): Error {
  const data = refusal instanceof EngineError ? refusal.data : {};
  return authError(
    'http.auth.failed',
    `${refusal.message.replace(/[.]$/, '')}. The same password was not sent again, since wrong ones lock the account`,
    { data: { ...data, again: false }, cause: refusal },
  );
}

/** Names of schemes in messages. */
const NAMES: Readonly<Record<AuthScheme['name'], string>> = {
  basic: 'Basic',
  certificate: 'a client certificate',
  kerberos: 'Kerberos',
  ntlm: 'NTLM',
  sspi: 'Negotiate',
};

/**
 * Returns the error of a rejected login: credentials are missing, credentials are wrong, the scheme
 * is switched off on the host, or the two sides have no scheme in common.
 */
export function loginRefusal(login: RefusedLogin): Error {
  const { target, schemes, choice, offered } = login;
  const { url } = target;
  const forbids = target.ntlmFallback === false && !schemes.some(({ name }) => name === 'ntlm');
  const data = { url: url.href, offered, ...(forbids ? NTLM_FORBIDDEN : {}) };
  const list = offered.join(' or ');
  if (schemes.length === 0) {
    const offers = offered.length === 0 ? '' : `; it offers ${offered.join(', ')}`;
    return authError('http.auth.missing', `${url.host} requires credentials${offers}`, { data });
  }
  const before = login.abandoned
    .map(({ scheme, reason }) => `. ${NAMES[scheme.name]} was not possible: ${reason}`)
    .join('');
  const forbidden = forbids ? `. ${NTLM_IS_FORBIDDEN}` : '';
  const mine = choice?.scheme.words.some((word) =>
    offered.some((each) => each.toLowerCase() === word.toLowerCase()),
  );
  if (choice === undefined || mine !== true) {
    const ours = [...new Set(schemes.map(({ name }) => NAMES[name]))].join(' and ');
    return authError(
      'http.auth.scheme',
      `${url.host} offers ${list || 'no way of logging in'}; this login supports ${ours}${before}${forbidden}`,
      { data },
    );
  }
  if (!login.checked && choice.scheme.provesPassword) {
    return authError(
      'http.auth.scheme',
      `${url.host} refused ${NAMES[choice.scheme.name]} before it checked a password: it is switched off there. Offered: ${list}${before}${forbidden}`,
      { data },
    );
  }
  return authError(
    'http.auth.failed',
    `${url.host} ${REJECTED[choice.scheme.name]}${before}${forbidden}`,
    {
      data,
    },
  );
}

const REJECTED: Readonly<Record<AuthScheme['name'], string>> = {
  basic: 'rejected the user name or the password',
  certificate:
    'rejected the client certificate. It must be mapped to a local account of the host, and its issuer be trusted there',
  kerberos:
    'rejected the Kerberos ticket. The account may not log in there, the clocks differ, or its service name belongs to another computer',
  ntlm: 'rejected the user name or the password. NTLM does not tell whether the account is locked, disabled or expired',
  sspi: 'rejected the login. Windows does not tell whether the password is wrong, or the account locked, disabled or expired',
};
