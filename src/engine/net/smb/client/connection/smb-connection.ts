import type { Buffer } from 'node:buffer';
import type { ExchangeRecorder } from '../../../../base/exchange.ts';
import { newGuid, type Guid } from '../../../../base/guid.ts';
import { commandName } from '../../codec/command-name.ts';
import { smbError } from '../../contract/smb-errors.ts';
import type { SmbRequest } from '../../codec/protocol/command.ts';
import { splitChain } from '../../codec/protocol/compound.ts';
import { COMMAND, CREDIT_BYTES, FLAG, UNSOLICITED } from '../../codec/protocol/constants.ts';
import { encodeEmpty } from '../../codec/protocol/empty-body.ts';
import { HEADER_BYTES } from '../../codec/protocol/fields.ts';
import { decodeHeader, encodeMessage, kindOfMessage } from '../../codec/protocol/header.ts';
import { decodeTransform, TRANSFORM_BYTES } from '../../codec/protocol/transform.ts';
import { ECHO } from '../../codec/session/echo.ts';
import { NEGOTIATE } from '../../codec/session/negotiate.ts';
import { PreauthHash } from '../../crypto/preauth-hash.ts';
import type { SessionProtection } from '../../crypto/session-protection.ts';
import type { AnswerFrame } from '../record/smb-exchange.ts';
import type { CommandWords } from '../record/command-words.ts';
import { SmbRecording } from '../record/smb-recording.ts';
import { headOf, joined, withWholeHead, type Pieces } from '../wire/pieces.ts';
import { SmbSocket } from '../wire/smb-socket.ts';
import { Credits } from './credits.ts';
import {
  checkNegotiate,
  DEFAULT_OFFER,
  negotiateRequest,
  type Negotiated,
  type Offer,
} from './negotiate.ts';
import { Pending, type Answer, type Protection } from './pending.ts';
import { isInterim, verifyAnswer } from './verify-answer.ts';

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  /** Time for the connection, and for each request, in milliseconds. */
  readonly deadline: number;
  /** Silence after which the server is asked whether it is there, in milliseconds. */
  readonly echoAfter?: number;
  readonly offer?: Offer;
  /** The same for all connections of one client. */
  readonly clientGuid?: Guid;
  /** Receives every exchange, without data and secrets. */
  readonly recorder?: ExchangeRecorder | undefined;
}

/** Facts of a request beyond its body. */
export interface Envelope {
  readonly protection: Protection;
  readonly sessionId: bigint;
  readonly treeId: number;
  /** Bytes that the answer may carry; more than 64 KiB cost more credits. */
  readonly payload?: number;
  /** Milliseconds that an announced answer may take; undefined: as every request. */
  readonly patience?: number | undefined;
  /** Receives the message as it is sent, for the hash of the login. */
  readonly sent?: (message: Buffer) => void;
  /** Describes the request in recordings; undefined: the words of its command. */
  readonly words?: CommandWords | undefined;
}

/**
 * Maximum time until a server accepts a connection, in milliseconds. Shorter than the ten seconds
 * of a look for a file, which would fail with another error: many firewalls drop packets.
 */
const ACCEPT_MS = 8000;
/** Credits that the client wants to have: 32 MiB of reads under way. */
const WANTED_CREDITS = 512;
/** Reads that the credits should at least pay for at the same time. */
const READS_UNDER_WAY = 16;
const DEFAULT_ECHO_MS = 10_000;
/** Messages that belong to no request; nothing is open that would cause any. */
const MAX_UNSOLICITED = 64;
/** Room of a frame for headers beside its payload. */
const FRAME_SLACK = 64 * 1024;
/** Maximum bytes of one read that is ever asked for. */
const MAX_READ = 2 ** 20;

/**
 * A connection to a file server: requests with message ids and credits, any number of them under
 * way. A server that breaks the protocol, alters a message or does not answer a request in time
 * loses the connection, and every request that waits fails with the reason.
 */
