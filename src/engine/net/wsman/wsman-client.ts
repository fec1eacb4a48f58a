import { randomUUID } from 'node:crypto';
import type { ExchangeRecorder } from '../../base/exchange.ts';
import type { Log } from '../../base/log.ts';
import { HttpConnection, type HttpAnswer, type HttpOptions } from '../http/http-connection.ts';
import { httpError } from '../http/http-errors.ts';
import type { XmlElement } from '../../cim/xml/xml-element.ts';
import { parseXml } from '../../cim/xml/xml-reader.ts';
import type {
  Associators,
  CimClass,
  CimClient,
  CimQuery,
  ClientSecurity,
  Invocation,
  InvokeResult,
  ReferencedInstance,
  References,
} from '../../cim/client.ts';
import type { CimInstance, CimReference } from '../../cim/model.ts';
import { describeRequest } from '../record/describe-request.ts';
import { observed, type Call, type Observed } from '../record/observe-exchange.ts';
import { Associations } from './associations.ts';
import { parseResourceUri, SHELL_URI } from './names.ts';
import { encodeEnvelope, envelopeBody, type WsmanRequest } from './envelope.ts';
import { faultError, parseFault } from './faults/fault.ts';
import { IDENTIFY_ENVELOPE, parseIdentity, type WsmanIdentity } from './identify.ts';
import { getRequest, invokeRequest } from './requests.ts';
import { classUri, Rows, wqlSource } from './rows.ts';
import { withRetries, type Repetition } from './faults/retry.ts';

const CONTENT_TYPE = 'application/soap+xml;charset=UTF-8';
/** The default of Windows since 2012 (MaxEnvelopeSizekb 500). */
const MAX_ENVELOPE = 512_000;

export interface WsmanOptions {
  readonly http: HttpOptions;
  readonly log: Log;
  /** Removes secrets from trace output. */
  readonly redact: (text: string) => string;
  /** Receives every exchange. */
  readonly recorder?: ExchangeRecorder | undefined;
}

/**
 * The client over HTTP. One request is one exchange; the pool of connections limits their number.
 */
export class HttpWsmanClient implements CimClient {
  readonly url: string;
  readonly #http: HttpConnection;
  readonly #options: WsmanOptions;
  readonly #rows: Rows;
  readonly #associations: Associations;

  constructor(options: WsmanOptions) {
    this.url = options.http.url.origin;
    this.#options = options;
    this.#http = new HttpConnection(options.http, (answer) => this.#traceAnswer(answer));
    this.#rows = new Rows((request, signal) => this.#sendSized(request, signal));
    this.#associations = new Associations(this.#rows);
  }

  async identify(signal: AbortSignal): Promise<WsmanIdentity> {
    const doing = 'to say what it is';
    const call = {
      about: 'Identify',
      action: '',
      resource: '',
      repetition: 'read',
      envelope: IDENTIFY_ENVELOPE,
    } as const;
    return this.#repeated(call, signal, (answer) => parseIdentity(this.#body(answer, doing)));
  }

  get(reference: CimReference, signal: AbortSignal): Promise<CimInstance> {
    return this.send(getRequest(reference), signal);
  }

  security(): ClientSecurity | undefined {
    return this.#http.security;
  }

  enumerate(from: string | CimClass, signal: AbortSignal): AsyncGenerator<CimInstance> {
    return this.#rows.instances({ resourceUri: classUri(from) }, signal);
  }

  enumerateWithReferences(
    from: string | CimClass,
    signal: AbortSignal,
  ): AsyncGenerator<ReferencedInstance> {
    return this.#rows.referenced({ resourceUri: classUri(from) }, signal);
  }

  enumerateReferences(from: string | CimClass, signal: AbortSignal): AsyncGenerator<CimReference> {
    return this.#rows.references({ resourceUri: classUri(from) }, signal);
  }

  query(wql: string | CimQuery, signal: AbortSignal): AsyncGenerator<CimInstance> {
    return this.#rows.instances(wqlSource(wql), signal);
  }

  queryWithReferences(
    wql: string | CimQuery,
    signal: AbortSignal,
  ): AsyncGenerator<ReferencedInstance> {
    return this.#rows.referenced(wqlSource(wql), signal);
  }

  associators(query: Associators, signal: AbortSignal): AsyncGenerator<ReferencedInstance> {
    return this.#associations.associators(query, signal);
  }

  references(query: References, signal: AbortSignal): AsyncGenerator<CimInstance> {
    return this.#associations.references(query, signal);
  }

  invoke(call: Invocation, signal: AbortSignal): Promise<InvokeResult> {
    return this.send(invokeRequest(call), signal);
  }

