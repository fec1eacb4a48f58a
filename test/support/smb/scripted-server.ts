import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { newGuid } from '../../../src/engine/base/guid.ts';
import { Secret, type Credential } from '../../../src/engine/net/auth/contract/secret.ts';
import { accountsOf } from '../../../src/engine/net/auth/ntlm/accounts.ts';
import { ntlmAcceptorMechanism } from '../../../src/engine/net/auth/ntlm/ntlm-mechanism.ts';
import { spnegoAcceptor } from '../../../src/engine/net/auth/spnego/spnego-acceptor.ts';
import { CREATE } from '../../../src/engine/net/smb/codec/files/create.ts';
import { CLOSE } from '../../../src/engine/net/smb/codec/files/close.ts';
import { NO_FACTS } from '../../../src/engine/net/smb/codec/files/file-facts.ts';
import { READ } from '../../../src/engine/net/smb/codec/files/read.ts';
import { encodeEmpty } from '../../../src/engine/net/smb/codec/protocol/empty-body.ts';
import { FLAG } from '../../../src/engine/net/smb/codec/protocol/constants.ts';
import {
  decodeHeader,
  encodeMessage,
  type SmbHeader,
} from '../../../src/engine/net/smb/codec/protocol/header.ts';
import { framePrefix } from '../../../src/engine/net/smb/codec/protocol/frame.ts';
import {
  decodeTransform,
  TRANSFORM_BYTES,
} from '../../../src/engine/net/smb/codec/protocol/transform.ts';
import {
  encodeIds,
  encodePreauth,
} from '../../../src/engine/net/smb/codec/session/negotiate-contexts.ts';
import {
  NEGOTIATE,
  type NegotiateResponse,
} from '../../../src/engine/net/smb/codec/session/negotiate.ts';
import { SESSION_SETUP } from '../../../src/engine/net/smb/codec/session/session-setup.ts';
import { TREE_CONNECT } from '../../../src/engine/net/smb/codec/session/tree-connect.ts';
import { PreauthHash } from '../../../src/engine/net/smb/crypto/preauth-hash.ts';
import { SessionProtection } from '../../../src/engine/net/smb/crypto/session-protection.ts';
import { freePort } from '../kerberos/free-port.ts';
import { NAMES } from '../auth/ntlm-pair.ts';

/** An answer before it is protected. */
export interface Reply {
  readonly header: SmbHeader;
  readonly body: Buffer;
}

/** Changes that a server, or somebody in between, makes. */
export interface Script {
  readonly cipher?: number;
  /** Changes the facts of the negotiation. */
  readonly negotiate?: (usual: NegotiateResponse) => NegotiateResponse;
  /** Replaces the answer to a request; several become frames of their own. */
  readonly answer?: (usual: Reply, request: SmbHeader) => readonly Reply[];
  /** Replaces the content of a frame after it was signed or encrypted; undefined sends nothing. */
  readonly frame?: (content: Buffer, request: SmbHeader) => readonly Buffer[];
}

const USER = 'keeper';
const PASSWORD = 'another word';
const SESSION_ID = 0x7700_0011_2233n;

/** Contents of the one file that the server has. */
export const CONTENTS = randomBytes(300_000);

/** A small server of SMB 3.1.1 with one account and one file, which breaks the rules of a script. */
export class ScriptedServer {
  readonly port: number;
  readonly credential: Credential = { user: USER, password: new Secret(PASSWORD) };
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();

  private constructor(port: number, script: Script) {
    this.port = port;
    this.#server = net.createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      new Conversation(socket, script).start();
    });
  }

  static async start(script: Script): Promise<ScriptedServer> {
    const server = new ScriptedServer(await freePort(), script);
    server.#server.listen(server.port, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  /** Ends the connections and accepts no more. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.drop();
    await once(this.#server, 'close');
  }
}