export class SmbConnection {
  readonly host: string;
  readonly preauth = new PreauthHash();
  readonly #socket: SmbSocket;
  readonly #credits = new Credits();
  readonly #pending = new Map<bigint, Pending>();
  readonly #deadline: number;
  readonly #echoAfter: number;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #recording: SmbRecording | undefined;
  #protection: SessionProtection | undefined;
  #mode: Protection = 'signed';
  #negotiated: Negotiated | undefined;
  #ended: Error | undefined;
  #unsolicited = 0;
  #heardAt = Date.now();
  #isEchoing = false;

  private constructor(socket: SmbSocket, options: ConnectionOptions) {
    const { host, port, deadline, echoAfter, recorder } = options;
    this.host = host;
    this.#socket = socket;
    this.#deadline = deadline;
    this.#echoAfter = echoAfter ?? DEFAULT_ECHO_MS;
    this.#recording = recorder && new SmbRecording(recorder, `${host}:${port}`);
    this.#timer = setInterval(() => this.#watch(), Math.min(deadline, this.#echoAfter) / 4);
    this.#timer.unref();
    socket.start({
      frame: (frame) => this.#receive(frame),
      ended: (reason) => this.#end(reason),
    });
  }

  /** Connects and negotiates. Throws `smb.unreachable`, `smb.dialect`, `smb.answer`, `smb.timeout`. */
  static async open(options: ConnectionOptions, signal: AbortSignal): Promise<SmbConnection> {
    const { host, port, deadline, offer = DEFAULT_OFFER } = options;
    const socket = await SmbSocket.connect(host, port, Math.min(deadline, ACCEPT_MS), signal);
    const connection = new SmbConnection(socket, options);
    try {
      const request = negotiateRequest(options.clientGuid ?? newGuid(), offer);
      const { preauth } = connection;
      const answer = await connection.request(
        NEGOTIATE,
        request,
        { protection: 'plain', sessionId: 0n, treeId: 0, sent: (message) => preauth.add(message) },
        signal,
      );
      if (answer.header.status !== 0) {
        const status = `0x${answer.header.status.toString(16)}`;
        throw smbError('smb.dialect', `The file server rejects SMB 3 (status ${status})`);
      }
      preauth.add(...answer.pieces);
      const response = NEGOTIATE.decodeResponse(joined(answer.pieces));
      connection.#accept(checkNegotiate(request, response, offer));
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  get negotiated(): Negotiated {
    if (this.#negotiated === undefined) throw new Error('The connection is not negotiated yet');
    return this.#negotiated;
  }

  /** Credits that the server granted, free or in use. */
  get credits(): number {
    return this.#credits.total;
  }

  /** Reason of the end; undefined while the connection is open. */
  get ended(): Error | undefined {
    return this.#ended;
  }

  /**
   * Maximum bytes of a read: 1 MiB, the server's limit, or what a share of the credits pays for, so
   * that few credits keep several reads under way, and hardly any is left over.
   */
  get maxRead(): number {
    return this.#maxPayload(this.negotiated.maxRead);
  }

  /** Maximum bytes of a write, as {@link maxRead}. */
  get maxWrite(): number {
    return this.#maxPayload(this.negotiated.response.maxWrite);
  }

  #maxPayload(most: number): number {
    const { multiCredit } = this.negotiated;
    const share = Math.max(1, Math.floor(this.#credits.total / READS_UNDER_WAY));
    const paid = multiCredit ? share * CREDIT_BYTES : CREDIT_BYTES;
    return Math.max(1, Math.min(MAX_READ, most, paid));
  }

  /**
   * Uses the keys of a session from now on.
   * @param mode protection of requests that belong to the session as a whole
   */
  protect(protection: SessionProtection, mode: Protection): void {
    this.#protection = protection;
    this.#mode = mode;
  }

  /**
   * Sends a request and waits for its final response, whatever its status. Cancelling sends CANCEL and
   * returns at once. Throws the reason of the connection's end.
   */
  async request<Request>(
    command: SmbRequest<Request>,
    request: Request,
    envelope: Envelope,
    signal: AbortSignal,
  ): Promise<Answer> {
    const charge = this.#chargeOf(envelope.payload ?? 0);
    const body = command.encodeRequest(request);
    const since = performance.now();
    const messageId = await this.#credits.take(charge, signal);
    const pending = this.#send(command.code, body, messageId, charge, envelope, since);
    const stop = (): void => {
      this.#cancel(messageId, pending);
      pending.exchange?.cancelled();
      pending.reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      if (signal.aborted) stop();
      return await pending.answer;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Ends the connection; requests that wait fail. */
  close(reason?: Error): void {
    this.#socket.close(reason);
  }

  #accept(negotiated: Negotiated): void {
    this.#negotiated = negotiated;
    const most = Math.min(MAX_READ, negotiated.maxRead);
    this.#socket.limit = Math.max(most, Math.min(MAX_READ, negotiated.maxTransact)) + FRAME_SLACK;
  }

  /** Credits of a request (MS-SMB2 3.2.4.1.5). */
  #chargeOf(payload: number): number {
    if (this.#negotiated?.multiCredit !== true) return 1;
    return 1 + Math.floor((Math.max(1, payload) - 1) / CREDIT_BYTES);
  }

  #send(
    code: number,
    body: Buffer,
    messageId: bigint,
    charge: number,
    { protection, sessionId, treeId, sent, patience, words }: Envelope,
    since: number,
  ): Pending {
    if (this.#ended !== undefined) throw this.#ended;
    const missing = WANTED_CREDITS - this.#credits.total;
    const header = {
      creditCharge: this.#negotiated === undefined ? 0 : charge,
      status: 0,
      command: code,
      // Ask for the credits that this request uses, and for those that are missing.
      credits: Math.max(1, charge + Math.max(0, missing)),
      flags: 0,
      nextCommand: 0,
      messageId,
      treeId,
      sessionId,
    };
    const message = encodeMessage(header, body);
    sent?.(message);
    const exchange = this.#recording?.begin(header, message, protection, since, words);
    const sentAt = Date.now();
    const facts = {
      command: code,
      charge,
      protection,
      sessionId,
      treeId,
      sentAt,
      exchange,
      patience,
    };
    const pending = new Pending(facts);
    this.#pending.set(messageId, pending);
    this.#transmit(message, protection);
    return pending;
  }

  #transmit(message: Buffer, protection: Protection): void {
    if (protection === 'plain') return this.#socket.send([message]);
    const keys = this.#protection as SessionProtection;
    if (protection === 'encrypted') return this.#socket.send(keys.encrypt([message]));
    keys.sign(message);
    this.#socket.send([message]);
  }

  #cancel(messageId: bigint, pending: Pending): void {
    if (this.#ended !== undefined || !this.#pending.has(messageId)) return;
    const { asyncId, sessionId, treeId, protection } = pending;
    const header = {
      creditCharge: 0,
      status: 0,
      command: COMMAND.cancel,
      credits: 0,
      flags: asyncId === undefined ? 0 : FLAG.async,
      nextCommand: 0,
      messageId,
      asyncId,
      treeId,
      sessionId,
    };
    this.#transmit(encodeMessage(header, encodeEmpty()), protection);
  }

  /** Returns whether nothing of the frame is needed any more: what was decrypted is elsewhere. */
  #receive(frame: Buffer): boolean {
    this.#heardAt = Date.now();
    const encrypted = kindOfMessage(frame, 'smb.answer') === 'encrypted';
    this.#messages(encrypted ? this.#decrypted(frame) : [frame], encrypted);
    return encrypted;
  }

  #decrypted(frame: Buffer): Pieces {
    const transform = decodeTransform(frame, frame.length, 'smb.answer');
    if (this.#protection?.sessionId !== transform.sessionId) {
      const found = transform.sessionId.toString(16);
      throw smbError('smb.answer', `An encrypted message of the unknown session 0x${found}`);
    }
    return this.#protection.decrypt(frame, transform, [frame.subarray(TRANSFORM_BYTES)]);
  }

  #messages(pieces: Pieces, encrypted: boolean): void {
    const first = decodeHeader(headOf(pieces, HEADER_BYTES), 'smb.answer');
    if (first.nextCommand === 0) {
      return this.#answer(
        { header: first, pieces: withWholeHead(pieces, 2 * HEADER_BYTES) },
        { encrypted, part: 1, parts: 1 },
      );
    }
    const chain = splitChain(joined(pieces), 'smb.answer');
    for (const [at, { header, bytes }] of chain.entries()) {
      this.#answer({ header, pieces: [bytes] }, { encrypted, part: at + 1, parts: chain.length });
    }
  }

