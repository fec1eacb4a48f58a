import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { authError } from '../auth/contract/auth-errors.ts';
import { challengeOf } from '../auth/challenges.ts';
import type { Login } from '../auth/login.ts';
import { needsSealing } from '../auth/contract/loopback.ts';
import type { AuthSession, AuthStep, Message, Security } from '../auth/contract/scheme.ts';
import { tlsSettings } from '../auth/tls/tls.ts';
import { beforeLogin, emptied, isOfTransport } from './plain-answers.ts';
import { exchange, type ExchangePlace, type Incoming, type Outgoing } from './exchange.ts';
import type { ExchangeMarks } from './exchange-marks.ts';

/** Settings of a pool, shared by its connections. */
export interface ConnectionOptions extends Omit<ExchangePlace, 'agent'> {
  readonly login: Login;
  /** Milliseconds after which an unused connection is closed. */
  readonly idle: number;
  /** Called for each answer with status 401. */
  readonly refused: (answer: Incoming) => void;
}

/** An answer, and what is known of the login after it. */
interface Conversed {
  readonly answer: Incoming;
  readonly security: Security | undefined;
  /** The host may have checked a password or a ticket. */
  readonly checked: boolean;
  /** The answer is about a login of this request, which took several tokens. */
  readonly fresh: boolean;
}

/** Maximum number of tokens in one login: Kerberos and NTLM take two or three. */
const MAX_LEGS = 10;

/**
 * One connection to a host with its session, opened on demand and reopened after a loss. Carries
 * one request at a time.
 */
