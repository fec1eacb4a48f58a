import { smbError } from '../../contract/smb-errors.ts';
import { IOCTL } from '../../codec/files/ioctl.ts';
import type { SmbRequest } from '../../codec/protocol/command.ts';
import { DIALECT, SHARE_FLAG, SHARE_TYPE } from '../../codec/protocol/constants.ts';
import { TREE_CONNECT, type TreeConnectResponse } from '../../codec/session/tree-connect.ts';
import { TREE_DISCONNECT } from '../../codec/session/tree-disconnect.ts';
import type { Answer, Protection } from '../connection/pending.ts';
import type { CommandWords } from '../record/command-words.ts';
import { joined } from '../wire/pieces.ts';
import type { SmbSession } from './smb-session.ts';
import { statusError } from './status-error.ts';
import { validateNegotiation } from './validate.ts';

/** A share that a session has entered. */
export class SmbTree {
  readonly session: SmbSession;
  /** `\\server\share` */
  readonly path: string;
  readonly facts: TreeConnectResponse;
  readonly #id: number;
  readonly #protection: Protection;

  private constructor(session: SmbSession, path: string, id: number, facts: TreeConnectResponse) {
    this.session = session;
    this.path = path;
    this.facts = facts;
    this.#id = id;
    this.#protection = session.protectionOf((facts.shareFlags & SHARE_FLAG.encrypt) !== 0);
  }

  /**
   * Enters a share of files, or IPC$. With 3.0 and 3.0.2 the negotiation is validated then. Throws `smb.share`,
   * `smb.denied`, `smb.redirect` for a share that exists only as a part of DFS, `smb.downgrade`.
   */
  static async connect(session: SmbSession, share: string, signal: AbortSignal): Promise<SmbTree> {
    const { connection } = session;
    const path = `\\\\${connection.host}\\${share}`;
    const envelope = { protection: session.protectionOf(false), treeId: 0 };
    const answer = await session.request(TREE_CONNECT, { flags: 0, path }, envelope, signal);
    const { status, treeId } = answer.header;
    if (status !== 0) throw statusError('Entering', path, status);
    const facts = TREE_CONNECT.decodeResponse(joined(answer.pieces));
    const isCalls = share.toUpperCase() === 'IPC$' && facts.shareType === SHARE_TYPE.pipe;
    if (facts.shareType !== SHARE_TYPE.disk && !isCalls) {
      throw smbError('smb.share', `${path} is a share of type ${facts.shareType}, not of files`, {
        data: { path },
      });
    }
    const tree = new SmbTree(session, path, treeId, facts);
    if (connection.negotiated.dialect < DIALECT.smb311 && !session.validated) {
      await validateNegotiation(connection, (request) => tree.request(IOCTL, request, signal));
      session.validated = true;
    }
    return tree;
  }

  get encrypted(): boolean {
    return this.#protection === 'encrypted';
  }

  /**
   * Sends a request to the share.
   * @param payload bytes that the answer may carry
   * @param patience milliseconds that an announced answer may take; undefined: as every request
   * @param words describes the request in recordings; undefined: the words of its command
   */
  request<Request>(
    command: SmbRequest<Request>,
    request: Request,
    signal: AbortSignal,
    payload = 0,
    patience?: number,
    words?: CommandWords,
  ): Promise<Answer> {
    const envelope = { protection: this.#protection, treeId: this.#id, payload, patience, words };
    return this.session.request(command, request, envelope, signal);
  }

  async close(signal: AbortSignal): Promise<void> {
    if (this.session.connection.ended !== undefined) return;
    await this.request(TREE_DISCONNECT, {}, signal);
  }
}