  /** Sends one request and reads its answer. Throws `wsman.fault.*` for a fault. */
  async send<Result>(request: WsmanRequest<Result>, signal: AbortSignal): Promise<Result> {
    return (await this.#sendSized(request, signal)).result;
  }

  async #sendSized<Result>(
    request: WsmanRequest<Result>,
    signal: AbortSignal,
  ): Promise<{ readonly result: Result; readonly bytes: number }> {
    const { timeoutSeconds } = this.#options.http;
    const envelope = encodeEnvelope(request, {
      to: this.#options.http.url.href,
      messageId: `uuid:${randomUUID().toUpperCase()}`,
      // Shorter than the connection's limit, so that the host times out first and can report the
      // reason.
      operationTimeoutSeconds: Math.max(1, Math.min(60, timeoutSeconds - 2)),
      maxEnvelopeSize: MAX_ENVELOPE,
    });
    const about = describeRequest(request.action, nameOf(request), request.body);
    const { action, resourceUri: resource, repetition } = request;
    const call = { about, action, resource, repetition, envelope };
    return this.#repeated(call, signal, (answer) => ({
      result: request.parse(this.#body(answer, about)),
      bytes: answer.body.length,
    }));
  }

  /** Sends an envelope until its answer is read, as often as the request may be repeated. */
  #repeated<T>(
    call: Call & { readonly repetition: Repetition },
    signal: AbortSignal,
    read: (answer: HttpAnswer) => T,
  ): Promise<T> {
    const { http, log } = this.#options;
    const { repetition, about: doing } = call;
    const options = { repetition, limit: http.timeoutSeconds * 1000, doing, log };
    const observer = { ...this.#options, host: http.url.host };
    let first: number | null = null;
    const attempt = (left: number): Promise<T> =>
      observed(observer, call, first, signal, async (seen) => {
        first ??= seen.sequence;
        return read(await this.#exchange(call.envelope, signal, left, seen));
      });
    return withRetries(options, attempt, signal);
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  /** Performs one exchange of at most `left` milliseconds. */
  async #exchange(
    envelope: string,
    signal: AbortSignal,
    left: number,
    seen: Observed,
  ): Promise<HttpAnswer> {
    const body = Buffer.from(envelope, 'utf8');
    this.#trace('request', envelope);
    const answer = await this.#http.post(body, CONTENT_TYPE, signal, left, seen.marks);
    seen.answer = answer.body;
    this.#traceAnswer(answer);
    return answer;
  }

  #traceAnswer({ status, body }: HttpAnswer): void {
    this.#trace(`answer ${status}`, body.toString('utf8'));
  }

  /**
   * Traces whole envelopes without secrets. Credentials are in a header, but a host may quote
   * anything in its answer.
   */
  #trace(message: string, envelope: string): void {
    const { log, redact } = this.#options;
    log({ level: 'trace', area: 'wsman', message, data: { envelope: redact(envelope) } });
  }

  #body(answer: HttpAnswer, doing: string): XmlElement {
    const { url } = this.#options.http;
    if (answer.status === 413) {
      throw httpError('http.tooLarge', `${url.host} refused ${doing}: the request is too large`);
    }
    if (answer.status === 503 && !isEnvelope(answer)) {
      throw httpError(
        'http.unavailable',
        `${url.host} answered 503 to ${doing}: its WinRM service does not accept requests now. It may be starting or overloaded; try again later`,
        { data: { url: url.href, status: answer.status } },
      );
    }
    if (!isEnvelope(answer)) {
      const redirected = answer.status >= 300 && answer.status < 400;
      throw httpError(
        'http.status',
        redirected
          ? `${url.host} answered ${answer.status} and redirects to another address. Redirects are refused, since the host may not send its clients elsewhere: give the address of the host itself`
          : `${url.host} answered ${answer.status} without a WS-Management envelope. Check that WinRM listens on this port`,
        { data: { url: url.href, status: answer.status, contentType: answer.contentType } },
      );
    }
    const body = envelopeBody(parseXml(answer.body.toString('utf8')));
    const fault = parseFault(body);
    if (fault !== undefined) throw faultError(fault, doing);
    return body;
  }
}

const isEnvelope = ({ body, contentType }: HttpAnswer): boolean =>
  body.length > 0 && /xml/i.test(contentType);

/** Returns the class that a request is about, or its resource URI if that is not WMI's. */
const nameOf = ({ resourceUri: uri }: WsmanRequest<unknown>): string =>
  parseResourceUri(uri)?.className ?? (uri === SHELL_URI ? 'a remote shell' : uri);
