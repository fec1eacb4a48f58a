import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { authError } from '../auth/contract/auth-errors.ts';
import { challengeOf } from '../auth/challenges.ts';
import type { Login } from '../auth/login.ts';
import type { AuthSession, AuthStep, Message } from '../auth/contract/scheme.ts';
import { tlsSettings } from '../auth/tls/tls.ts';
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
   */
  async post(
    message: Message,
    end: number,
    signal: AbortSignal,
    marks: ExchangeMarks,
  ): Promise<Incoming> {
    const { login } = this.#options;
    // Retry once if the host had accepted the login before: it forgot the session and did not carry
    // out the request, so a retry is safe. Never more often, and never on the first login: wrong
    // passwords lock accounts.
    let again = login.letIn;
    for (;;) {
      const { scheme } = login;
      const answer = await this.#converse(message, end, signal, marks);
      login.letIn = answer.status !== 401;
      if (login.letIn) return answer;
      this.#options.refused(answer);
      this.#endSession();
      if (login.choose(answer.challenges) !== scheme) continue;
      if (!again) throw login.refusal(answer.challenges);
      again = false;
    }
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
  ): Promise<Incoming> {
    let challenge: Buffer | undefined;
    for (let legs = 0; legs < MAX_LEGS; legs++) {
      let used: { readonly session: AuthSession; readonly step: AuthStep } | undefined;
      const prepare = async (socket: Socket): Promise<Outgoing> => {
        const known = this.#current?.socket === socket;
        const session = this.#sessionOf(socket);
        // A token of another connection has no meaning on this one.
        const step = await session.next(known ? challenge : undefined);
        used = { session, step };
        return outgoing(session, step, message);
      };
      const limit = Math.max(1, end - performance.now());
      const answer = await exchange(this.#place, prepare, limit, signal, marks);
      if (used === undefined) return answer;
      const { session, step } = used;
      challenge = challengeOf(answer.challenges, session.word)?.token;
      if (answer.status === 401 && (step.complete || challenge === undefined)) return answer;
      if (!step.complete) continue;
      // The host's final token, which authenticates it.
      if (challenge !== undefined) await session.next(challenge);
      return { ...answer, ...session.unseal(answer) };
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