export class PooledConnection {
  readonly #options: ConnectionOptions;
  readonly #place: ExchangePlace;
  #current: { readonly socket: Socket; readonly session: AuthSession } | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const keep = { keepAlive: true, maxSockets: 1, timeout: options.idle };
    const agent =
      options.url.protocol === 'https:'
        ? new https.Agent({ ...keep, ...tlsSettings(options.tls) })
        : new http.Agent(keep);
    this.#place = { ...options, agent };
  }

  /**
   * Sends a request, after logging in if the scheme needs several legs, and returns the unsealed
   * answer. Throws `http.auth.*` if the host rejects the login, and `http.*`.
   *
   * @param end deadline of the exchange (performance.now).
   * @param known number of refused logins when the request was made.
   */
  async post(
    message: Message,
    end: number,
    known: number,
    signal: AbortSignal,
    marks: ExchangeMarks,
  ): Promise<Incoming> {
    const { login } = this.#options;
    // Retry once if the host had accepted the login before: it forgot the session and did not carry
    // out the request, so a retry is safe. Never more often, and never on the first login: wrong
    // passwords lock accounts.
    const retry = { left: login.letIn };
    for (;;) {
      const turn = (): Promise<Incoming | undefined> =>
        this.#turn(message, end, retry, signal, marks);
      const loggedIn = this.#isLoggedIn;
      const answer = await login.attempt(known, loggedIn, turn, signal);
      if (answer !== undefined) return answer;
    }
  }

  /**
   * Sends the request once. Returns undefined if it is to be sent again, with another scheme or
   * after a login that the host forgot; throws if it must not be.
   */
  async #turn(
    message: Message,
    end: number,
    retry: { left: boolean },
    signal: AbortSignal,
    marks: ExchangeMarks,
  ): Promise<Incoming | undefined> {
    const { login } = this.#options;
    const { choice } = login;
    let done: Conversed;
    try {
      done = await this.#converse(message, end, signal, marks);
    } catch (error) {
      this.#drop();
      login.failed(choice, error);
      return undefined;
    }
    const { answer, security, checked, fresh } = done;
    if (answer.status !== 401) {
      // HTTP.sys answers 503, for example, without asking the service whether the password is right.
      if (!isOfTransport(answer)) login.accepted(security);
      return answer;
    }
    this.#options.refused(answer);
    this.#endSession();
    if (login.choose(answer.challenges) !== choice) return undefined;
    if (retry.left && !fresh) retry.left = false;
    else login.rejected(answer.challenges, checked);
    return undefined;
  }

  /** Whether the next request needs no login. */
  get #isLoggedIn(): boolean {
    return this.#current?.session.security !== undefined && !this.#current.socket.destroyed;
  }

  close(): void {
    this.#place.agent.destroy();
    this.#endSession();
  }

  /**
   * Sends one request with the legs of its login. Returns a 401 only if the host rejects the
   * session's credentials.
   */
  async #converse(
    message: Message,
    end: number,
    signal: AbortSignal,
    marks: ExchangeMarks,
  ): Promise<Conversed> {
    let challenge: Buffer | undefined;
    for (let legs = 0; legs < MAX_LEGS; legs++) {
      let used: { readonly session: AuthSession; readonly step: AuthStep } | undefined;
      const prepare = async (socket: Socket): Promise<Outgoing> => {
        const known = this.#current?.socket === socket;
        const session = this.#sessionOf(socket);
        // A token of another connection has no meaning on this one.
        const step = await session.next(known ? challenge : undefined);
        used = { session, step };
        if (step.complete) checkProtection(session, this.#options.url);
        return outgoing(session, step, message);
      };
      const limit = Math.max(1, end - performance.now());
      const answer = await exchange(this.#place, prepare, limit, signal, marks);
      if (used === undefined) {
        // The answer was there before the request, whose login still waits: anybody can send it.
        this.#drop();
        const early = beforeLogin(answer, this.#options.url);
        return { answer: early, security: undefined, checked: false, fresh: false };
      }
      const { session, step } = used;
      const told = (heard: Incoming): Conversed => ({
        answer: heard,
        security: session.security,
        checked: step.complete || legs > 0,
        fresh: legs > 0,
      });
      challenge = challengeOf(answer.challenges, session.word)?.token;
      if (answer.status === 401 && (step.complete || challenge === undefined)) return told(answer);
      if (!step.complete) {
        if (challenge !== undefined) continue;
        // The login was not continued: the next request begins another one.
        this.#drop();
        return told(beforeLogin(answer, this.#options.url));
      }
      if (challenge !== undefined) await lastToken(session, challenge, this.#options.url);
      const sealed = session.security?.sealed === true;
      if (sealed && isOfTransport(answer)) return told(emptied(answer));
      return told({ ...answer, ...session.unseal(answer) });
    }
    const { host, href } = this.#options.url;
    throw authError(
      'http.auth.failed',
      `${host} requested more than ${MAX_LEGS} tokens in one login`,
      {
        data: { url: href },
      },
    );
  }

  #sessionOf(socket: Socket): AuthSession {
    if (this.#current?.socket === socket) return this.#current.session;
    this.#endSession();
    const certificate =
      socket instanceof TLSSocket ? socket.getPeerCertificate(true).raw : undefined;
    const session = this.#options.login.begin({ service: 'HTTP', certificate });
    this.#current = { socket, session };
    socket.once('close', () => {
      if (this.#current?.socket === socket) this.#endSession();
    });
    return session;
  }

  #endSession(): void {
    this.#current?.session.close?.();
    this.#current = undefined;
  }

  /** Closes the socket too: after an error its two ends may disagree about the sealed messages. */
  #drop(): void {
    this.#current?.socket.destroy();
    this.#endSession();
  }
}

/**
 * Hands over the host's last token, which authenticates it. Throws `http.auth.sealed` if it does not:
 * the request was sent with the client's last token, and may have been carried out.
 */
async function lastToken(session: AuthSession, token: Buffer, url: URL): Promise<void> {
  try {
    await session.next(token);
  } catch (error) {
    throw authError(
      'http.auth.sealed',
      `${url.host} answered, but its last token does not prove its identity: ${(error as Error).message}. The answer was discarded`,
      { data: { url: url.href }, cause: error },
    );
  }
}

/** Final check: throws if a request would leave unsealed over plain HTTP. */
function checkProtection({ security }: AuthSession, url: URL): void {
  if (!needsSealing(url) || security?.sealed === true) return;
  throw authError(
    'http.auth.plain',
    `The request to ${url.host} would cross the network in plain text. Use https://${url.hostname}:5986 instead`,
    { data: { url: url.href } },
  );
}

function outgoing(session: AuthSession, step: AuthStep, message: Message): Outgoing {
  const { body, contentType } = step.complete
    ? session.seal(message)
    : { body: Buffer.alloc(0), contentType: message.contentType };
  const { token } = step;
  const shown = token && `${session.word} ${token.toString('base64')}`.trimEnd();
  return {
    headers: {
      'Content-Type': contentType,
      ...(shown === undefined ? {} : { Authorization: shown }),
    },
    body,
  };
}
