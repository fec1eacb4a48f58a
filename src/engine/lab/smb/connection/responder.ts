import { delay } from '../../../base/abort.ts';
import { isEngineError } from '../../../base/errors.ts';
import type { ChainElement } from '../../../net/smb/codec/protocol/compound.ts';
import { COMMAND, DIALECT, FLAG } from '../../../net/smb/codec/protocol/constants.ts';
import { encodeEmpty } from '../../../net/smb/codec/protocol/empty-body.ts';
import { emptyError, encodeError } from '../../../net/smb/codec/protocol/error-body.ts';
import type { FileId } from '../../../net/smb/codec/protocol/file-id.ts';
import type { SmbHeader } from '../../../net/smb/codec/protocol/header.ts';
import { HANDLERS } from '../commands/handlers.ts';
import type { SmbRequest } from '../commands/contract/request.ts';
import { SERVER_STATUS as STATUS } from '../contract/server-status.ts';
import { Disconnect, StatusError } from '../contract/status-error.ts';
import type { Session } from '../sessions/session.ts';
import { statusOfSystem } from '../shares/locate.ts';
import { admit } from './admission.ts';
import { Chain } from './chain.ts';
import type { ConnectionState } from './connection-state.ts';
import { chargeFor, payloadOf } from './credit-charge.ts';
import { negotiate } from './negotiate.ts';
import { frameOf, type Outgoing } from './outgoing.ts';
import type { Running } from './pending.ts';
import { sessionSetup } from './session-setup.ts';
import { treeConnect } from './tree-connect.ts';

/** Answer to one request, before it has a header. */
interface Answered {
  readonly status: number;
  readonly body: readonly Buffer[];
  readonly sessionId?: bigint;
  readonly treeId?: number;
  readonly fileId?: FileId | undefined;
  /** undefined: signed as the request was. */
  readonly signedBy?: Session | 'nobody';
  readonly sent?: (message: Buffer) => void;
}

/** A frame that is being answered. */
interface Frame {
  readonly chain: Chain;
  /** Answers that were not sent yet. */
  readonly ready: Outgoing[];
  /** Gives back the memory of a request that waits. */
  readonly release: () => void;
}

/** Answers the requests of a connection. */
export class Responder {
  readonly #connection: ConnectionState;

  constructor(connection: ConnectionState) {
    this.#connection = connection;
  }

  /** Answers a frame. Throws `Disconnect` and `smb.*` if the connection has to end. */
  async answer(
    elements: readonly ChainElement[],
    encryptedBy: Session | undefined,
    release: () => void,
  ): Promise<void> {
    const frame: Frame = { chain: new Chain(encryptedBy), ready: [], release };
    for (const [at, element] of elements.entries()) {
      const running = this.#connection.pending.begin(element.header.messageId);
      try {
        frame.ready.push(await this.#one(frame, element, running, at === elements.length - 1));
      } finally {
        this.#connection.pending.end(running);
      }
    }
    await this.#send(frame);
  }

  /** Answers the negotiation of SMB 1. */
  async answerSmb1(body: Buffer): Promise<void> {
    const header = { ...NO_REQUEST, credits: this.#grant(1) };
    await this.#connection.send(
      frameOf([{ header, body: [body], signedBy: undefined }], undefined, undefined),
    );
  }

  async #send({ ready, chain }: Frame): Promise<void> {
    const { faults } = this.#connection.server.host;
    const protectedOne = ready.some((each) => each.signedBy !== undefined);
    const loggedIn = protectedOne || chain.encryptedBy !== undefined;
    const fault = loggedIn ? faults.answer() : undefined;
    await this.#connection.send(frameOf(ready.splice(0), chain.encryptedBy, fault));
  }

