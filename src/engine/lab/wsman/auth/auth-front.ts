import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Log } from '../../../base/log.ts';
import type { Message } from '../../../net/auth/contract/scheme.ts';
import type { AcceptorContext } from '../../../net/auth/contract/security-context.ts';
import {
  decodeSealed,
  encodeSealed,
  isSealedType,
} from '../../../net/auth/sealed/sealed-multipart.ts';
import { acceptorFor } from './acceptors.ts';
import { basicLogin } from './basic-login.ts';
import { CERTIFICATE_WORD } from '../../../net/auth/certificate/certificate.ts';
import { mayLogIn, SCHEME_WORDS, type LabLogins, type LoginFaults } from './lab-logins.ts';

/** Decision about a request. */
export type Admission =
  /** 401 with these values of WWW-Authenticate. */
  | { readonly kind: 'refused'; readonly challenges: readonly string[] }
  /** The login is complete and came without a request: 200 without a body. */
  | { readonly kind: 'loggedIn'; readonly challenge: string | undefined }
  /** The login is complete, but the body had to be encrypted. */
  | { readonly kind: 'unencrypted' }
  | Admitted;

/** A request of a known user. */
export interface Admitted {
  readonly kind: 'admitted';
  readonly user: string;
  /** Body of the request, unsealed. */
  readonly body: Buffer;
  /** Value of WWW-Authenticate with the last token of the login; undefined if there is not one. */
  readonly challenge: string | undefined;
  /** Prepares an answer in the style of the request; undefined: answers are plain. */
  readonly seal: ((answer: Message) => Message) | undefined;
}

/** Login of one socket: Windows authenticates connections, not requests. */
interface SocketLogin {
  readonly word: string;
  readonly context: AcceptorContext;
  complete: boolean;
}

export interface AuthFrontOptions extends LabLogins {
  /** Channel binding of the own certificate; undefined without HTTPS. */
  readonly channelBinding: Buffer | undefined;
  /** Clients may log in with a certificate; the TLS server checks who signed it. */
  readonly clientCertificates: boolean;
  readonly faults: LoginFaults;
  readonly log: Log;
}

/** Decides who may send a request, and unseals it. */
export class AuthFront {
  readonly #options: AuthFrontOptions;
  readonly #logins = new WeakMap<Socket, SocketLogin>();

  constructor(options: AuthFrontOptions) {
    this.#options = options;
  }

  /** Values of WWW-Authenticate, one for each offered scheme. */
  offers(socket: Socket): string[] {
    const certificate = this.#certificateAllowed(socket) ? [CERTIFICATE_WORD] : [];
    return this.#options.offers
      .filter((name) => name !== 'basic' || this.#basicAllowed(socket))
      .map((name) => (name === 'basic' ? 'Basic realm="WSMAN"' : SCHEME_WORDS[name]))
      .concat(certificate);
  }

  async admit(request: IncomingMessage, body: Buffer): Promise<Admission> {
    const { socket } = request;
    const [word = '', base64 = ''] = (request.headers.authorization ?? '').trim().split(/\s+/);
    const name = this.#options.offers.find(
      (each) => SCHEME_WORDS[each].toLowerCase() === word.toLowerCase(),
    );
    if (word === '') {
      const known = this.#logins.get(socket);
      if (known?.complete !== true) return this.#refuse(socket, 'no login');
      return this.#open(socket, known, request, body, undefined);
    }
    if (word === CERTIFICATE_WORD) return this.#certificate(socket, body);
    if (name === undefined) return this.#refuse(socket, `the scheme ${word} is not offered`);
    const token = Buffer.from(base64, 'base64');
    if (name === 'basic') return this.#basic(socket, token, body);
    return this.#step(request, body, word, token);
  }

  /** Forgets the login of a socket, as a service does that restarts. */
  forget(socket: Socket): void {
    this.#logins.get(socket)?.context.close();
    this.#logins.delete(socket);
  }

