import http from 'node:http';
import https from 'node:https';
import type { TLSSocket } from 'node:tls';
import { isEngineError } from '../../base/errors.ts';
import { Semaphore } from '../../base/semaphore.ts';
import type { Authentication } from '../auth/basic/basic.ts';
import { httpError } from './http-errors.ts';
import { connectionFailure } from './http-failures.ts';
import { tlsPortError } from '../auth/tls/wrong-port.ts';
import { certificateFailure, tlsSettings, type TlsOptions } from '../auth/tls/tls.ts';

export interface HttpOptions {
  readonly url: URL;
  readonly authentication: Authentication;
  readonly tls: TlsOptions;
  readonly timeoutSeconds: number;
  /** Requests under way at once; each has a connection of its own. */
  readonly connections: number;
  readonly maxBody: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  /** Schemes of WWW-Authenticate. */
  readonly offered: readonly string[];
}

/**
 * Unused connections are closed after this time: before the host does (Windows after 120 s), so that no request
 * meets a connection that is just being closed.
 */
const IDLE_MILLISECONDS = 30_000;

/**
 * A pool of kept-alive connections to one address. The certificate is checked before a byte of the request, so
 * before any credential, is sent. Throws `http.*`.
 */
export class HttpConnection {
  readonly #options: HttpOptions;
  readonly #agent: http.Agent;
  readonly #places: Semaphore;
  /** Sockets whose certificate was judged; only new ones are. */
  readonly #trusted = new WeakSet<object>();
  #answered = false;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#places = new Semaphore(options.connections);
    const keep = { keepAlive: true, maxSockets: options.connections, timeout: IDLE_MILLISECONDS };
    this.#agent =
      options.url.protocol === 'https:'
        ? new https.Agent({ ...keep, ...tlsSettings(options.tls) })
        : new http.Agent(keep);
  }

  /**
   * Posts a body and returns the whole answer, whatever its status.
   *
   * @param left milliseconds that the exchange may take, if less than the connection's own limit.
   */
  post(
    body: Buffer,
    contentType: string,
    signal: AbortSignal,
    left = Number.POSITIVE_INFINITY,
  ): Promise<HttpAnswer> {
    return this.#places.run(() => this.#post(body, contentType, signal, left), signal);
  }

  async close(): Promise<void> {
    this.#agent.destroy();
  }

  #post(body: Buffer, contentType: string, signal: AbortSignal, left: number): Promise<HttpAnswer> {
    const { url, authentication, timeoutSeconds } = this.#options;
    const prepared = authentication.prepare(body, contentType);
    return new Promise<HttpAnswer>((resolve, reject) => {
      const module = url.protocol === 'https:' ? https : http;
      const request = module.request(url, {
        method: 'POST',
        agent: this.#agent,
        signal,
        headers: {
          'Content-Type': prepared.contentType,
          'Content-Length': prepared.body.length,
          ...prepared.headers,
        },
      });
      // For the whole exchange: a host that sends a byte now and then does not get more.
      const timer = setTimeout(
        () => {
          request.destroy(
            httpError('http.timeout', `${url.host} did not answer within ${timeoutSeconds} s`, {
              data: { url: url.href, seconds: timeoutSeconds },
            }),
          );
        },
        Math.min(left, timeoutSeconds * 1000),
      );
      let connected = false;
      request.on('socket', (socket) => {
        connected = !socket.connecting;
        if (socket.connecting) socket.once('connect', () => (connected = true));
        else connected = true;
      });
      const fail = (error: Error): void => {
        clearTimeout(timer);
        if (signal.aborted) return reject(signal.reason as Error);
        const failure = connectionFailure(error, url, connected);
        // A port that never answered may speak TLS and not say so.
        if (this.#answered || !isEngineError(failure, 'http.lost')) return reject(failure);
        void tlsPortError(url).then((expected) => reject(expected ?? failure));
      };
      request.on('error', fail);
      request.on('response', (response) => {
        this.#collect(response).then(
          (answer) => {
            clearTimeout(timer);
            this.#answered = true;
            resolve(answer);
          },
          (error: Error) => {
            request.destroy();
            fail(error);
          },
        );
      });
      this.#whenTrusted(request, () => request.end(prepared.body));
    });
  }

  /** Goes on once the peer of the request's socket is known to be the right one; until then nothing is sent. */
  #whenTrusted(request: http.ClientRequest, send: () => void): void {
    const { url, tls } = this.#options;
    if (url.protocol !== 'https:') {
      send();
      return;
    }
    request.on('socket', (socket) => {
      const judge = (): void => {
        const failure = certificateFailure(socket as TLSSocket, tls, url);
        if (failure !== undefined) {
          request.destroy(failure);
          return;
        }
        this.#trusted.add(socket);
        send();
      };
      if (this.#trusted.has(socket)) send();
      else socket.once('secureConnect', judge);
    });
  }

  async #collect(response: http.IncomingMessage): Promise<HttpAnswer> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > this.#options.maxBody) {
        throw httpError(
          'http.tooLarge',
          `The answer is larger than ${this.#options.maxBody} bytes`,
          {
            data: { expected: this.#options.maxBody },
          },
        );
      }
      chunks.push(chunk);
    }
    const contentType = response.headers['content-type'] ?? '';
    const header = response.headers['www-authenticate'] ?? '';
    return {
      status: response.statusCode ?? 0,
      contentType,
      body: this.#options.authentication.open(Buffer.concat(chunks), contentType),
      offered: header.split(',').map((part) => part.trim().split(' ')[0] ?? ''),
    };
  }
}
