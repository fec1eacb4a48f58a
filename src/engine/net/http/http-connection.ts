import http from 'node:http';
import https from 'node:https';
import type { TLSSocket } from 'node:tls';
import { Semaphore } from '../../base/semaphore.ts';
import type { Authentication } from './authentication.ts';
import { httpError } from './http-errors.ts';
import { certificateFailure, connectionFailure } from './http-failures.ts';

export interface TlsOptions {
  /** PEM of the authorities, or of the certificate itself, to trust instead of the system's. */
  readonly ca?: string;
  /** SHA-256 of the certificate, in hex with or without colons: this one and no other. */
  readonly fingerprint?: string;
}

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
 * A pool of kept-alive connections to one address. The certificate is checked before a byte of the request, so
 * before any credential, is sent. Throws `http.*`.
 */
export class HttpConnection {
  readonly #options: HttpOptions;
  readonly #agent: http.Agent;
  readonly #places: Semaphore;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#places = new Semaphore(options.connections);
    const keep = { keepAlive: true, maxSockets: options.connections };
    this.#agent =
      options.url.protocol === 'https:'
        ? new https.Agent({ ...keep, ...tlsSettings(options.tls) })
        : new http.Agent(keep);
  }

  /** Posts a body and returns the whole answer, whatever its status. */
  post(body: Buffer, contentType: string, signal: AbortSignal): Promise<HttpAnswer> {
    return this.#places.run(() => this.#post(body, contentType, signal), signal);
  }

  async close(): Promise<void> {
    this.#agent.destroy();
  }

  #post(body: Buffer, contentType: string, signal: AbortSignal): Promise<HttpAnswer> {
    const { url, authentication, tls, timeoutSeconds } = this.#options;
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
      let answered = false;
      request.setTimeout(timeoutSeconds * 1000, () => {
        request.destroy(
          httpError('http.timeout', `${url.host} did not answer within ${timeoutSeconds} s`, {
            data: { url: url.href, seconds: timeoutSeconds },
          }),
        );
      });
      request.on('error', (error) => {
        reject(signal.aborted ? (signal.reason as Error) : connectionFailure(error, url, answered));
      });
      request.on('response', (response) => {
        answered = true;
        this.#collect(response).then(resolve, (error: Error) => {
          request.destroy();
          reject(signal.aborted ? (signal.reason as Error) : connectionFailure(error, url, true));
        });
      });
      const send = (): void => {
        request.end(prepared.body);
      };
      const { fingerprint } = tls;
      if (url.protocol === 'https:' && fingerprint !== undefined) {
        request.on('socket', (socket) => {
          whenSecure(socket as TLSSocket, () => {
            const failure = certificateFailure(socket as TLSSocket, fingerprint, url);
            if (failure === undefined) send();
            else request.destroy(failure);
          });
        });
      } else send();
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

function tlsSettings(tls: TlsOptions): https.AgentOptions {
  if (tls.fingerprint !== undefined) {
    // The pin is checked on the connected socket, before anything is sent.
    return { rejectUnauthorized: false };
  }
  return tls.ca === undefined ? {} : { ca: tls.ca };
}

function whenSecure(socket: TLSSocket, then: () => void): void {
  // A kept-alive socket was checked when it was made.
  if (socket.encrypted && socket.getCipher() !== undefined && !socket.connecting) then();
  else socket.once('secureConnect', then);
}