  #basic(socket: Socket, token: Buffer, body: Buffer): Admission {
    if (!this.#basicAllowed(socket)) return this.#refuse(socket, 'Basic needs TLS');
    if (this.#options.faults.locked()) return this.#refuse(socket, 'the account is locked');
    const user = basicLogin(token, this.#options);
    if (user === undefined) return this.#refuse(socket, 'wrong user or password');
    return { kind: 'admitted', user, body, challenge: undefined, seal: undefined };
  }

  /** The TLS handshake has asked for the certificate and checked its authority. */
  #certificate(socket: Socket, body: Buffer): Admission {
    const allowed = this.#certificateAllowed(socket) && (socket as TLSSocket).authorized;
    if (!allowed) return this.#refuse(socket, 'no trusted client certificate');
    const user = `${this.#options.machineName}\\${this.#options.user}`;
    return { kind: 'admitted', user, body, challenge: undefined, seal: undefined };
  }

  #certificateAllowed(socket: Socket): boolean {
    return socket instanceof TLSSocket && this.#options.clientCertificates;
  }

  /** Takes a token of a login of several legs. */
  async #step(
    request: IncomingMessage,
    body: Buffer,
    word: string,
    token: Buffer,
  ): Promise<Admission> {
    const { socket } = request;
    const { channelBinding, faults } = this.#options;
    let login = this.#logins.get(socket);
    if (login === undefined || login.complete || login.word !== word) {
      this.forget(socket);
      const binding = socket instanceof TLSSocket ? channelBinding : undefined;
      try {
        login = {
          word,
          context: acceptorFor(word, binding, this.#options),
          complete: false,
        };
      } catch (error) {
        return this.#refuse(socket, String(error));
      }
      this.#logins.set(socket, login);
      const held = login.context;
      socket.once('close', () => held.close());
    }
    let reply: Buffer | undefined;
    try {
      const step = await login.context.step(token);
      reply = step.token;
      login.complete = step.complete;
    } catch (error) {
      return this.#refuse(socket, String(error));
    }
    // As on Windows, the host knows the account only after its last token.
    if (login.complete && faults.locked()) return this.#refuse(socket, 'the account is locked');
    const { mechanism, user = '' } = login.context;
    if (login.complete && mechanism === 'kerberos' && !mayLogIn(user, this.#options)) {
      const why = `the Kerberos user ${user} has no account here; lab start --kerberos-user adds one`;
      return this.#refuse(socket, why);
    }
    const challenge = reply && `${word} ${reply.toString('base64')}`;
    if (login.complete) return this.#open(socket, login, request, body, challenge);
    return { kind: 'refused', challenges: [challenge ?? word] };
  }

  /** Unseals the body of a request whose user is known. */
  #open(
    socket: Socket,
    { context, word }: SocketLogin,
    request: IncomingMessage,
    body: Buffer,
    challenge: string | undefined,
  ): Admission {
    if (body.length === 0) return { kind: 'loggedIn', challenge };
    const user = context.user ?? '';
    const contentType = request.headers['content-type'] ?? '';
    if (!isSealedType(contentType)) {
      const plain = socket instanceof TLSSocket || this.#options.unencrypted === 'on';
      if (!plain) return { kind: 'unencrypted' };
      return { kind: 'admitted', user, body, challenge, seal: undefined };
    }
    try {
      const { protocol, indent, sealed } = decodeSealed({ body, contentType });
      const expected = word.toLowerCase() === 'kerberos' ? 'kerberos' : 'spnego';
      if (protocol !== expected) throw new Error(`found ${protocol}, expected ${expected}`);
      return {
        kind: 'admitted',
        user,
        body: context.unseal(sealed),
        challenge,
        seal: (answer) =>
          encodeSealed({
            protocol,
            indent,
            originalType: answer.contentType,
            originalLength: answer.body.length,
            sealed: context.seal(answer.body),
          }),
      };
    } catch (error) {
      return this.#refuse(socket, `the message cannot be decrypted: ${String(error)}`);
    }
  }

  #basicAllowed(socket: Socket): boolean {
    return socket instanceof TLSSocket || this.#options.unencrypted !== 'off';
  }

  /** Forgets the login too, as Windows does after every failure. */
  #refuse(socket: Socket, why: string): Admission {
    this.forget(socket);
    this.#options.log({ level: 'info', area: 'lab.login', message: `401: ${why}` });
    return { kind: 'refused', challenges: this.offers(socket) };
  }
}
