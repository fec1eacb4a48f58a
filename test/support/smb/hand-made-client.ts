import { once } from 'node:events';
import net from 'node:net';
import type { TestContext } from 'node:test';
import { newGuid, type Guid } from '../../../src/engine/base/guid.ts';
import { Secret } from '../../../src/engine/net/auth/contract/secret.ts';
import { ntlmMechanism } from '../../../src/engine/net/auth/ntlm/ntlm-mechanism.ts';
import { spnegoInitiator } from '../../../src/engine/net/auth/spnego/spnego-initiator.ts';
import { CREATE, type CreateRequest } from '../../../src/engine/net/smb/codec/files/create.ts';
import { splitChain } from '../../../src/engine/net/smb/codec/protocol/compound.ts';
import {
  ACCESS,
  COMMAND,
  DIALECT,
  FLAG,
  SHARE_ACCESS,
} from '../../../src/engine/net/smb/codec/protocol/constants.ts';
import type { FileId } from '../../../src/engine/net/smb/codec/protocol/file-id.ts';
import { framePrefix } from '../../../src/engine/net/smb/codec/protocol/frame.ts';
import {
  encodeMessage,
  type SmbHeader,
} from '../../../src/engine/net/smb/codec/protocol/header.ts';
import {
  decodeTransform,
  TRANSFORM_BYTES,
} from '../../../src/engine/net/smb/codec/protocol/transform.ts';
import {
  CIPHER,
  decodeIds,
  encodeIds,
  encodePreauth,
  HASH_SHA512,
  NEGOTIATE_CONTEXT,
  SIGNING,
  type NegotiateContext,
} from '../../../src/engine/net/smb/codec/session/negotiate-contexts.ts';
import {
  NEGOTIATE,
  type NegotiateRequest,
} from '../../../src/engine/net/smb/codec/session/negotiate.ts';
import { SESSION_SETUP } from '../../../src/engine/net/smb/codec/session/session-setup.ts';
import { TREE_CONNECT } from '../../../src/engine/net/smb/codec/session/tree-connect.ts';
import { PreauthHash } from '../../../src/engine/net/smb/crypto/preauth-hash.ts';
import { SessionProtection } from '../../../src/engine/net/smb/crypto/session-protection.ts';
import { STATUS } from '../../../src/engine/net/smb/status/nt-status.ts';
import { afterwards } from '../checks/afterwards.ts';
import { linkChain } from './link-chain.ts';
import type { ServedFiles } from './served-files.ts';

/** An answer, decrypted, with its signature checked. */
export interface Answer {
  readonly header: SmbHeader;
  readonly bytes: Buffer;
}

export interface Sent {
  readonly command: number;
  readonly body: Buffer;
  /** Fields of the header that differ from those of an ordinary request. */
  readonly header?: Partial<SmbHeader>;
}

/** How a request is protected. */
export type Protection = 'signed' | 'encrypted' | 'plain';

const sockets = new WeakMap<TestContext, Set<net.Socket>>();

/** Sockets of a test that are open, and end with it: a long one makes thousands, of which none is kept. */
function openSockets(t: TestContext): Set<net.Socket> {
  let open = sockets.get(t);
  if (open === undefined) {
    const made = new Set<net.Socket>();
    afterwards(t, () => made.forEach((socket) => socket.destroy()));
    sockets.set(t, made);
    open = made;
  }
  return open;
}

/**
 * A client that does what it is told, also what no client would: each field of a request can be set,
 * and nothing is sent that the test did not ask for.
 */
