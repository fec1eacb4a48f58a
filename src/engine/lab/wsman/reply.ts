import type http from 'node:http';
import type { Message } from '../../net/auth/contract/scheme.ts';
import type { Admitted, AuthFront } from './auth/auth-front.ts';
import type { AnswerSealer } from './damaged-answer.ts';
import type { WireFaults } from './wire-faults.ts';

const CONTENT_TYPE = 'application/soap+xml;charset=UTF-8';

/** The answer to one request. Only the first one is sent: a request that timed out has had its fault. */
export class Reply {
  readonly #request: http.IncomingMessage;
  readonly #response: http.ServerResponse;
  readonly #front: AuthFront;
  readonly #faults: WireFaults;
  readonly #sealer: AnswerSealer;
  /** Set once the request's user is known: its answer is sealed like the request. */
  admitted: Admitted | undefined;

  constructor(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    front: AuthFront,
    faults: WireFaults,
    sealer: AnswerSealer,
  ) {
    this.#request = request;
    this.#response = response;
    this.#front = front;
    this.#faults = faults;
    this.#sealer = sealer;
  }

  /** Sends an envelope, sealed if the request was. */
  send(status: number, envelope: string): void {
    // Sealing counts messages, so an answer that is not sent must not be sealed.
    if (this.#ended) return;
    const plain: Message = { body: Buffer.from(envelope, 'utf8'), contentType: CONTENT_TYPE };
    const { seal, challenge } = this.admitted ?? {};
    const damage = seal && this.#faults.damage();
    const sealed = seal === undefined ? plain : this.#sealer.seal(damage, plain, seal);
    this.#finish(status, sealed, challenge === undefined ? {} : { 'WWW-Authenticate': challenge });
  }

  /** Refuses the request, with the token of a login in progress or the offered schemes. */
  unauthorized(challenges: readonly string[] = this.#front.offers(this.#request.socket)): void {
    if (!this.#ended) this.#finish(401, NOTHING, { 'WWW-Authenticate': [...challenges] });
  }

  /** Refuses the request because the service has forgotten the login of the connection. */
  forget(): void {
    this.#front.forget(this.#request.socket);
    this.unauthorized();
  }

  /** Accepts a login that came without a request. */
  loggedIn(challenge: string | undefined): void {
    this.#finish(200, NOTHING, challenge === undefined ? {} : { 'WWW-Authenticate': challenge });
  }

  tooLarge(): void {
    empty(this.#response, 413);
  }

  /** Closes the connection, unless a fault was sent already. */
  drop(): void {
    if (!this.#response.headersSent) this.#response.socket?.destroy();
  }

  /** Sends the page of HTTP.sys for a service that does not accept requests. */
  unavailable(): void {
    const body = Buffer.from('<h2>Service Unavailable</h2>');
    this.#finish(503, { body, contentType: 'text/html; charset=us-ascii' }, {});
  }

  get #ended(): boolean {
    return this.#response.headersSent || this.#response.destroyed;
  }

  #finish(status: number, message: Message, headers: http.OutgoingHttpHeaders): void {
    const { body, contentType } = message;
    const type = contentType === '' ? {} : { 'Content-Type': contentType };
    this.#response.writeHead(status, { ...headers, ...type, 'Content-Length': body.length });
    this.#response.end(body);
  }
}

const NOTHING: Message = { body: Buffer.alloc(0), contentType: '' };

export function empty(response: http.ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Length': 0 });
  response.end();
}