  #answer(answer: Answer, frame: AnswerFrame): void {
    const { header, pieces } = answer;
    if (header.messageId === UNSOLICITED) {
      this.#unsolicited++;
      if (this.#unsolicited <= MAX_UNSOLICITED) return;
      throw smbError('smb.answer', `More than ${MAX_UNSOLICITED} messages that nobody asked for`);
    }
    const pending = this.#pending.get(header.messageId);
    if (pending === undefined) {
      const id = header.messageId.toString();
      const text = `The file server answered message ${id} (${commandName(header.command)}), which does not wait for an answer`;
      throw smbError('smb.answer', text, { data: { messageId: id } });
    }
    verifyAnswer(pending, header, pieces, frame.encrypted, this.#protection);
    this.#credits.grant(header.credits);
    if (isInterim(header)) {
      pending.exchange?.interim(header.asyncId);
      if (pending.interim(header.asyncId)) return;
      throw smbError('smb.answer', 'The file server announces an answer again and again');
    }
    this.#credits.spend(pending.charge);
    // While the request still waits: it fails with the reason.
    this.#credits.check();
    this.#pending.delete(header.messageId);
    pending.exchange?.answered(header, pieces, frame);
    pending.resolve(answer);
  }

  /** Ends the connection if a request waits too long; asks after silence. */
  #watch(): void {
    const now = Date.now();
    const late = this.#late(now);
    if (late !== undefined) {
      const seconds = late.deadline(this.#deadline) / 1000;
      const name = commandName(late.command);
      return this.close(
        smbError('smb.timeout', `${this.host} did not answer ${name} within ${seconds} s`, {
          data: { host: this.host, command: name, seconds },
        }),
      );
    }
    const isSilent = now - this.#heardAt >= this.#echoAfter;
    const keys = this.#protection;
    if (!isSilent || this.#isEchoing || keys === undefined || !this.#credits.hasFree) return;
    this.#isEchoing = true;
    const envelope: Envelope = { protection: this.#mode, sessionId: keys.sessionId, treeId: 0 };
    const id = this.#credits.takeNow(1);
    this.#send(ECHO.code, ECHO.encodeRequest({}), id, 1, envelope, performance.now())
      .answer.catch(() => undefined)
      .finally(() => (this.#isEchoing = false));
  }

  /** Returns a request that waits too long. */
  #late(now: number): Pending | undefined {
    for (const each of this.#pending.values()) {
      if (now - each.sentAt >= each.deadline(this.#deadline)) return each;
    }
    return undefined;
  }

  #end(reason: Error): void {
    this.#ended = reason;
    clearInterval(this.#timer);
    this.#credits.end(reason);
    for (const pending of this.#pending.values()) {
      pending.exchange?.failed(reason);
      pending.reject(reason);
    }
    this.#pending.clear();
  }
}
