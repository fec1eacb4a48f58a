import type { Socket } from 'node:net';
import { noLog, type Log } from '../../base/log.ts';
import { Semaphore } from '../../base/semaphore.ts';
import { Login } from '../auth/login.ts';
import type { AuthScheme, AuthTarget, Security } from '../auth/contract/scheme.ts';
import type { Credential } from '../auth/contract/secret.ts';
import type { TlsOptions } from '../auth/tls/tls.ts';
import type { Incoming } from './exchange.ts';
import { newMarks } from './exchange-marks.ts';
import { PooledConnection, type ConnectionOptions } from './pooled-connection.ts';

export interface HttpOptions {
  readonly url: URL;
  readonly credential: Credential | undefined;
  /**
   * Schemes that may be used with this host (`usableSchemes`), the preferred first; empty: no
   * credentials are sent.
   */
  readonly schemes: readonly AuthScheme[];
  readonly tls: TlsOptions;
  readonly timeoutSeconds: number;
  /** Maximum number of concurrent requests; each has its own connection. */
  readonly connections: number;
  readonly maxBody: number;
  /** Further facts of the target, for messages. */
  readonly target?: Pick<AuthTarget, 'ntlmFallback' | 'clientCertificate'>;
  /** Receives the mechanism of the first login, and a warning if Kerberos was not possible. */
  readonly log?: Log;
}

export type HttpAnswer = Pick<Incoming, 'status' | 'contentType' | 'body'>;

/**
 * Unused connections are closed after this time, before the host closes them (Windows after 120 s),
 * so that no request is sent on a connection that is just being closed.
 */
const IDLE_MILLISECONDS = 30_000;

/** A pool of kept-alive connections to one address. Throws `http.*`. */
export class HttpConnection {
  readonly #places: Semaphore;
  readonly #options: ConnectionOptions;
  readonly #all: PooledConnection[] = [];
  /** Idle connections, the most recently used last. */
  readonly #free: PooledConnection[] = [];

  /** @param refused called for each answer with status 401. */
  constructor(options: HttpOptions, refused: (answer: HttpAnswer) => void = () => undefined) {
    const { target = {}, credential, schemes, connections, log = noLog, ...rest } = options;
    this.#places = new Semaphore(connections);
    this.#options = {
      ...rest,
      login: new Login({ ...target, url: options.url, credential }, schemes, log),
      trusted: new WeakSet<Socket>(),
      peer: { answered: false },
      idle: IDLE_MILLISECONDS,
      refused,
    };
  }

  /**
   * Posts a body and returns the whole answer, whatever its status. Throws if the login is
   * rejected.
   *
   * @param left milliseconds for the exchange, if less than the connection's own limit.
   * @param marks receives times and sizes.
   */
  post(
    body: Buffer,
    contentType: string,
    signal: AbortSignal,
    left = Number.POSITIVE_INFINITY,
    marks = newMarks(),
  ): Promise<HttpAnswer> {
    const known = this.#options.login.refusals;
    return this.#places.run(async () => {
      const end = performance.now() + Math.min(left, this.#options.timeoutSeconds * 1000);
      const connection = this.#free.pop() ?? this.#open();
      marks.queued = performance.now();
      marks.connection = this.#all.indexOf(connection) + 1;
      try {
        return await connection.post({ body, contentType }, end, known, signal, marks);
      } finally {
        this.#free.push(connection);
      }
    }, signal);
  }

  /** Mechanism and protection of the last login; undefined before the first one. */
  get security(): (Security & { readonly fallback: string | null }) | undefined {
    const { security, fallback = null } = this.#options.login;
    return security && { ...security, fallback };
  }

  async close(): Promise<void> {
    for (const connection of this.#all) connection.close();
  }

  #open(): PooledConnection {
    const connection = new PooledConnection(this.#options);
    this.#all.push(connection);
    return connection;
  }
}
