import type { Socket } from 'node:net';
import { isEngineError } from '../../../base/errors.ts';
import { ByteBudget } from '../../../base/bytes/byte-budget.ts';
import { PreauthHash } from '../../../net/smb/crypto/preauth-hash.ts';
import { splitChain, type ChainElement } from '../../../net/smb/codec/protocol/compound.ts';
import { COMMAND, DIALECT, FLAG } from '../../../net/smb/codec/protocol/constants.ts';
import { kindOfMessage } from '../../../net/smb/codec/protocol/header.ts';
import { decodeTransform, TRANSFORM_BYTES } from '../../../net/smb/codec/protocol/transform.ts';
import type { Negotiated } from '../commands/contract/request.ts';
import { SERVER_STATUS as STATUS } from '../contract/server-status.ts';
import { Disconnect, StatusError } from '../contract/status-error.ts';
import type { FileServer } from '../sessions/file-server.ts';
import type { Session } from '../sessions/session.ts';
import type { ConnectionState } from './connection-state.ts';
import { chargeFor, payloadOf } from './credit-charge.ts';
import { CreditWindow } from './credit-window.ts';
import { readFrames } from './frames.ts';
import { negotiateFromSmb1 } from './negotiate.ts';
import { Pending } from './pending.ts';
import { Responder } from './responder.ts';
import { dialectOfSmb1, isSmb1 } from './smb1-negotiate.ts';

/** Maximum bytes of a frame before somebody is logged in. */
const FIRST_FRAME = 128 * 1024;
/** Bytes of a frame besides its payload. */
const OVERHEAD = 256 * 1024;
/** Bytes of requests and answers of one connection that are in memory at once. */
const BUDGET = 32 << 20;
/** Maximum number of sessions of one connection. */
const MAX_SESSIONS = 64;
/** Milliseconds in which somebody has to log in. */
const LOGIN_TIME = 60_000;
/** Maximum number of requests that wait for something. */
const MAX_PENDING = 512;

/** Commands after which the next request is read only when they were answered. */
const IN_ORDER: readonly number[] = [
  COMMAND.negotiate,
  COMMAND.sessionSetup,
  COMMAND.logoff,
  COMMAND.treeConnect,
  COMMAND.treeDisconnect,
];

/**
 * One connection of a client (MS-SMB2 3.3.1.7). Start here: a frame is read, decrypted, split into its
 * requests, paid with credits, and answered by `Responder`. Whatever breaks the protocol ends it.
 */
export class Connection implements ConnectionState {
  readonly server: FileServer;
  readonly credits = new CreditWindow();
  readonly preauth = new PreauthHash();
  readonly sessions = new Map<bigint, Session>();
  readonly pending = new Pending(MAX_PENDING);
  negotiated: Negotiated | undefined;
  readonly #socket: Socket;
  readonly #budget = new ByteBudget(BUDGET);
  readonly #ending = new AbortController();
  readonly #working = new Set<Promise<void>>();
  readonly #responder: Responder;
  /** The client asked with SMB 1; the answer was that SMB 2 follows. */
  #smb1 = false;

  constructor(server: FileServer, socket: Socket) {
    this.server = server;
    this.#socket = socket;
    this.#responder = new Responder(this);
  }