export class HandMadeClient {
  readonly #socket: net.Socket;
  readonly #answers: Answer[] = [];
  #received = Buffer.alloc(0);
  #changed = (): void => undefined;
  closed = false;
  nextId = 0n;
  sessionId = 0n;
  treeId = 0;
  dialect: number = DIALECT.smb311;
  cipher: number = CIPHER.none;
  signing: number = SIGNING.aesCmac;
  protection: SessionProtection | undefined;
  protect: Protection = 'plain';
  readonly hash = new PreauthHash();

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      this.#changed();
    });
  }

  static async connect(t: TestContext, port: number): Promise<HandMadeClient> {
    const socket = net.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    openSockets(t).add(socket);
    socket.once('close', () => openSockets(t).delete(socket));
    return new HandMadeClient(socket);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Sends the content of a frame as it is. */
  raw(content: Buffer): void {
    this.#socket.write(Buffer.concat([framePrefix(content.length), content]));
  }

  /** Returns a message, not signed yet. Takes the next id unless the header has one. */
  message({ command, body, header = {} }: Sent): Buffer {
    const creditCharge = header.creditCharge ?? (this.dialect === DIALECT.smb202 ? 0 : 1);
    const messageId = header.messageId ?? this.nextId;
    if (header.messageId === undefined) this.nextId += BigInt(Math.max(1, creditCharge));
    return encodeMessage(
      {
        creditCharge,
        status: 0,
        command,
        credits: 64,
        flags: 0,
        nextCommand: 0,
        messageId,
        treeId: this.treeId,
        sessionId: this.sessionId,
        ...header,
      },
      body,
    );
  }

  /** Sends requests as one frame. */
  send(...requests: readonly Sent[]): void {
    const messages = linkChain(requests.map((each) => this.message(each)));
    this.sendMessages(messages);
  }

  sendMessages(messages: readonly Buffer[]): void {
    const { protection } = this;
    if (this.protect === 'encrypted') {
      this.raw(Buffer.concat((protection as SessionProtection).encrypt(messages)));
      return;
    }
    if (this.protect === 'signed') for (const each of messages) protection?.sign(each);
    this.raw(Buffer.concat(messages));
  }

  /** Sends requests and returns the answer to the first of them. */
  async request(...requests: readonly Sent[]): Promise<Answer> {
    this.send(...requests);
    return this.answer();
  }

  /** Returns the next answer. Throws if the connection ended, or none comes within 5 seconds. */
  async answer(): Promise<Answer> {
    const limit = Date.now() + 5000;
    for (;;) {
      const next = this.#answers.shift();
      if (next !== undefined) return next;
      if (this.closed) throw new Error('the server closed the connection');
      await this.#wait(limit);
    }
  }

  /** Waits until the server closes the connection. */
  async ended(): Promise<void> {
    const limit = Date.now() + 5000;
    while (!this.closed) await this.#wait(limit);
  }

  async #wait(limit: number): Promise<void> {
    const left = limit - Date.now();
    if (left <= 0) throw new Error('nothing came within 5 seconds');
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, left);
      this.#changed = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #take(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (;;) {
      if (this.#received.length < 4) break;
      const length = this.#received.readUInt32BE(0);
      if (this.#received.length < 4 + length) break;
      this.#open(this.#received.subarray(4, 4 + length));
      this.#received = this.#received.subarray(4 + length);
    }
    this.#changed();
  }

  #open(frame: Buffer): void {
    let content = frame;
    const encrypted = frame[0] === 0xfd;
    if (encrypted) {
      const header = decodeTransform(frame, frame.length, 'smb.answer');
      const pieces = [frame.subarray(TRANSFORM_BYTES)];
      content = Buffer.concat(
        (this.protection as SessionProtection).decrypt(frame, header, pieces),
      );
    }
    for (const { header, bytes } of splitChain(content, 'smb.answer')) {
      const isSigned = (header.flags & FLAG.signed) !== 0;
      if (isSigned && this.protection?.verifies([bytes]) === false) {
        throw new Error(`the answer to command ${header.command} has a wrong signature`);
      }
      this.#answers.push({ header, bytes });
    }
  }
}

export interface NegotiateOptions {
  readonly dialects?: readonly number[];
  readonly ciphers?: readonly number[];
  readonly signings?: readonly number[];
  readonly clientGuid?: Guid;
  readonly capabilities?: number;
}

/** Contexts of an ordinary NEGOTIATE with 3.1.1. */
export function negotiateContexts({
  ciphers,
  signings,
}: NegotiateOptions = {}): NegotiateContext[] {
  const salt = Buffer.alloc(32, 7);
  const preauth = encodePreauth({ hashes: [HASH_SHA512], salt });
  return [
    { type: NEGOTIATE_CONTEXT.preauth, data: preauth },
    { type: NEGOTIATE_CONTEXT.encryption, data: encodeIds(ciphers ?? [CIPHER.aes128Gcm]) },
    { type: NEGOTIATE_CONTEXT.signing, data: encodeIds(signings ?? [SIGNING.aesGmac]) },
  ];
}

export const negotiateRequest = (options: NegotiateOptions = {}): NegotiateRequest => {
  const dialects = options.dialects ?? [DIALECT.smb300, DIALECT.smb302, DIALECT.smb311];
  return {
    securityMode: 1,
    capabilities: options.capabilities ?? 0x7f,
    clientGuid: options.clientGuid ?? newGuid(),
    dialects,
    contexts: dialects.includes(DIALECT.smb311) ? negotiateContexts(options) : [],
  };
};

