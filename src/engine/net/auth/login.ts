import { authError } from './contract/auth-errors.ts';
import { challengeOf, type Challenge } from './challenges.ts';
import {
  plainSession,
  type AuthConnection,
  type AuthScheme,
  type AuthSession,
  type AuthTarget,
} from './contract/scheme.ts';

/** Sends no credentials. */
const anonymous = (): AuthSession =>
  plainSession('', async () => ({ token: undefined, complete: true }));

/**
 * Sends no credentials and withholds the first request, which may have to be sealed: the host
 * answers with its offers.
 */
function asking(): AuthSession {
  let asked = false;
  return plainSession('', async () => {
    const complete = asked;
    asked = true;
    return { token: undefined, complete };
  });
}

/**
 * Login state of a pool of connections: the scheme, and whether the host accepted it. If only one
 * scheme is possible, it is used at once; otherwise the host is asked for its offers.
 */
export class Login {
  readonly #target: AuthTarget;
  readonly #schemes: readonly AuthScheme[];
  #scheme: AuthScheme | undefined;
  #letIn = false;

  constructor(target: AuthTarget, schemes: readonly AuthScheme[]) {
    this.#target = target;
    this.#schemes = schemes;
    if (schemes.length === 1) [this.#scheme] = schemes;
  }

  /** Whether the host has accepted a request and rejected none since. */
  get letIn(): boolean {
    return this.#letIn;
  }

  set letIn(value: boolean) {
    this.#letIn = value;
  }

  begin(connection: Omit<AuthConnection, keyof AuthTarget>): AuthSession {
    if (this.#scheme !== undefined) return this.#scheme.begin({ ...this.#target, ...connection });
    return this.#schemes.length === 0 ? anonymous() : asking();
  }

  /**
   * The scheme with which sessions begin; undefined while the host must be asked, or if there is
   * not one.
   */
  get scheme(): AuthScheme | undefined {
    return this.#scheme;
  }

  /**
   * Selects the first scheme that the host offers, unless one is selected already, and returns the
   * selected one.
   */
  choose(challenges: readonly Challenge[]): AuthScheme | undefined {
    this.#scheme ??= this.#schemes.find((each) => isOffered(each, challenges));
    return this.#scheme;
  }

  /**
   * Returns the error of a rejected login: credentials are missing, credentials are wrong, or the
   * two sides have no scheme in common.
   */
  refusal(challenges: readonly Challenge[]): Error {
    const { url } = this.#target;
    const offered = challenges.map(({ word }) => word);
    const data = { url: url.href, offered };
    if (this.#schemes.length === 0) {
      const offers = offered.length === 0 ? '' : `; it offers ${offered.join(', ')}`;
      return authError('http.auth.missing', `${url.host} requires credentials${offers}`, { data });
    }
    if (this.#scheme !== undefined && isOffered(this.#scheme, challenges)) {
      return authError('http.auth.failed', `${url.host} rejected the user name or the password`, {
        data,
      });
    }
    const ours = this.#schemes.map(({ words }) => words[0]).join(' and ');
    return authError(
      'http.auth.scheme',
      `${url.host} wants ${offered.join(' or ') || 'another way of logging in'}; this version speaks ${ours} only`,
      { data },
    );
  }
}

function isOffered({ words }: AuthScheme, challenges: readonly Challenge[]): boolean {
  return words.some((word) => challengeOf(challenges, word) !== undefined);
}
