import { isEngineError } from '../../../base/errors.ts';
import { authError } from '../contract/auth-errors.ts';
import { withSteps, type AuthScheme, type AuthSession } from '../contract/scheme.ts';

/**
 * Changes a scheme so that a failed login as the current user asks for a user and a password.
 * `auto` tries it if no user is given; a person who has no ticket did not choose it.
 */
export function asCurrentUser(scheme: AuthScheme): AuthScheme {
  const missing = (error: unknown, host: string): unknown =>
    isEngineError(error) && error.code.startsWith('http.auth.')
      ? authError(
          'http.auth.missing',
          `${host} requires credentials. The login as the current user is not possible: ${error.message}`,
          { data: error.data, cause: error },
        )
      : error;
  return {
    ...scheme,
    begin: (connection) => {
      const { host } = connection.url;
      let session: AuthSession;
      try {
        session = scheme.begin(connection);
      } catch (error) {
        throw missing(error, host);
      }
      const next: AuthSession['next'] = async (challenge) => {
        try {
          return await session.next(challenge);
        } catch (error) {
          // Later failures are about the host, not about the user.
          throw challenge === undefined ? missing(error, host) : error;
        }
      };
      return withSteps(session, next);
    },
  };
}
