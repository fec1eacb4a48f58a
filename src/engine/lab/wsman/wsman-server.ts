import { createHash, timingSafeEqual } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Log } from '../../base/log.ts';
import type { Secret } from '../../net/auth/contract/secret.ts';
import { child, type XmlElement } from '../../cim/xml/xml-element.ts';
import { parseXml } from '../../cim/xml/xml-reader.ts';
import { NS } from '../../net/wsman/names.ts';
import { CimFault } from '../wmi/cim-fault.ts';
import { labError } from '../lab-errors.ts';
import { Dispatcher } from './dispatcher.ts';
import { faultEnvelope } from './envelopes.ts';
import { identifyAnswer } from './identify-answer.ts';
import type { CimRepository } from '../wmi/repository.ts';
import { readRequest, SERVER_MAX_ENVELOPE, type WireRequest } from './read/request.ts';
import type { WireFaults, WireOperation } from './wire-faults.ts';

export interface WsmanServerOptions {
  /** Version in the answer to Identify, such as `10.0.17763`. */
  readonly osVersion: string;
  readonly repository: CimRepository;
  readonly user: string;
  readonly password: Secret;
  /** Address to bind; loopback by default. */
  readonly address: string;
  readonly httpPort: number;
  readonly https:
    { readonly port: number; readonly certificate: string; readonly key: string } | undefined;
  readonly faults: WireFaults;
  readonly log: Log;
}

export interface WsmanServer {
  readonly httpPort: number;
  readonly httpsPort: number | undefined;
  close(): Promise<void>;
}

const CONTENT_TYPE = 'application/soap+xml;charset=UTF-8';
const IDENTIFY: WireOperation = { kind: 'identify', className: '', method: '' };

/** Serves WS-Management on the given ports (0: a free one). Throws `lab.port` if one is in use. */
export async function startWsmanServer(options: WsmanServerOptions): Promise<WsmanServer> {
  const handler = new Handler(options);
  const servers: (http.Server | https.Server)[] = [];
  const listener = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    void handler.handle(request, response);
  };
  const settings = { keepAliveTimeout: 120_000, requestTimeout: 300_000 };
  const plain = http.createServer(settings, listener);
  servers.push(plain);
  const httpPort = await listen(plain, options.httpPort, options.address);
  let httpsPort: number | undefined;
  try {
    if (options.https !== undefined) {
      const { port, certificate, key } = options.https;
      const secure = https.createServer({ ...settings, cert: certificate, key }, listener);
      servers.push(secure);
      httpsPort = await listen(secure, port, options.address);
    }
  } catch (error) {
    await closeAll(servers);
    throw error;
  }
  return { httpPort, httpsPort, close: () => closeAll(servers) };
}

class Handler {
  readonly #options: WsmanServerOptions;
  readonly #dispatcher: Dispatcher;

  constructor(options: WsmanServerOptions) {
    this.#options = options;
    this.#dispatcher = new Dispatcher(options.repository);
  }

  async handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    response.setHeader('Server', 'Microsoft-HTTPAPI/2.0');
    try {
      if (!/^\/wsman\/?$/.test(request.url ?? '')) return empty(response, 404);
      if (request.method !== 'POST') return empty(response, 405);
      const body = await readBody(request);
      if (body === undefined) return empty(response, 413);
      const anonymous = request.headers['wsmanidentify'] === 'unauthenticated';
      if (!anonymous && !this.#authenticated(request)) return unauthorized(response);
      await this.#answer(body, anonymous, response);
    } catch (error) {
      this.#report(error);
      if (response.headersSent) response.destroy();
      else empty(response, 500);
    }
  }

