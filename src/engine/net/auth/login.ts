import { EngineError, isEngineError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { Semaphore } from '../../base/semaphore.ts';
import { challengeOf, type Challenge } from './challenges.ts';
import { isLoopback, needsSealing } from './contract/loopback.ts';
import {
  plainSession,
  type AuthConnection,
  type AuthScheme,
  type AuthSession,
  type AuthTarget,
  type Security,
} from './contract/scheme.ts';
import { loginRefusal, notAgain, withoutNtlm } from './login-refusal.ts';
import { refusedPasswords, type RefusedPasswords } from './refused-passwords.ts';

/** A scheme, and the name that the host has for it. */
export interface Choice {
  readonly scheme: AuthScheme;
  readonly word: string;
}

/** A scheme that was tried before the chosen one, and why it was not possible. */
export interface Abandoned {
  readonly scheme: AuthScheme;
  readonly reason: string;
}

/** Sends no credentials. */
const anonymous = (): AuthSession =>
  plainSession('', async () => ({ token: undefined, complete: true }));

/**
 * Sends no credentials and withholds the first request, which may have to be sealed: the host
 * answers with its offers.
 */
function asking(): AuthSession {
  return plainSession('', async () => ({ token: undefined, complete: false }));
}

/** Maximum time that a login waits for another one of a pool that the host lets in, in milliseconds. */
const LOGIN_PATIENCE_MS = 2000;

/** Failures before the host could check a password, after which another scheme may be tried. */
const HARMLESS = [
  'http.auth.clock',
  'http.auth.kdc',
  'http.auth.library',
  'http.auth.mechanism',
  'http.auth.noTicket',
  'http.auth.spn',
  'http.auth.system',
  'http.auth.token',
  'http.auth.unprotected',
] as const;

/** Failures after which a password was counted as wrong, or would be wherever it is tried next. */
const CHECKED = ['http.auth.expired', 'http.auth.failed', 'http.auth.locked'] as const;

/**
 * Login state of a pool of connections: the scheme, and whether the host accepted it. If only one
 * scheme is possible, it is used at once; otherwise the host is asked for its offers.
 *
 * A wrong password is counted by the host and by the domain, and may lock the account. Therefore:
 * the first login of a pool, and each one after a refusal, runs alone, and its refusal is the
 * answer to all requests that waited for it; a scheme follows another one only if no password was
 * checked yet; a key distribution center that rejects the password ends the login.
 */
export class Login {
  readonly #target: AuthTarget;
  readonly #log: Log;
  readonly #refused: RefusedPasswords;
  readonly #schemes: AuthScheme[];
  readonly #abandoned: Abandoned[] = [];
  readonly #alone = new Semaphore(1);
  readonly #usedWords = new Set<string>();
  #offers: readonly Challenge[] = [];
  #choice: Choice | undefined;
  #letIn = false;
  #security: Security | undefined;
  #refusal: Error | undefined;
  #refusals = 0;

  constructor(
    target: AuthTarget,
    schemes: readonly AuthScheme[],
    log: Log,
    refused: RefusedPasswords = refusedPasswords,
  ) {
    this.#refused = refused;
    this.#target = target;
    this.#log = log;
    this.#schemes = [...schemes];
    const [first, second] = schemes;
    if (first !== undefined && second === undefined) this.#take(first, first.words[0] ?? '');
  }

  /** Whether the host has accepted a request and rejected none since. */
  get letIn(): boolean {
    return this.#letIn;
  }

  /** Protection of the last accepted connection; undefined before the first one. */
  get security(): Security | undefined {
    return this.#security;
  }

  /** Reason why Kerberos was not possible, if the login ended in NTLM instead. */
  get fallback(): string | undefined {
    if (this.#security?.mechanism !== 'ntlm') return undefined;
    if (this.#choice?.scheme.name === 'sspi') {
      const { hostname } = this.#target.url;
      return isLoopback(hostname) ? undefined : `Windows selected NTLM for ${hostname}`;
    }
    return this.#abandoned.find(({ scheme }) => scheme.name !== 'ntlm')?.reason;
  }

  /** Number of logins that were refused so far. */
  get refusals(): number {
    return this.#refusals;
  }

  /** undefined while the host must be asked, or if there is not one. */
  get choice(): Choice | undefined {
    return this.#choice;
  }

  begin(connection: Pick<AuthConnection, 'service' | 'certificate'>): AuthSession {
    if (this.#choice !== undefined) {
      const { scheme, word } = this.#choice;
      return scheme.begin({ ...this.#target, ...connection, word });
    }
    const mayAsk = this.#schemes.length > 0 || needsSealing(this.#target.url);
    return mayAsk ? asking() : anonymous();
  }

  /**
   * Runs a request. It runs alone if it may have to log in with a password that the host has not
   * accepted yet.
   *
   * @param loggedIn the connection of the request has logged in and is still open.
   * @param known value of {@link refusals} when the request was made: it fails with the refusal of
   *   another request that it waited for.
   */
  async attempt<T>(
    known: number,
    loggedIn: boolean,
    run: () => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    if (this.#letIn && loggedIn) return run();
    const release = await this.#turn(signal);
    try {
      if (this.#refusals !== known && this.#refusal !== undefined) throw this.#refusal;
      const refused = this.#refused.find(this.#target);
      if (refused !== undefined && this.#provesPassword) throw notAgain(refused);
      if (!this.#letIn || !loggedIn) return await run();
    } finally {
      release?.();
    }
    return run();
  }

  /**
   * Waits until no other login is under way. While the host lets the pool in, only for a short time: a
   * refusal comes at once, and a long call must not hold up others that open connections.
   */
  async #turn(signal: AbortSignal): Promise<(() => void) | undefined> {
    if (!this.#letIn) return this.#alone.acquire(signal);
    try {
      const patience = AbortSignal.timeout(LOGIN_PATIENCE_MS);
      return await this.#alone.acquire(AbortSignal.any([signal, patience]));
    } catch {
      signal.throwIfAborted();
      return this.#letIn ? undefined : this.#alone.acquire(signal);
    }
  }

  /** Whether a scheme that may be used lets the host, or a domain, count a wrong password. */
  get #provesPassword(): boolean {
    const schemes = this.#choice === undefined ? this.#schemes : [this.#choice.scheme];
    return schemes.some(({ name }) => name !== 'certificate');
  }

  /** Records that the host accepted a request. */
  accepted(security: Security | undefined): void {
    const first = this.#security === undefined;
    if (first) this.#refused.forget(this.#target);
    this.#letIn = true;
    this.#security = security;
    if (!first || security === undefined) return;
    const { host } = this.#target.url;
    const how = `${security.mechanism}${security.sealed ? ', encrypted messages' : ''}`;
    this.#log({ level: 'info', area: 'login', message: `Logged in to ${host}: ${how}` });
    if (this.fallback === undefined) return;
    const message = `Kerberos was not possible with ${host}, so NTLM was used: ${this.fallback}`;
    this.#log({ level: 'warn', area: 'login', message });
  }

  /**
   * Selects the first scheme that the host offers, or another offered name of the selected one, and
   * returns the selection.
   */
  choose(challenges: readonly Challenge[]): Choice | undefined {
    this.#letIn = false;
    this.#offers = challenges;
    if (this.#choice === undefined) this.#takeNext();
    else if (!isOffered(this.#choice.word, challenges)) {
      const { scheme } = this.#choice;
      const word = scheme.words.find(
        (each) => isOffered(each, challenges) && !this.#usedWords.has(each),
      );
      if (word !== undefined) this.#take(scheme, word);
    }
    return this.#choice;
  }

  /**
   * Handles a login that failed before the host answered it: selects another scheme, or throws the
   * failure.
   */
  failed(choice: Choice | undefined, error: unknown): void {
    if (isHarmless(error)) {
      if (this.#abandon(choice, error)) return;
      const { ntlmFallback = true } = this.#target;
      if (!ntlmFallback && choice?.scheme.name !== 'ntlm') throw withoutNtlm(error);
    } else if (isEngineError(error, ...CHECKED)) this.#refuse(error);
    throw error;
  }

  /**
   * Handles a login that the host rejected: selects another scheme, or throws the refusal.
   *
   * @param checked the host may have checked a password or a ticket.
   */
  rejected(challenges: readonly Challenge[], checked: boolean): void {
    const refusal = loginRefusal({
      target: this.#target,
      schemes: this.#schemes,
      choice: this.#choice,
      abandoned: this.#abandoned,
      offered: challenges.map(({ word }) => word),
      checked,
    });
    const counted = checked && this.#choice?.scheme.provesPassword === true;
    if (!counted && this.#abandon(this.#choice, refusal)) return;
    throw this.#refuse(refusal);
  }

  /** Rejects a scheme if the host offers another one. */
  #abandon(choice: Choice | undefined, { message }: Error): boolean {
    if (choice === undefined || this.#security !== undefined) return false;
    if (this.#choice !== choice) return true;
    const left = this.#schemes.filter((each) => each !== choice.scheme);
    if (!left.some((each) => offeredWord(each, this.#offers) !== undefined)) return false;
    this.#schemes.splice(0, this.#schemes.length, ...left);
    this.#abandoned.push({ scheme: choice.scheme, reason: message });
    this.#takeNext();
    return true;
  }

  /** Records a refusal for the requests that wait for this login, and returns it. */
  #refuse(refusal: Error): Error {
    this.#refusals++;
    this.#refusal = refusal;
    if (isEngineError(refusal, 'http.auth.failed')) this.#refused.add(this.#target, refusal);
    return refusal;
  }

  #takeNext(): void {
    for (const scheme of this.#schemes) {
      const word = offeredWord(scheme, this.#offers);
      if (word !== undefined) return this.#take(scheme, word);
    }
  }

  #take(scheme: AuthScheme, word: string): void {
    this.#usedWords.add(word);
    this.#choice = { scheme, word };
  }
}

/** Whether an error says nothing about a password: its kind, or its own word (`counted: false`). */
const isHarmless = (error: unknown): error is EngineError =>
  isEngineError(error, ...HARMLESS) ||
  (isEngineError(error, 'http.auth.failed') && error.data['counted'] === false);

const isOffered = (word: string, challenges: readonly Challenge[]): boolean =>
  challengeOf(challenges, word) !== undefined;

const offeredWord = ({ words }: AuthScheme, challenges: readonly Challenge[]): string | undefined =>
  words.find((word) => isOffered(word, challenges));
