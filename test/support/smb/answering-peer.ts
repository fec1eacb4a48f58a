import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { newGuid } from '../../../src/engine/base/guid.ts';
import { FrameReader } from '../../../src/engine/net/smb/client/wire/frame-reader.ts';
import { SmbConnection } from '../../../src/engine/net/smb/client/connection/smb-connection.ts';
import type { SmbTree } from '../../../src/engine/net/smb/client/session/smb-tree.ts';
import type { SmbRequest } from '../../../src/engine/net/smb/codec/protocol/command.ts';
import { FLAG } from '../../../src/engine/net/smb/codec/protocol/constants.ts';
import { framePrefix } from '../../../src/engine/net/smb/codec/protocol/frame.ts';
import { MAX_FRAME_BYTES } from './wire/frame-limit.ts';
import {
  decodeHeader,
  encodeMessage,
  type SmbHeader,
} from '../../../src/engine/net/smb/codec/protocol/header.ts';
import {
  decodeTransform,
  TRANSFORM_BYTES,
} from '../../../src/engine/net/smb/codec/protocol/transform.ts';
import {
  encodeIds,
  encodePreauth,
} from '../../../src/engine/net/smb/codec/session/negotiate-contexts.ts';
import { NEGOTIATE } from '../../../src/engine/net/smb/codec/session/negotiate.ts';
import { SessionProtection } from '../../../src/engine/net/smb/crypto/session-protection.ts';

/** Returns the messages that answer a request, before they are protected. */
export type AnswerRequest = (
  request: SmbHeader,
  message: Buffer,
  reply: (body: Buffer, change?: Partial<SmbHeader>) => Buffer,
) => readonly Buffer[];

const SESSION_ID = 7n;
const TREE_ID = 5;

const protectionOf = (side: 'client' | 'server'): SessionProtection =>
  new SessionProtection({
    side,
    sessionId: SESSION_ID,
    dialect: 0x311,
    cipher: 2,
    signing: 2,
    sessionKey: Buffer.alloc(16, 9),
    preauthHash: Buffer.alloc(64, 3),
  });

/**
 * A server that negotiates, knows the keys without a login, and answers each request as it is told: a
 * new connection costs no more than a connection.
 */
export class AnsweringPeer {
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();

  private constructor(server: net.Server, answer: AnswerRequest) {
    this.#server = server;
    server.on('connection', (socket) => this.#serve(socket, answer));
  }

  static async start(answer: AnswerRequest): Promise<AnsweringPeer> {
    const server = net.createServer({ noDelay: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new AnsweringPeer(server, answer);
  }

  /** Connects our client, with the keys of a session and a share that it has entered. */
  async connect(signal: AbortSignal, deadline: number): Promise<SmbTree> {
    const { port } = this.#server.address() as AddressInfo;
    const connection = await SmbConnection.open({ host: '127.0.0.1', port, deadline }, signal);
    connection.protect(protectionOf('client'), 'encrypted');
    const request = <T>(command: SmbRequest<T>, body: T, stop: AbortSignal, payload = 0) =>
      connection.request(
        command,
        body,
        { protection: 'encrypted', sessionId: SESSION_ID, treeId: TREE_ID, payload },
        stop,
      );
    const tree = { path: '\\\\127.0.0.1\\vms', session: { connection }, request };
    return tree as unknown as SmbTree;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: net.Socket, answer: AnswerRequest): void {
    this.#sockets.add(socket);
    const protection = protectionOf('server');
    const reader = new FrameReader(MAX_FRAME_BYTES, (frame) => {
      const frames = answerFrame(frame, protection, answer);
      for (const each of frames) socket.write(Buffer.concat([framePrefix(each.length), each]));
      return false;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (bytes: Buffer) => {
      reader.push(bytes);
    });
  }
}

function answerFrame(
  frame: Buffer,
  protection: SessionProtection,
  answer: AnswerRequest,
): readonly Buffer[] {
  const isEncrypted = frame[0] === 0xfd;
  const message = isEncrypted ? decrypted(frame, protection) : frame;
  const request = decodeHeader(message, 'smb.request');
  const reply = (body: Buffer, change: Partial<SmbHeader> = {}): Buffer =>
    encodeMessage(
      {
        ...request,
        flags: FLAG.response,
        credits: Math.max(1, request.credits),
        status: 0,
        ...change,
      },
      body,
    );
  if (!isEncrypted) return [reply(NEGOTIATE.encodeResponse(NEGOTIATION))];
  return answer(request, message, reply).map((each) => Buffer.concat(protection.encrypt([each])));
}

function decrypted(frame: Buffer, protection: SessionProtection): Buffer {
  const header = decodeTransform(frame, frame.length, 'smb.request');
  return Buffer.concat(protection.decrypt(frame, header, [frame.subarray(TRANSFORM_BYTES)]));
}

/** Negotiation of every such server. */
export const NEGOTIATION = {
  securityMode: 3,
  dialect: 0x311,
  serverGuid: newGuid(),
  capabilities: 4,
  maxTransact: 2 ** 20,
  maxRead: 2 ** 20,
  maxWrite: 2 ** 20,
  systemTime: 0n,
  startTime: 0n,
  token: Buffer.alloc(0),
  contexts: [
    { type: 1, data: encodePreauth({ hashes: [1], salt: Buffer.alloc(32) }) },
    { type: 2, data: encodeIds([2]) },
    { type: 8, data: encodeIds([2]) },
  ],
};
