import http from 'node:http';
import type { Socket } from 'node:net';
import type { AuthScheme, Message } from '../../../src/engine/net/auth/contract/scheme.ts';
import { authError } from '../../../src/engine/net/auth/contract/auth-errors.ts';

/**
 * A scheme as NTLM and Kerberos are, without their algorithms: two tokens of the client, two of the host, and bodies that are
 * sealed with what the host's token said and a counter, so that they mean nothing on another connection or in another order.
 */
export const SEALED = 'multipart/encrypted;protocol="test"';

const mask = (body: Buffer, nonce: string, count: number): Buffer => {
  const key = Buffer.from(`${nonce}:${count}`);
  return Buffer.from(body.map((byte, i) => byte ^ (key[i % key.length] ?? 0)));
};

/** @param closed told of each session that ends, with its nonce. */
export function threeLegScheme(closed: (nonce: string) => void = () => undefined): AuthScheme {
  return {
    name: 'ntlm',
    words: ['Negotiate'],
    needsPassword: true,
    provesPassword: true,
    automatic: () => true,
    objection: () => undefined,
    begin({ credential }) {
      let nonce = '';
      let state: 'new' | 'asked' | 'shown' | 'known' = 'new';
      let sent = 0;
      let received = 0;
      return {
        word: 'Negotiate',
        get security() {
          const done = state === 'shown' || state === 'known';
          return done ? ({ mechanism: 'ntlm', sealed: true } as const) : undefined;
        },
        async next(challenge) {
          const text = challenge?.toString() ?? '';
          if (state === 'shown' && text === `welcome ${nonce}`) state = 'known';
          else if (state === 'asked' && text.startsWith('nonce ')) {
            nonce = text.slice('nonce '.length);
            state = 'shown';
            const proof = `proof ${nonce} ${credential?.password.reveal()}`;
            return { token: Buffer.from(proof), complete: true };
          } else if (state === 'new') {
            if (challenge !== undefined) throw new Error('this token belongs to another session');
            state = 'asked';
            return { token: Buffer.from('hello'), complete: false };
          }
          return { token: undefined, complete: true };
        },
        seal: ({ body }) => ({ body: mask(body, nonce, sent++), contentType: SEALED }),
        unseal: (message) => {
          if (state !== 'known') throw authError('http.auth.failed', 'the host proved nothing');
          return { body: mask(message.body, nonce, received++), contentType: 'text/xml' };
        },
        sessionKey: () => Buffer.from(nonce),
        close: () => closed(nonce),
      };
    },
  };
}

interface Login {
  nonce: string;
  known: boolean;
  received: number;
  sent: number;
}

/** A host that speaks the scheme: it answers each opened request with `re: ` and the request. */
export class ThreeLegHost {
  /** What came, one line for each request: socket, what was shown, the body as it came. */
  readonly seen: { socket: number; shown: string; body: string }[] = [];
  /** Forgets the logins of all connections before the next request. */
  forget = false;
  /** Closes the connection after its first answer, before the login is complete. */
  hangUp = 0;
  /** Answers 503 to everything, before it looks at a login, as a service that is being started. */
  starting = false;
  /** Answers each token with one more. */
  endless = false;
  readonly password: string;
  readonly server: http.Server;
  readonly #logins = new Map<Socket, Login>();
  readonly #numbers = new Map<Socket, number>();

  constructor(password: string, offers: readonly string[] = ['Negotiate']) {
    this.password = password;
    this.server = http.createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => this.#answer(request, response, Buffer.concat(chunks), offers));
    });
  }

  #answer(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    body: Buffer,
    offers: readonly string[],
  ): void {
    const { socket } = request;
    const number = this.#numbers.get(socket) ?? this.#numbers.size;
    this.#numbers.set(socket, number);
    const [word = '', base64 = ''] = (request.headers.authorization ?? '').split(' ');
    const token = Buffer.from(base64, 'base64').toString();
    this.seen.push({ socket: number, shown: `${word} ${token}`.trim(), body: body.toString() });
    if (this.starting) {
      response.writeHead(503);
      response.end();
      return;
    }
    if (this.forget) this.#logins.clear();
    this.forget = false;
    const login = this.#logins.get(socket);
    const refuse = (challenges: readonly string[]): void => {
      if (this.hangUp-- > 0) response.setHeader('Connection', 'close');
      response.writeHead(401, { 'WWW-Authenticate': [...challenges] });
      response.end();
    };
    const challenge = (text: string): string => `Negotiate ${Buffer.from(text).toString('base64')}`;
    if (this.endless && token !== '') return refuse([challenge('nonce 0')]);
    if (token === 'hello') {
      const nonce = `n${number}`;
      this.#logins.set(socket, { nonce, known: false, received: 0, sent: 0 });
      return refuse([challenge(`nonce ${nonce}`)]);
    }
    if (login !== undefined && token === `proof ${login.nonce} ${this.password}`) {
      login.known = true;
      response.setHeader('WWW-Authenticate', challenge(`welcome ${login.nonce}`));
    }
    if (login?.known !== true) return refuse(offers);
    const { nonce } = login;
    const message: Message = {
      body: mask(body, nonce, login.received++),
      contentType: request.headers['content-type'] ?? '',
    };
    const answer = mask(Buffer.from(`re: ${message.body.toString()}`), nonce, login.sent++);
    response.writeHead(200, { 'Content-Type': SEALED });
    response.end(answer);
  }
}
