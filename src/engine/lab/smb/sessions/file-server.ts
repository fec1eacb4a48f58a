import { randomBytes } from 'node:crypto';
import { sameFileId, type FileId } from '../../../net/smb/codec/protocol/file-id.ts';
import type { Guid } from '../../../base/guid.ts';
import { SERVER_STATUS as STATUS } from '../contract/server-status.ts';
import { StatusError } from '../contract/status-error.ts';
import type { Open } from '../files/open.ts';
import { Volume } from '../files/volume.ts';
import { PIPES, type Share } from '../shares/share.ts';
import { Session, type Tree } from './session.ts';
import type { SmbHost } from './smb-host.ts';

/** Maximum number of sessions of the server. */
const MAX_SESSIONS = 1024;

interface Registered {
  readonly session: Session;
  /** Ends the session on its connection. */
  readonly end: () => Promise<void>;
}

/** A handle without a session, which waits for its client. */
interface Orphan {
  readonly open: Open;
  readonly share: string;
  readonly user: string | undefined;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** State that all connections of the lab's file server share. */
export class FileServer {
  readonly host: SmbHost;
  readonly volume: Volume;
  readonly startedAt = Date.now();
  readonly #sessions = new Map<bigint, Registered>();
  readonly #orphans = new Set<Orphan>();

  constructor(host: SmbHost) {
    this.host = host;
    this.volume = new Volume(host.fileShares, host.realPath);
  }

  /** Creates a session that is not logged in yet. Its number is not zero, and unused. */
  addSession(end: (session: Session) => Promise<void>): Session {
    if (this.#sessions.size >= MAX_SESSIONS) {
      throw new StatusError(STATUS.insufficientServerResources);
    }
    let id: bigint;
    do id = randomBytes(8).readBigUInt64LE() >> 1n;
    while (id === 0n || this.#sessions.has(id));
    const session = new Session(id);
    this.#sessions.set(id, { session, end: () => end(session) });
    return session;
  }

  /** Ends a session of another connection that the same user names as the one before. */
  async endPrevious(id: bigint, by: Session): Promise<void> {
    const previous = this.#sessions.get(id);
    if (previous === undefined || previous.session === by) return;
    if (previous.session.user !== by.user) return;
    await previous.end();
  }

  /** Closes all that a session has open; keeps what may outlive its connection if `lost`. */
  async removeSession(session: Session, lost: boolean): Promise<void> {
    this.#sessions.delete(session.id);
    session.login?.context.close();
    const names = new Map<Open, string>();
    for (const tree of session.trees()) {
      for (const open of session.removeTree(tree)) names.set(open, tree.share?.name ?? '');
    }
    for (const [open, share] of names) {
      if (lost && open.durable !== undefined) this.#orphan(open, share, session.user);
      else await this.volume.close(open);
    }
  }

  /** Returns a handle to its client: after a lost connection, by its id and its create GUID. */
  reclaim(id: FileId, createGuid: Guid, tree: Tree, user: string | undefined): Open {
    for (const orphan of this.#orphans) {
      const { open, share } = orphan;
      // Only the persistent half survives.
      const same = sameFileId({ ...open.id, volatile: id.volatile }, id);
      if (!same || open.durable?.createGuid !== createGuid) continue;
      if (share !== tree.share?.name || orphan.user !== user) break;
      clearTimeout(orphan.timer);
      this.#orphans.delete(orphan);
      return open;
    }
    throw new StatusError(STATUS.objectNameNotFound);
  }

  /** Returns a share by its name, without regard to case; undefined for the pipes. */
  share(name: string): Share | undefined {
    const wanted = name.toUpperCase();
    if (wanted === PIPES) return undefined;
    const found = this.host.shares().find((each) => each.name.toUpperCase() === wanted);
    if (found === undefined) throw new StatusError(STATUS.badNetworkName);
    return found;
  }

  /** Whether a share still exists and leads to the same folder. */
  serves({ name, local }: Share): boolean {
    return this.host.shares().some((each) => each.name === name && each.local === local);
  }

  async close(): Promise<void> {
    for (const { open, timer } of this.#orphans) {
      clearTimeout(timer);
      await this.volume.close(open);
    }
    this.#orphans.clear();
  }

  #orphan(open: Open, share: string, user: string | undefined): void {
    const timer = setTimeout(() => {
      this.#orphans.delete(orphan);
      void this.volume.close(open);
    }, open.durable?.timeout);
    const orphan: Orphan = { open, share, user, timer };
    this.#orphans.add(orphan);
  }
}