  async #answer(body: Buffer, anonymous: boolean, response: http.ServerResponse): Promise<void> {
    const { repository } = this.#options;
    let relatesTo = '';
    try {
      const envelope = readEnvelope(body);
      const soapBody = child(envelope, 'Body', NS.soap);
      if (soapBody !== undefined && child(soapBody, 'Identify', NS.identity) !== undefined) {
        return await this.#reply(IDENTIFY, response, async () =>
          identifyAnswer(anonymous, this.#options.osVersion),
        );
      }
      if (anonymous) return unauthorized(response);
      const request: WireRequest = readRequest(envelope);
      relatesTo = request.messageId;
      const operation = this.#dispatcher.operation(request);
      const caller = `${repository.machineName}\\${this.#options.user}`;
      await withTimeout(request.operationTimeout, () =>
        this.#reply(operation, response, () => this.#dispatcher.answer(request, caller)),
      );
    } catch (error) {
      if (!(error instanceof CimFault)) this.#report(error);
      const fault =
        error instanceof CimFault
          ? error
          : new CimFault('internal', error instanceof Error ? error.message : String(error));
      const { machineName, language } = repository;
      const answer = faultEnvelope(fault, relatesTo, machineName, language);
      return send(response, fault.status, answer);
    }
  }

  /** Runs the operation between the two points at which faults may occur. */
  async #reply(
    operation: WireOperation,
    response: http.ServerResponse,
    work: () => Promise<string>,
  ): Promise<void> {
    const { faults } = this.#options;
    const before = await faults.before(operation);
    if (before === 'drop') return drop(response);
    if (before === 'unauthorized') return unauthorized(response);
    if (before === 'denied') throw new CimFault('accessDenied', 'Access is denied.');
    if (before === 'unavailable') return unavailable(response);
    if (before === 'tooLarge') return empty(response, 413);
    if (before === 'quota') throw new CimFault('quota', 'Too many operations of this user');
    if (before === 'timeout') throw new CimFault('timedOut', 'The operation took too long');
    const answer = await work();
    if ((await faults.after(operation)) === 'drop') return drop(response);
    return send(response, 200, answer);
  }

  #report(error: unknown): void {
    this.#options.log({ level: 'error', area: 'lab.wsman', message: String(error) });
  }

  /**
   * Checks Basic credentials in constant time, so that timing does not reveal how much of the
   * password was right.
   */
  #authenticated(request: http.IncomingMessage): boolean {
    const match = /^basic\s+([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? '');
    if (match === null) return false;
    const [user = '', ...rest] = Buffer.from(match[1] ?? '', 'base64')
      .toString('utf8')
      .split(':');
    const bare = user.replace(/^.*\\/, '');
    const sameUser = sameText(bare.toLowerCase(), this.#options.user.toLowerCase());
    const samePassword = sameText(rest.join(':'), this.#options.password.reveal());
    return sameUser && samePassword;
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

function sameText(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** Returns undefined if the body is larger than the host accepts. */
async function readBody(request: http.IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Reads and discards the rest of an oversized body, so that the client sees the answer.
    if (length <= SERVER_MAX_ENVELOPE) chunks.push(chunk);
  }
  return length > SERVER_MAX_ENVELOPE ? undefined : Buffer.concat(chunks);
}

function send(response: http.ServerResponse, status: number, envelope: string): void {
  // Too late: the fault TimedOut was sent already.
  if (response.headersSent || response.destroyed) return;
  const body = Buffer.from(envelope, 'utf8');
  response.writeHead(status, { 'Content-Type': CONTENT_TYPE, 'Content-Length': body.length });
  response.end(body);
}

function empty(response: http.ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Length': 0 });
  response.end();
}

/** Closes the connection, unless the fault TimedOut was already sent. */
function drop(response: http.ServerResponse): void {
  if (!response.headersSent) response.socket?.destroy();
}

function unauthorized(response: http.ServerResponse): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="WSMAN"', 'Content-Length': 0 });
  response.end();
}

/** Sends the page of HTTP.sys for a service that does not accept requests. */
function unavailable(response: http.ServerResponse): void {
  const page = '<h2>Service Unavailable</h2>';
  const type = 'text/html; charset=us-ascii';
  response.writeHead(503, { 'Content-Type': type, 'Content-Length': page.length });
  response.end(page);
}

function listen(server: http.Server, port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
      const text = `Cannot listen on port ${port} of ${address}: ${error.message}`;
      reject(taken ? labError('lab.port', text, { data: { found: port }, cause: error }) : error);
    });
    server.listen(port, address, () => resolve((server.address() as AddressInfo).port));
  });
}

async function closeAll(servers: readonly http.Server[]): Promise<void> {
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    ),
  );
}
