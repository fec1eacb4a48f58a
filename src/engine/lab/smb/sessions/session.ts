import type { AcceptorContext } from '../../../net/auth/contract/security-context.ts';
import type { PreauthHash } from '../../../net/smb/crypto/preauth-hash.ts';
import type { SessionProtection } from '../../../net/smb/crypto/session-protection.ts';
import { Semaphore } from '../../../base/semaphore.ts';
import type { FileId } from '../../../net/smb/codec/protocol/file-id.ts';
import { SERVER_STATUS as STATUS } from '../contract/server-status.ts';
import { StatusError } from '../contract/status-error.ts';
import type { Open } from '../files/open.ts';
import type { Share } from '../shares/share.ts';

/** A share that a session is connected to. */
export interface Tree {
  readonly id: number;
  /** Undefined for the share of the pipes, which the lab does not emulate. */
  readonly share: Share | undefined;
}

/** A login that goes on or is done again. */
export interface LoginInProgress {
  readonly context: AcceptorContext;
  /** Undefined before 3.1.1, and if a valid session logs in again. */
  readonly hash: PreauthHash | undefined;
}

/** Maximum number of opens and of trees of one session. */
const MAX_OPENS = 1024;
const MAX_TREES = 256;

interface SessionOpen {
  readonly open: Open;
  readonly tree: Tree;
}

/** A session of one connection (MS-SMB2 3.3.1.8): who logged in, and what it has open. */
export class Session {
  readonly id: bigint;
  /** Ends the connection of the session, for another session of the same user. */
  login: LoginInProgress | undefined;
  user: string | undefined;
  protection: SessionProtection | undefined;
  /** Every request has to be encrypted. */
  encrypts = false;
  /** The login has to be renewed before anything else. */
  expired = false;
  /** Opens and closes of one session queue here, so that those of other sessions do not wait behind them. */
  readonly turn = new Semaphore(1);
  readonly #trees = new Map<number, Tree>();
  readonly #opens = new Map<bigint, SessionOpen>();
  #lastTree = 0;

  constructor(id: bigint) {
    this.id = id;
  }

  /** Whether somebody is logged in. */
  get isValid(): boolean {
    return this.protection !== undefined;
  }

  addTree(share: Share | undefined): Tree {
    if (this.#trees.size >= MAX_TREES) throw new StatusError(STATUS.insufficientResources);
    const tree = { id: ++this.#lastTree, share };
    this.#trees.set(tree.id, tree);
    return tree;
  }

  /** Throws NETWORK_NAME_DELETED for a tree of another session, or of none. */
  tree(id: number): Tree {
    const tree = this.#trees.get(id);
    if (tree === undefined) throw new StatusError(STATUS.networkNameDeleted);
    return tree;
  }

  trees(): Tree[] {
    return [...this.#trees.values()];
  }

  /** Forgets a tree and returns what was open in it. */
  removeTree(tree: Tree): Open[] {
    this.#trees.delete(tree.id);
    return this.#take((each) => each.tree === tree);
  }

  requireRoom(): void {
    if (this.#opens.size >= MAX_OPENS) throw new StatusError(STATUS.insufficientResources);
  }

  /** Throws if the session has no room, or if it or the tree ended while the file was opened. */
  addOpen(tree: Tree, open: Open): void {
    this.requireRoom();
    this.tree(tree.id);
    this.#opens.set(open.id.volatile, { open, tree });
  }

  /** Throws FILE_CLOSED for a handle of another session or tree, or of none. */
  open(tree: Tree, { persistent, volatile }: FileId): Open {
    const found = this.#opens.get(volatile);
    if (found?.tree === tree && found.open.id.persistent === persistent) return found.open;
    throw new StatusError(STATUS.fileClosed);
  }

  removeOpen(open: Open): void {
    this.#opens.delete(open.id.volatile);
  }

  /** Forgets everything that is open, and returns it. */
  takeOpens(): Open[] {
    this.#trees.clear();
    return this.#take(() => true);
  }

  #take(which: (each: SessionOpen) => boolean): Open[] {
    const taken = [...this.#opens.values()].filter(which).map(({ open }) => open);
    for (const open of taken) this.removeOpen(open);
    return taken;
  }
}