  /** Fires when the connection ends. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Serves the client until it leaves or breaks the protocol. */
  async run(): Promise<void> {
    this.#socket.setNoDelay(true);
    this.#socket.once('close', () => this.end('the connection was closed'));
    const timer = setTimeout(() => {
      if (!this.#hasUser()) this.end('nobody logged in');
    }, LOGIN_TIME);
    try {
      for await (const frame of readFrames(this.#socket, () => this.#mostBytes())) {
        await this.#take(frame);
      }
    } catch (error) {
      this.end(error instanceof Error ? error.message : String(error));
    } finally {
      clearTimeout(timer);
      this.end('the client left');
      await Promise.all(this.#working);
      for (const session of this.sessions.values()) await this.drop(session, true);
    }
  }

  /** Ends the connection; cancels requests that wait. */
  end(why: string): void {
    if (this.#ending.signal.aborted) return;
    this.server.host.log({ level: 'debug', area: 'lab.smb', message: `connection ended: ${why}` });
    const reason = new Disconnect(why);
    this.#ending.abort(reason);
    this.pending.abortAll(reason);
    this.#socket.destroy();
  }

  addSession(): Session {
    if (this.sessions.size >= MAX_SESSIONS) {
      throw new StatusError(STATUS.insufficientServerResources);
    }
    const session = this.server.addSession((each) => this.drop(each, true));
    this.sessions.set(session.id, session);
    return session;
  }

  /** Ends a session; `lost`: its client did not end it itself. */
  async drop(session: Session, lost: boolean): Promise<void> {
    if (!this.sessions.delete(session.id)) return;
    this.pending.abortSession(session);
    await this.server.removeSession(session, lost);
  }

  /** Writes the pieces of a frame; resolves when the client may get more. */
  async send(pieces: readonly Buffer[]): Promise<void> {
    if (this.signal.aborted) return;
    this.#socket.cork();
    for (const piece of pieces) this.#socket.write(piece);
    process.nextTick(() => this.#socket.uncork());
    if (!this.#socket.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#socket.off('drain', done);
        this.signal.removeEventListener('abort', done);
        resolve();
      };
      this.#socket.on('drain', done);
      this.signal.addEventListener('abort', done);
    });
  }

  #mostBytes(): number {
    return this.#hasUser() ? (this.negotiated?.maxBytes ?? 0) + OVERHEAD : FIRST_FRAME;
  }

  #hasUser(): boolean {
    return [...this.sessions.values()].some(({ isValid }) => isValid);
  }

  async #take(frame: Buffer): Promise<void> {
    if (this.negotiated === undefined && isSmb1(frame)) return this.#takeSmb1(frame);
    const { content, session } = this.#decrypted(frame);
    const chain = splitChain(content, 'smb.request');
    const [first] = chain;
    if (chain.length === 1 && first?.header.command === COMMAND.cancel) {
      this.pending.cancel(first.header);
      return;
    }
    for (const element of chain) this.#pay(element);
    const cost = chain.reduce((sum, element) => sum + bytesOf(element), frame.length);
    const release = await this.#budget.take(cost, this.signal);
    const work = this.#responder
      .answer(chain, session, release)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        release();
        this.#working.delete(work);
      });
    this.#working.add(work);
    if (chain.some(({ header }) => IN_ORDER.includes(header.command))) await work;
  }

  #fail(error: unknown): void {
    if (error instanceof Disconnect || isEngineError(error)) return this.end(error.message);
    this.server.host.log({ level: 'error', area: 'lab.smb', message: String(error) });
    this.end('a request could not be answered');
  }

  #decrypted(frame: Buffer): { content: Buffer; session: Session | undefined } {
    if (kindOfMessage(frame, 'smb.request') === 'plain')
      return { content: frame, session: undefined };
    const header = decodeTransform(frame, frame.length, 'smb.request');
    const session = this.sessions.get(header.sessionId);
    if (session?.protection?.encrypts !== true) {
      throw new Disconnect('an encrypted message of a session that does not exist');
    }
    const head = frame.subarray(0, TRANSFORM_BYTES);
    const pieces = session.protection.decrypt(head, header, [frame.subarray(TRANSFORM_BYTES)]);
    return { content: Buffer.concat(pieces), session };
  }

  /** Takes the credits of a request (MS-SMB2 3.3.5.2.3). */
  #pay({ header }: ChainElement): void {
    if (header.command === COMMAND.cancel) throw new Disconnect('CANCEL within a compound');
    if ((header.flags & FLAG.response) !== 0) throw new Disconnect('a response from a client');
    const single = (this.negotiated?.dialect ?? DIALECT.smb202) === DIALECT.smb202;
    const charge = single ? 1 : Math.max(1, header.creditCharge);
    if (!this.credits.use(header.messageId, charge)) {
      throw new Disconnect(`message ${header.messageId} was not granted, or used before`);
    }
  }

  async #takeSmb1(frame: Buffer): Promise<void> {
    const dialect = this.#smb1 ? undefined : dialectOfSmb1(frame);
    if (dialect === undefined) throw new Disconnect('SMB 1');
    this.#smb1 = true;
    this.credits.use(0n, 1);
    const answer = negotiateFromSmb1(this.server, dialect);
    if (dialect !== DIALECT.wildcard) this.negotiated = answer.negotiated;
    await this.#responder.answerSmb1(answer.body);
  }
}

/** Bytes that a request may hold in memory, besides its own. */
function bytesOf({ header, bytes }: ChainElement): number {
  try {
    return 65_536 * (chargeFor(payloadOf(header.command, bytes)) - 1);
  } catch {
    return 0;
  }
}
