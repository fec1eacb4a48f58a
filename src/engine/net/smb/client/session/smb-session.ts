import type { SmbSettings } from '../../../../api/host.ts';
import { smbError } from '../../contract/smb-errors.ts';
import type { SmbRequest } from '../../codec/protocol/command.ts';
import { SESSION_FLAG } from '../../codec/protocol/constants.ts';
import { LOGOFF } from '../../codec/session/logoff.ts';
import type { Answer, Protection } from '../connection/pending.ts';
import {
  SmbConnection,
  type ConnectionOptions,
  type Envelope,
} from '../connection/smb-connection.ts';
import { logIn, type LoggedIn, type SmbAccount } from './login.ts';

/** Policy of encryption: `wanted` encrypts if the server can. */
export type SmbEncryption = SmbSettings['encryption'];

export interface SessionOptions extends ConnectionOptions {
  readonly account: SmbAccount;
  readonly encryption: SmbEncryption;
  /** Session of an earlier connection, which the server is to end with all that it has open. */
  readonly previousSessionId?: bigint;
}

/** Time for the farewell at the end of a session, in milliseconds. */
const FAREWELL_MS = 2000;

/** A user's session on a connection of its own. */
export class SmbSession {
  readonly connection: SmbConnection;
  readonly mechanism: LoggedIn['mechanism'];
  readonly id: bigint;
  readonly #canEncrypt: boolean;
  readonly #encrypts: boolean;
  /** The server's memory of the negotiation was compared with ours. */
  validated = false;

  private constructor(connection: SmbConnection, login: LoggedIn, encryption: SmbEncryption) {
    const { protection, mechanism, flags } = login;
    this.connection = connection;
    this.mechanism = mechanism;
    this.id = protection.sessionId;
    this.#canEncrypt = protection.encrypts;
    const mustEncrypt = (flags & SESSION_FLAG.encrypt) !== 0;
    this.#encrypts = protection.encrypts && (encryption !== 'off' || mustEncrypt);
    connection.protect(protection, this.protectionOf(false));
  }

  /**
   * Connects, negotiates and logs in. Throws `smb.encryption` before the login if encryption is required
   * and the server cannot encrypt.
   */
  static async open(options: SessionOptions, signal: AbortSignal): Promise<SmbSession> {
    const { account, encryption, previousSessionId = 0n, host } = options;
    const connection = await SmbConnection.open(options, signal);
    try {
      if (encryption === 'required' && connection.negotiated.cipher === 0) {
        throw smbError('smb.encryption', `The file server ${host} cannot encrypt`, {
          data: { host },
        });
      }
      const login = await logIn(connection, account, previousSessionId, signal);
      return new SmbSession(connection, login, encryption);
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Whether messages of the session are encrypted, whatever the share. */
  get encrypted(): boolean {
    return this.#encrypts;
  }

  /** @param share the share demands encryption. Throws `smb.encryption` if there is not a cipher. */
  protectionOf(share: boolean): Protection {
    if (this.#encrypts) return 'encrypted';
    if (!share) return 'signed';
    if (this.#canEncrypt) return 'encrypted';
    throw smbError('smb.encryption', 'The share requires encryption; no cipher is in common');
  }

  /** Sends a request of this session. */
  request<Request>(
    command: SmbRequest<Request>,
    request: Request,
    envelope: Omit<Envelope, 'sessionId'>,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { connection, id } = this;
    return connection.request(command, request, { ...envelope, sessionId: id }, signal);
  }

  /**
   * Logs off, if the server still answers, and ends the connection. Returns whether the server has
   * confirmed it: otherwise it may keep files of the session open.
   */
  async close(): Promise<boolean> {
    const isEnded = this.connection.ended === undefined && (await this.#logOff());
    this.connection.close();
    return isEnded;
  }

  async #logOff(): Promise<boolean> {
    const envelope = { protection: this.protectionOf(false), treeId: 0 };
    try {
      const patience = AbortSignal.timeout(FAREWELL_MS);
      const { header } = await this.request(LOGOFF, {}, envelope, patience);
      return header.status === 0;
    } catch {
      return false;
    }
  }
}
