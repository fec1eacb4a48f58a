import type http from 'node:http';
import type { Log } from '../../base/log.ts';
import { child, type XmlElement } from '../../cim/xml/xml-element.ts';
import { parseXml } from '../../cim/xml/xml-reader.ts';
import { isSealedType } from '../../net/auth/sealed/sealed-multipart.ts';
import { NS } from '../../net/wsman/names.ts';
import type { ShellService } from '../shell/shell-service.ts';
import type { CimRepository } from '../wmi/repository.ts';
import { CimFault } from '../wmi/cim-fault.ts';
import type { AuthFront } from './auth/auth-front.ts';
import { AnswerSealer } from './damaged-answer.ts';
import { Dispatcher } from './dispatcher.ts';
import { faultEnvelope } from './envelopes.ts';
import { identifyAnswer } from './identify-answer.ts';
import { readRequest, SERVER_MAX_ENVELOPE, type WireRequest } from './read/request.ts';
import { empty, Reply } from './reply.ts';
import type { WireFaults, WireOperation } from './wire-faults.ts';

export interface HandlerOptions {
  /** Version in the answer to Identify, such as `10.0.17763`. */
  readonly osVersion: string;
  readonly repository: CimRepository;
  /** Remote shells; undefined: the host allows none. */
  readonly shells?: ShellService | undefined;
  readonly faults: WireFaults;
  readonly log: Log;
}

const IDENTIFY: WireOperation = { kind: 'identify', className: '', method: '' };
/** Room for the headers and the signature of a sealed message. */
const SEALED_ROOM = 2048;

/** Answers the requests of all connections. */
export class WsmanHandler {
  readonly #options: HandlerOptions;
  readonly #front: AuthFront;
  readonly #dispatcher: Dispatcher;
  readonly #sealer = new AnswerSealer();

  constructor(options: HandlerOptions, front: AuthFront) {
    this.#options = options;
    this.#front = front;
    this.#dispatcher = new Dispatcher(options.repository, options.shells);
  }

  async handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    response.setHeader('Server', 'Microsoft-HTTPAPI/2.0');
    try {
      if (!/^\/wsman\/?$/.test(request.url ?? '')) return empty(response, 404);
      if (request.method !== 'POST') return empty(response, 405);
      const body = await readBody(request);
      if (body === undefined) return empty(response, 413);
      const reply = new Reply(request, response, this.#front, this.#options.faults, this.#sealer);
      if (request.headers['wsmanidentify'] === 'unauthenticated') {
        return await this.#answer(body, undefined, reply);
      }
      const admission = await this.#front.admit(request, body);
      switch (admission.kind) {
        case 'refused':
          return reply.unauthorized(admission.challenges);
        case 'loggedIn':
          return reply.loggedIn(admission.challenge);
        case 'unencrypted':
          // UNCONFIRMED: no documentation names the status of an unencrypted body over HTTP.
          return empty(response, 500);
        case 'admitted':
          reply.admitted = admission;
          return await this.#answer(admission.body, admission.user, reply);
      }
    } catch (error) {
      this.#report(error);
      if (response.headersSent) response.destroy();
      else empty(response, 500);
    }
  }

  /** @param user undefined: an anonymous client, which may only ask for Identify. */
  async #answer(body: Buffer, user: string | undefined, reply: Reply): Promise<void> {
    const { repository } = this.#options;
    let relatesTo = '';
    try {
      const envelope = readEnvelope(body);
      const soapBody = child(envelope, 'Body', NS.soap);
      if (soapBody !== undefined && child(soapBody, 'Identify', NS.identity) !== undefined) {
        return await this.#reply(IDENTIFY, reply, async () =>
          identifyAnswer(user === undefined, this.#options.osVersion),
        );
      }
      if (user === undefined) return reply.unauthorized();
      const request: WireRequest = readRequest(envelope);
      relatesTo = request.messageId;
      const operation = this.#dispatcher.operation(request);
      await withTimeout(request.operationTimeout, () =>
        this.#reply(operation, reply, () => this.#dispatcher.answer(request, user)),
      );
    } catch (error) {
      if (!(error instanceof CimFault)) this.#report(error);
      const fault =
        error instanceof CimFault
          ? error
          : new CimFault('internal', error instanceof Error ? error.message : String(error));
      const { machineName, language } = repository;
      const answer = faultEnvelope(fault, relatesTo, machineName, language);
      return reply.send(fault.status, answer);
    }
  }

  /** Runs the operation between the two points at which faults may occur. */
  async #reply(operation: WireOperation, reply: Reply, work: () => Promise<string>): Promise<void> {
    const { faults } = this.#options;
    const before = await faults.before(operation);
    if (before === 'drop') return reply.drop();
    if (before === 'unauthorized') return reply.forget();
    if (before === 'denied') throw new CimFault('accessDenied', 'Access is denied.');
    if (before === 'unavailable') return reply.unavailable();
    if (before === 'tooLarge') return reply.tooLarge();
    if (before === 'quota') throw new CimFault('quota', 'Too many operations of this user');
    if (before === 'timeout') throw new CimFault('timedOut', 'The operation took too long');
    if (before === 'fault') throw new CimFault('internal', 'The service failed on purpose');
    const answer = await work();
    if ((await faults.after(operation)) === 'drop') return reply.drop();
    return reply.send(200, answer);
  }

  #report(error: unknown): void {
    this.#options.log({ level: 'error', area: 'lab.wsman', message: String(error) });
  }
}

/** Malformed XML is rejected like XML that violates the schema. */
function readEnvelope(body: Buffer): XmlElement {
  try {
    return parseXml(body.toString('utf8'));
  } catch (error) {
    throw new CimFault('schema', error instanceof Error ? error.message : String(error));
  }
}

/** As on Windows, the client gets the fault after the time limit, and the operation continues. */
async function withTimeout(milliseconds: number, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new CimFault('timedOut', `No answer within ${milliseconds} ms`)),
      milliseconds,
    );
  });
  try {
    await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Returns undefined if the body is larger than the host accepts. */
async function readBody(request: http.IncomingMessage): Promise<Buffer | undefined> {
  const sealed = isSealedType(request.headers['content-type'] ?? '');
  const limit = SERVER_MAX_ENVELOPE + (sealed ? SEALED_ROOM : 0);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Reads and discards the rest of an oversized body, so that the client sees the answer.
    if (length <= limit) chunks.push(chunk);
  }
  return length > limit ? undefined : Buffer.concat(chunks);
}