/** Negotiates as an ordinary client. */
export async function negotiated(
  client: HandMadeClient,
  options: NegotiateOptions = {},
): Promise<void> {
  const body = NEGOTIATE.encodeRequest(negotiateRequest(options));
  const message = client.message({ command: COMMAND.negotiate, body });
  client.sendMessages([message]);
  const { bytes } = await client.answer();
  const answer = NEGOTIATE.decodeResponse(bytes);
  client.dialect = answer.dialect;
  client.hash.add(message);
  client.hash.add(bytes);
  const data = (type: number): Buffer | undefined =>
    answer.contexts.find((each) => each.type === type)?.data;
  const cipher = data(NEGOTIATE_CONTEXT.encryption);
  const signing = data(NEGOTIATE_CONTEXT.signing);
  if (cipher !== undefined) client.cipher = decodeIds(cipher, 'cipher', 'smb.answer')[0] ?? 0;
  else if ((answer.capabilities & 0x40) !== 0) client.cipher = CIPHER.aes128Ccm;
  if (signing !== undefined) client.signing = decodeIds(signing, 'signing', 'smb.answer')[0] ?? 0;
}

export interface LoginOptions {
  readonly previousSessionId?: bigint;
  readonly password?: string;
}

/** Logs in with NTLM. Returns the status of the last answer. */
export async function login(
  client: HandMadeClient,
  files: Pick<ServedFiles, 'port' | 'user' | 'password'>,
  { previousSessionId = 0n, password = files.password }: LoginOptions = {},
): Promise<number> {
  const again = client.protection !== undefined;
  const hash = new PreauthHash(client.hash.value);
  const context = spnegoInitiator([
    ntlmMechanism({
      credential: { user: files.user, password: new Secret(password) },
      service: 'cifs',
      host: '127.0.0.1',
      channelBinding: undefined,
    }),
  ]);
  let token = (await context.step(undefined)).token;
  for (;;) {
    const body = SESSION_SETUP.encodeRequest({
      flags: 0,
      securityMode: 1,
      capabilities: 0,
      previousSessionId,
      token: token ?? Buffer.alloc(0),
    });
    const message = client.message({ command: COMMAND.sessionSetup, body });
    if (again) client.protection?.sign(message);
    hash.add(message);
    client.raw(message);
    const { header, bytes } = await client.answer();
    if (header.status !== STATUS.moreProcessingRequired && header.status !== 0)
      return header.status;
    client.sessionId = header.sessionId;
    const answer = SESSION_SETUP.decodeResponse(bytes);
    const step = await context.step(answer.token);
    if (header.status === 0) break;
    hash.add(bytes);
    token = step.token;
  }
  client.protection ??= new SessionProtection({
    side: 'client',
    sessionId: client.sessionId,
    dialect: client.dialect,
    sessionKey: context.sessionKey(),
    preauthHash: hash.value,
    cipher: client.cipher,
    signing: client.signing,
  });
  client.protect = 'signed';
  return 0;
}

/** Connects to a share. Returns the status. */
export async function connectTree(client: HandMadeClient, share: string): Promise<number> {
  const body = TREE_CONNECT.encodeRequest({ flags: 0, path: `\\\\127.0.0.1\\${share}` });
  const { header } = await client.request({ command: COMMAND.treeConnect, body });
  if (header.status === 0) client.treeId = header.treeId;
  return header.status;
}

/** Returns a client that is logged in and connected to a share. */
export async function connected(
  t: TestContext,
  files: Pick<ServedFiles, 'port' | 'user' | 'password'>,
  share = 'VMs',
  options: NegotiateOptions & LoginOptions = {},
): Promise<HandMadeClient> {
  const client = await HandMadeClient.connect(t, files.port);
  await negotiated(client, options);
  const status = await login(client, files, options);
  if (status !== 0) throw new Error(`the login failed with 0x${status.toString(16)}`);
  const tree = await connectTree(client, share);
  if (tree !== 0) throw new Error(`the share ${share} answered 0x${tree.toString(16)}`);
  return client;
}

/** Returns a CREATE that opens a file to read it, with everything shared. */
export function createRequest(name: string, more: Partial<CreateRequest> = {}): Sent {
  const body = CREATE.encodeRequest({
    oplock: 0,
    impersonation: 2,
    access: ACCESS.readData | ACCESS.readAttributes | ACCESS.synchronize,
    attributes: 0,
    shareAccess: SHARE_ACCESS.all,
    disposition: 1,
    options: 0,
    name,
    contexts: [],
    ...more,
  });
  return { command: COMMAND.create, body };
}

/** Opens a file. Returns its handle, or the status of the refusal. */
export async function open(
  client: HandMadeClient,
  name: string,
  more: Partial<CreateRequest> = {},
): Promise<{ readonly status: number; readonly fileId: FileId }> {
  const { header, bytes } = await client.request(createRequest(name, more));
  if (header.status !== 0) return { status: header.status, fileId: NONE };
  return { status: 0, fileId: CREATE.decodeResponse(bytes).fileId };
}

const NONE: FileId = { persistent: 0n, volatile: 0n };