  async #one(
    frame: Frame,
    element: ChainElement,
    running: Running,
    last: boolean,
  ): Promise<Outgoing> {
    const { faults } = this.#connection.server.host;
    const { header } = element;
    if (faults.dropsBefore()) throw new Disconnect('a fault was asked for');
    let session: Session | undefined;
    let answered: Answered;
    try {
      const whole = frame.chain.begin(element);
      session = this.#connection.sessions.get(whole.header.sessionId);
      answered = await this.#carryOut(frame, whole, running, last);
    } catch (error) {
      answered = errorAnswer(error);
      if (header.command === COMMAND.create) frame.chain.fail(answered.status);
    }
    if (faults.dropsAfter()) throw new Disconnect('a fault was asked for');
    frame.chain.keep(answered.fileId);
    return this.#outgoing(frame, header, running, { session, answered });
  }

  async #carryOut(
    frame: Frame,
    element: ChainElement,
    running: Running,
    last: boolean,
  ): Promise<Answered> {
    const connection = this.#connection;
    const { header, bytes } = element;
    if (header.command === COMMAND.negotiate) return this.#negotiate(bytes);
    const { negotiated, server } = connection;
    if (negotiated === undefined) throw new Disconnect('a request before NEGOTIATE');
    const { encryptedBy } = frame.chain;
    if (encryptedBy !== undefined && header.sessionId !== encryptedBy.id) {
      throw new Disconnect('an encrypted request of another session');
    }
    const known = connection.sessions.get(header.sessionId);
    if (header.command === COMMAND.sessionSetup) {
      if (known?.isValid === true) admitAgain(known, element, encryptedBy !== undefined);
      return this.#sessionSetup(element);
    }
    if (header.command === COMMAND.echo && header.sessionId === 0n) return empty();
    const session = admit(known, element, encryptedBy !== undefined);
    running.session = session;
    if (server.host.faults.expires()) {
      session.expired = true;
      throw new StatusError(STATUS.networkSessionExpired);
    }
    switch (header.command) {
      case COMMAND.echo:
        return empty();
      case COMMAND.logoff:
        await connection.drop(session, false);
        return { ...empty(), signedBy: session };
      case COMMAND.treeConnect: {
        const { tree, body } = treeConnect(server, session, negotiated, bytes);
        frame.chain.keepTree(header, session.id, tree.id);
        return { status: 0, body: [body], treeId: tree.id };
      }
      default:
    }
    const tree = session.tree(header.treeId);
    if (tree.share !== undefined && !server.serves(tree.share)) {
      throw new StatusError(STATUS.networkNameDeleted);
    }
    if (tree.share?.encrypt === true && encryptedBy === undefined) {
      throw new StatusError(STATUS.accessDenied);
    }
    if (header.command === COMMAND.treeDisconnect) {
      for (const open of session.removeTree(tree)) await server.volume.close(open);
      return empty();
    }
    const handler = HANDLERS.get(header.command);
    if (handler === undefined) throw new StatusError(STATUS.invalidParameter);
    if (negotiated.dialect >= DIALECT.smb210) {
      const charge = chargeFor(payloadOf(header.command, bytes));
      if (charge > Math.max(1, header.creditCharge)) throw new StatusError(STATUS.invalidParameter);
    }
    frame.chain.requireAfter(header);
    const request: SmbRequest = {
      server,
      negotiated,
      session,
      tree,
      header,
      message: bytes,
      isSigned: (header.flags & FLAG.signed) !== 0,
      isEncrypted: encryptedBy !== undefined,
      signal: running.abort.signal,
      openOf: (id) => session.open(tree, frame.chain.fileId(header, id)),
      pend: () => this.#pend(frame, header, running, last),
    };
    const pendingFor = last ? server.host.faults.pendingFor() : undefined;
    if (pendingFor !== undefined) {
      request.pend();
      await delay(pendingFor, request.signal);
    }
    const { status = 0, body, fileId } = await handler(request);
    return { status, body, fileId };
  }

  #negotiate(message: Buffer): Answered {
    const connection = this.#connection;
    if (connection.negotiated !== undefined) throw new Disconnect('a second NEGOTIATE');
    const { negotiated, body } = negotiate(connection.server, message);
    connection.negotiated = negotiated;
    connection.preauth.add(message);
    const sent = (answer: Buffer): void => connection.preauth.add(answer);
    return { status: 0, body: [body], signedBy: 'nobody', sent };
  }

  async #sessionSetup({ header, bytes }: ChainElement): Promise<Answered> {
    const connection = this.#connection;
    const { negotiated, server, preauth, sessions } = connection;
    if (negotiated === undefined) throw new Disconnect('a login before NEGOTIATE');
    const { session, status, body, isGuest, sent } = await sessionSetup(
      {
        server,
        negotiated,
        preauth,
        addSession: () => connection.addSession(),
        session: (id) => sessions.get(id),
        removeSession: (each) => connection.drop(each, false),
      },
      header,
      bytes,
    );
    const signedBy = session.isValid && !isGuest ? session : 'nobody';
    return { status, body: [body], sessionId: session.id, signedBy, sent };
  }

  /** Sends what is ready, and an interim answer that is never signed: its id would be signed twice. */
  #pend(frame: Frame, header: SmbHeader, running: Running, last: boolean): void {
    if (running.asyncId !== undefined) return;
    // The answers of a compound keep their order, so nothing in it but the last may wait.
    if (!last) throw new StatusError(STATUS.internalError);
    const asyncId = this.#connection.pending.wait(running);
    frame.release();
    const interim: Outgoing = {
      header: this.#header(header, {
        status: STATUS.pending,
        asyncId,
        credits: this.#grant(header.credits),
      }),
      body: [emptyError()],
      signedBy: undefined,
    };
    frame.ready.push(interim);
    void this.#connection.send(frameOf(frame.ready.splice(0), frame.chain.encryptedBy, undefined));
  }

  #outgoing(
    { chain }: Frame,
    header: SmbHeader,
    { asyncId }: Running,
    { session, answered }: { session: Session | undefined; answered: Answered },
  ): Outgoing {
    const { status, body, sent } = answered;
    const own = session?.isValid === true ? session : undefined;
    const signer = answered.signedBy ?? own ?? 'nobody';
    const isSigned = signer !== 'nobody' && chain.encryptedBy === undefined;
    // The interim answer granted the credits of a request that waited.
    const credits = asyncId === undefined ? this.#grantFor(header, session) : 0;
    const { sessionId = header.sessionId, treeId = header.treeId } = answered;
    return {
      header: { ...this.#header(header, { status, asyncId, credits }), sessionId, treeId },
      body,
      signedBy: isSigned ? signer : undefined,
      ...(sent === undefined ? {} : { sent }),
    };
  }

  /** As on Windows, one credit until somebody is logged in. */
  #grantFor({ credits }: SmbHeader, session: Session | undefined): number {
    return this.#grant(session?.isValid === true ? credits : 1);
  }

  #grant(asked: number): number {
    const { faults, settings } = this.#connection.server.host;
    const most = Math.min(faults.credits() ?? settings.credits, settings.credits);
    return this.#connection.credits.grant(asked, most);
  }

  #header(
    request: SmbHeader,
    { status, asyncId, credits }: { status: number; asyncId: bigint | undefined; credits: number },
  ): SmbHeader {
    const kept = request.flags & (FLAG.related | PRIORITY | FLAG.replay);
    return {
      ...request,
      status,
      credits,
      asyncId,
      nextCommand: 0,
      flags: kept | (asyncId === undefined ? 0 : FLAG.async),
    };
  }
}

