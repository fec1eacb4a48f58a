import { authError } from './contract/auth-errors.ts';
import { challengeOf, type Challenge } from './challenges.ts';
import {
  plainSession,
  type AuthConnection,
  type AuthScheme,
  type AuthSession,
  type AuthTarget,
} from './contract/scheme.ts';

/** Shows nothing. */
const anonymous = (): AuthSession =>
  plainSession('', async () => ({ token: undefined, complete: true }));

/** Shows nothing and sends nothing of the first request, which may have to be sealed: the host answers what it offers. */
function asking(): AuthSession {
  let asked = false;
  return plainSession('', async () => {
    const complete = asked;
    asked = true;
    return { token: undefined, complete };
  });
}

/**
 * What a pool of connections knows of logging in to its host: the scheme, and whether the host let it in. With one scheme to
 * choose from, that is shown at once; with several, the host is asked what it offers.
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

  /** The host has let a request in, and none was refused since. */
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

  /** The scheme that sessions begin with; undefined while the host must be asked, or if there is none. */
  get scheme(): AuthScheme | undefined {
    return this.#scheme;
  }

  /** Takes the first scheme that the host offers, if none was taken yet, and returns the one in use. */
  choose(challenges: readonly Challenge[]): AuthScheme | undefined {
    this.#scheme ??= this.#schemes.find((each) => isOffered(each, challenges));
    return this.#scheme;
  }

  /** Returns the error of a refusal: no user, a wrong one, or no scheme that both sides speak. */
  refusal(challenges: readonly Challenge[]): Error {
    const { url } = this.#target;
    const offered = challenges.map(({ word }) => word);
    const data = { url: url.href, offered };
    if (this.#schemes.length === 0) {
      const offers = offered.length === 0 ? '' : `; it offers ${offered.join(', ')}`;
      return authError('http.auth.missing', `${url.host} requires credentials${offers}`, { data });
    }
    if (this.#scheme !== undefined && isOffered(this.#scheme, challenges)) {
      return authError('http.auth.failed', `${url.host} refused the user name or the password`, {
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
