import { authError } from '../contract/auth-errors.ts';
import { isLoopback } from '../contract/loopback.ts';
import { plainSession, type AuthScheme } from '../contract/scheme.ts';

/**
 * Basic (RFC 7617): each request carries user and password in plain text. Allowed only over TLS, or
 * on loopback.
 */
export const basic: AuthScheme = {
  name: 'basic',
  words: ['Basic'],
  needsPassword: true,
  provesPassword: true,
  automatic: () => true,
  objection({ url }) {
    if (url.protocol === 'https:' || isLoopback(url.hostname)) return undefined;
    return authError(
      'http.auth.plain',
      `Basic authentication would send the password to ${url.host} in plain text. Use https://${url.hostname}:5986 instead`,
      { data: { url: url.href } },
    );
  },
  begin({ credential }) {
    const login = credential && Buffer.from(`${credential.user}:${credential.password.reveal()}`);
    return plainSession('Basic', async () => ({ token: login, complete: true }), 'basic');
  },
};