const PRIORITY = 0x70;

/** Header to which the answer to a negotiation of SMB 1 belongs. */
const NO_REQUEST: SmbHeader = {
  creditCharge: 0,
  status: 0,
  command: COMMAND.negotiate,
  credits: 0,
  flags: 0,
  nextCommand: 0,
  messageId: 0n,
  treeId: 0,
  sessionId: 0n,
};

const empty = (): Answered => ({ status: 0, body: [encodeEmpty()] });

/** A session that logs in again proves that it is the same one. */
function admitAgain(session: Session, element: ChainElement, isEncrypted: boolean): void {
  if (isEncrypted) return;
  const isSigned = (element.header.flags & FLAG.signed) !== 0;
  if (isSigned && session.protection?.verifies([element.bytes]) !== true) {
    throw new StatusError(STATUS.accessDenied);
  }
}

function errorAnswer(error: unknown): Answered {
  if (error instanceof StatusError) {
    const { status, detail, contextCount } = error;
    return { status, body: [encodeError({ contextCount, data: detail })] };
  }
  if (isEngineError(error, 'smb.request')) {
    return { status: STATUS.invalidParameter, body: [emptyError()] };
  }
  // Report a failed call on the lab's own disk to the client.
  if (error instanceof Error && 'syscall' in error) {
    return { status: statusOfSystem(error), body: [emptyError()] };
  }
  throw error;
}
