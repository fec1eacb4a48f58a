import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { isEngineError } from '../../base/errors.ts';
import { parseChallenges, type Challenge } from '../auth/challenges.ts';
import { certificateFailure, type TlsOptions } from '../auth/tls/tls.ts';
import { tlsPortError } from '../auth/tls/wrong-port.ts';
import type { ExchangeMarks } from './exchange-marks.ts';
import { httpError } from './http-errors.ts';
import { connectionFailure } from './http-failures.ts';

/** Settings and state of the pool that an exchange needs. */
export interface ExchangePlace {
  readonly url: URL;
  readonly tls: TlsOptions;
  readonly agent: http.Agent;
  /** Time limit in seconds, as shown in the timeout's message. */
  readonly timeoutSeconds: number;
  readonly maxBody: number;
  /** Sockets whose certificate was checked; only new sockets are checked. */
  readonly trusted: WeakSet<Socket>;
  /** Whether the host has answered before, so that it is known to use this protocol. */
  readonly peer: { answered: boolean };
}

export interface Outgoing {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Incoming {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  readonly challenges: readonly Challenge[];
}

/**
 * Posts once and returns the whole answer, whatever its status. Checks the certificate before it
 * sends a byte of the request; `prepare` creates the request after that check. Throws `http.*`.
 *
 * @param limit milliseconds for the whole exchange, even if the host keeps sending single bytes.
 * @param marks receives times and sizes.
 */
export function exchange(
  place: ExchangePlace,
  prepare: (socket: Socket) => Promise<Outgoing>,
  limit: number,
  signal: AbortSignal,
  marks: ExchangeMarks,
): Promise<Incoming> {
  const { url, agent, timeoutSeconds } = place;
  return new Promise<Incoming>((resolve, reject) => {
    const module = url.protocol === 'https:' ? https : http;
    const request = module.request(url, { method: 'POST', agent, signal });
    const timer = setTimeout(() => {
      const message = `${url.host} did not answer within ${timeoutSeconds} s`;
      const data = { url: url.href, seconds: timeoutSeconds };
      request.destroy(httpError('http.timeout', message, { data }));
    }, limit);
    let connected = false;
    /** The error that `prepare` threw, so that there is no request to send. */
    let unprepared: Error | undefined;
    const fail = (error: Error): void => {
      clearTimeout(timer);
      if (signal.aborted) return reject(signal.reason as Error);
      if (unprepared !== undefined) return reject(unprepared);
      const failure = connectionFailure(error, url, connected);
      // A port that never answered may use TLS without reporting it.
      if (place.peer.answered || !isEngineError(failure, 'http.lost')) return reject(failure);
      void tlsPortError(url).then((expected) => reject(expected ?? failure));
    };
    request.on('error', fail);
    request.on('response', (response) => {
      marks.firstByte = performance.now();
      marks.status = response.statusCode ?? 0;
      collect(response, place.maxBody).then(
        (answer) => {
          clearTimeout(timer);
          place.peer.answered = true;
          marks.receivedBytes += answer.body.length;
          resolve(answer);
        },
        (error: Error) => {
          request.destroy();
          fail(error);
        },
      );
    });
    request.on('socket', (socket) => {
      connected = !socket.connecting;
      if (socket.connecting) socket.once('connect', () => (connected = true));
      const send = (): void => {
        prepare(socket).then(
          ({ headers, body }) => {
            if (request.destroyed) return;
            for (const [name, value] of Object.entries(headers)) request.setHeader(name, value);
            request.setHeader('Content-Length', body.length);
            request.end(body);
            marks.sent = performance.now();
            marks.sentBytes += body.length;
          },
          (error: Error) => {
            unprepared = error;
            request.destroy(error);
          },
        );
      };
      whenTrusted(socket, place, send, (failure) => request.destroy(failure));
    });
  });
}

/** Calls back after the peer of a socket was authenticated; nothing is sent before. */
function whenTrusted(
  socket: Socket,
  { url, tls, trusted }: ExchangePlace,
  send: () => void,
  refuse: (failure: Error) => void,
): void {
  if (url.protocol !== 'https:' || trusted.has(socket)) return send();
  socket.once('secureConnect', () => {
    const failure = certificateFailure(socket as TLSSocket, tls, url);
    if (failure !== undefined) return refuse(failure);
    trusted.add(socket);
    send();
  });
}

async function collect(response: http.IncomingMessage, maxBody: number): Promise<Incoming> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBody) {
      throw httpError('http.tooLarge', `The answer is larger than ${maxBody} bytes`, {
        data: { expected: maxBody },
      });
    }
    chunks.push(chunk);
  }
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers['content-type'] ?? '',
    body: Buffer.concat(chunks),
    challenges: parseChallenges(response.headersDistinct['www-authenticate'] ?? []),
  };
}
