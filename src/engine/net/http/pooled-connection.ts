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

/** Settings of a pool that each of its connections has. */
export interface ConnectionOptions extends Omit<ExchangePlace, 'agent'> {
  readonly login: Login;
  /** Milliseconds after which an unused connection is closed. */
  readonly idle: number;
  /** Told of each answer that is a refusal (401). */
  readonly refused: (answer: Incoming) => void;
}

/** Maximum number of tokens that one login may take: Kerberos and NTLM take two or three. */
const MAX_LEGS = 10;

/**
 * One connection to a host, opened when it is needed and again after it was lost, with the session that belongs to it. It
 * carries one request at a time.
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
   * Sends a request, logging in first where the scheme has legs of its own, and returns the opened answer. Throws
   * `http.auth.*` if the host refuses the login, and `http.*`.
   *
   * @param end time (performance.now) at which it must have ended.
   */
  async post(message: Message, end: number, signal: AbortSignal): Promise<Incoming> {
    const { login } = this.#options;
    // Refused after it was let in: the host forgot the session and did nothing, so once more is safe. Not more often, and
    // never at the start: wrong passwords lock accounts.
    let again = login.letIn;
    for (;;) {
      const { scheme } = login;
      const answer = await this.#converse(message, end, signal);
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

  /** One request with the legs of its login. Returns a 401 only if the host refuses what the session has to show. */
  async #converse(message: Message, end: number, signal: AbortSignal): Promise<Incoming> {
    let challenge: Buffer | undefined;
    for (let legs = 0; legs < MAX_LEGS; legs++) {
      let used: { readonly session: AuthSession; readonly step: AuthStep } | undefined;
      const prepare = async (socket: Socket): Promise<Outgoing> => {
        const known = this.#current?.socket === socket;
        const session = this.#sessionOf(socket);
        // A token of another connection means nothing on this one.
        const step = await session.next(known ? challenge : undefined);
        used = { session, step };
        return outgoing(session, step, message);
      };
      const limit = Math.max(1, end - performance.now());
      const answer = await exchange(this.#place, prepare, limit, signal);
      if (used === undefined) return answer;
      const { session, step } = used;
      challenge = challengeOf(answer.challenges, session.word)?.token;
      if (answer.status === 401 && (step.complete || challenge === undefined)) return answer;
      if (!step.complete) continue;
      // The host's last word, by which it proves itself.
      if (challenge !== undefined) await session.next(challenge);
      return { ...answer, ...session.unseal(answer) };
    }
    const { host, href } = this.#options.url;
    throw authError('http.auth.failed', `${host} asked for more than ${MAX_LEGS} tokens`, {
      data: { url: href },
    });
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