class Conversation {
  readonly #socket: net.Socket;
  readonly #script: Script;
  readonly #connectionHash = new PreauthHash();
  #hash = new PreauthHash();
  readonly #login = spnegoAcceptor([
    ntlmAcceptorMechanism({
      names: NAMES,
      accounts: accountsOf(NAMES, [{ name: USER, password: new Secret(PASSWORD) }]),
      channelBinding: undefined,
      sealing: false,
    }),
  ]);
  #protection: SessionProtection | undefined;
  #bytes = Buffer.alloc(0);
  #busy: Promise<void> = Promise.resolve();

  constructor(socket: net.Socket, script: Script) {
    this.#socket = socket;
    this.#script = script;
  }

  start(): void {
    this.#socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      while (this.#bytes.length >= 4 && this.#bytes.length >= 4 + this.#bytes.readUInt32BE(0)) {
        const length = this.#bytes.readUInt32BE(0);
        const content = this.#bytes.subarray(4, 4 + length);
        this.#bytes = this.#bytes.subarray(4 + length);
        this.#busy = this.#busy
          .then(() => this.#serve(content))
          .catch(() => void this.#socket.destroy());
      }
    });
  }

  async #serve(content: Buffer): Promise<void> {
    let message = content;
    const encrypted = content[0] === 0xfd;
    if (encrypted) {
      const header = decodeTransform(content, content.length, 'smb.request');
      const plain = this.#protection?.decrypt(content, header, [content.subarray(TRANSFORM_BYTES)]);
      message = Buffer.concat(plain ?? []);
    }
    const request = decodeHeader(message, 'smb.request');
    if (request.command === 12) return;
    const usual = await this.#usual(request, message);
    const replies = this.#script.answer?.(usual, request) ?? [usual];
    for (const { header, body } of replies) {
      let sent = encodeMessage(header, body);
      if (request.command === 0) this.#connectionHash.add(sent);
      if (request.command === 1 && header.status !== 0) this.#hash.add(sent);
      if (encrypted && this.#protection !== undefined) {
        sent = Buffer.concat(this.#protection.encrypt([sent]));
      } else if (this.#protection !== undefined && header.status !== 0x103) {
        this.#protection.sign(sent);
      }
      for (const frame of this.#script.frame?.(sent, request) ?? [sent]) {
        this.#socket.write(Buffer.concat([framePrefix(frame.length), frame]));
      }
    }
  }

  async #usual(request: SmbHeader, message: Buffer): Promise<Reply> {
    const reply = (body: Buffer, change: Partial<SmbHeader> = {}): Reply => ({
      header: {
        ...request,
        flags: FLAG.response,
        credits: Math.max(1, request.credits),
        status: 0,
        nextCommand: 0,
        ...change,
      },
      body,
    });
    const { cipher = 0 } = this.#script;
    switch (request.command) {
      case 0: {
        this.#connectionHash.add(message);
        const usual: NegotiateResponse = {
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
            { type: 1, data: encodePreauth({ hashes: [1], salt: randomBytes(32) }) },
            { type: 2, data: encodeIds([cipher]) },
            { type: 8, data: encodeIds([2]) },
          ],
        };
        return reply(NEGOTIATE.encodeResponse(this.#script.negotiate?.(usual) ?? usual));
      }
      case 1: {
        const { token } = SESSION_SETUP.decodeRequest(message);
        if (this.#protection !== undefined) {
          return reply(SESSION_SETUP.encodeResponse({ flags: 0, token: Buffer.alloc(0) }));
        }
        if (request.sessionId === 0n) this.#hash = new PreauthHash(this.#connectionHash.value);
        this.#hash.add(message);
        const step = await this.#login.step(token);
        if (step.complete) {
          this.#protection = new SessionProtection({
            side: 'server',
            sessionId: SESSION_ID,
            dialect: 0x311,
            cipher,
            signing: 2,
            sessionKey: this.#login.sessionKey(),
            preauthHash: this.#hash.value,
          });
        }
        const body = SESSION_SETUP.encodeResponse({
          flags: 0,
          token: step.token ?? Buffer.alloc(0),
        });
        const status = step.complete ? 0 : 0xc000_0016;
        return reply(body, { sessionId: SESSION_ID, status });
      }
      case 3:
        return reply(
          TREE_CONNECT.encodeResponse({
            shareType: 1,
            shareFlags: 0,
            capabilities: 0,
            maximalAccess: 0x1f_01ff,
          }),
          { treeId: 5 },
        );
      case 5:
        return reply(
          CREATE.encodeResponse({
            oplock: 0,
            flags: 0,
            action: 1,
            facts: { ...NO_FACTS, endOfFile: CONTENTS.length, attributes: 0x80 },
            fileId: { persistent: 1n, volatile: 2n },
            contexts: [],
          }),
        );
      case 6:
        return reply(CLOSE.encodeResponse({ flags: 0, facts: NO_FACTS }));
      case 8: {
        const { offset, length } = READ.decodeRequest(message);
        const start = Number(offset);
        return reply(READ.encodeResponse({ data: CONTENTS.subarray(start, start + length) }));
      }
      default:
        return reply(encodeEmpty());
    }
  }
}
