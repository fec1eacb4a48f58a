import { setMaxListeners } from 'node:events';
import { delay } from '../../../../base/abort.ts';
import { isEngineError } from '../../../../base/errors.ts';
import { newGuid } from '../../../../base/guid.ts';
import { smbError } from '../../contract/smb-errors.ts';
import { listFolder } from '../files/list-folder.ts';
import { removeFile, statFile, type FileStatus } from '../files/share-files.ts';
import type { DirectoryEntry } from '../../codec/queries/directory-entries.ts';
import { SmbSession, type SessionOptions } from '../session/smb-session.ts';
import { SmbTree } from '../session/smb-tree.ts';
import { abortable } from './abortable.ts';

export interface LinkOptions extends SessionOptions {
  /** Time in which a lost connection may be made again, in milliseconds. */
  readonly patience?: number;
  /** Called after each login, before anything is opened. If it throws, the session is not used. */
  readonly opened?: (session: SmbSession) => Promise<void>;
}

const DEFAULT_PATIENCE_MS = 5 * 60_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

/** A session with the shares that were entered in it. */
interface Line {
  readonly session: SmbSession;
  readonly trees: Map<string, Promise<SmbTree>>;
}

/** Whether an error means that the connection, the session or the share is gone, not that a request was wrong. */
const isLoss = (error: unknown): boolean =>
  isEngineError(error, 'smb.lost', 'smb.timeout', 'smb.unreachable');

/**
 * A file server as a user of it sees it: connects at the first use, and again after the connection,
 * the session or the share was lost, with growing pauses, for at most five minutes. A new session
 * names the lost one, so that the server closes at once what that had open.
 */
export class SmbLink {
  readonly host: string;
  readonly #options: LinkOptions;
  readonly #clientGuid = newGuid();
  /** Ends what callers share: connecting, logging in, entering a share. */
  readonly #life = new AbortController();
  #line: Promise<Line> | undefined;
  #connecting: Promise<Line> | undefined;
  #previous: bigint;
  #connected = false;
  #isClosed = false;

  /** Sends nothing yet. */
  constructor(options: LinkOptions) {
    this.host = options.host;
    this.#options = options;
    this.#previous = options.previousSessionId ?? 0n;
  }

  /** Returns the session, made anew if the last one is gone. Does not wait for a lost server. */
  async session(signal: AbortSignal): Promise<SmbSession> {
    return (await this.#current(signal)).session;
  }

  /**
   * Runs work on a share and repeats it as a whole after a loss. The first connection is not repeated:
   * a server that is not there fails at once. Throws the last loss when the time is over.
   * @param share name of the share, without case
   */
  async run<T>(
    share: string,
    work: (tree: SmbTree) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const { patience = DEFAULT_PATIENCE_MS } = this.#options;
    // Every request that is under way listens to it. Node 20 would print a warning of a leak.
    setMaxListeners(0, signal);
    let until: number | undefined;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      const before = this.#line;
      try {
        const done = await work(await this.#tree(share, signal));
        return done;
      } catch (error) {
        signal.throwIfAborted();
        // Nobody would close a session that begins after the link was closed.
        if (!isLoss(error) || !this.#connected || this.#isClosed) throw error;
        const now = Date.now();
        until ??= now + patience;
        if (now >= until) throw error;
        if (before !== undefined && this.#line === before) this.#drop(error as Error);
        await delay(Math.min(pause, until - now), signal);
      }
    }
  }

  stat(share: string, name: string, signal: AbortSignal): Promise<FileStatus> {
    return this.run(share, (tree) => statFile(tree, name, signal), signal);
  }

  list(share: string, name: string, signal: AbortSignal): Promise<DirectoryEntry[]> {
    return this.run(share, (tree) => listFolder(tree, name, signal), signal);
  }

  remove(share: string, name: string, signal: AbortSignal): Promise<void> {
    return this.run(share, (tree) => removeFile(tree, name, signal), signal);
  }

  /**
   * Logs off and ends the connection; the link is not used again. Returns false if the server may keep
   * files of the session open.
   */
  async close(): Promise<boolean> {
    this.#isClosed = true;
    if (this.#connecting !== undefined) this.#life.abort(new Error('The link was closed'));
    const line = this.#line;
    this.#line = undefined;
    const { session } = (await line?.catch(() => undefined)) ?? {};
    return (await session?.close()) ?? !this.#connected;
  }

  async #tree(share: string, signal: AbortSignal): Promise<SmbTree> {
    const { session, trees } = await this.#current(signal);
    const name = share.toLowerCase();
    const known = trees.get(name);
    if (known !== undefined) return abortable(known, signal);
    const tree = SmbTree.connect(session, share, this.#life.signal);
    trees.set(name, tree);
    tree.catch(() => trees.delete(name));
    return abortable(tree, signal);
  }

  async #current(signal: AbortSignal): Promise<Line> {
    if (this.#isClosed) throw smbError('smb.failed', `The link to ${this.host} is closed`);
    const line = await abortable(
      Promise.resolve(this.#line).catch(() => undefined),
      signal,
    );
    if (line !== undefined && line.session.connection.ended === undefined) return line;
    if (line !== undefined) this.#previous = line.session.id;
    // If several callers find the connection lost, the first one connects again.
    this.#line = this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    this.#line.catch(() => undefined);
    return abortable(this.#line, signal);
  }

  async #connect(): Promise<Line> {
    const options = {
      ...this.#options,
      clientGuid: this.#clientGuid,
      previousSessionId: this.#previous,
    };
    const session = await SmbSession.open(options, this.#life.signal);
    try {
      await this.#options.opened?.(session);
    } catch (error) {
      await session.close();
      throw error;
    }
    this.#connected = true;
    return { session, trees: new Map() };
  }

  /** Ends a connection whose session or share is gone; the next use connects anew. */
  #drop(reason: Error): void {
    this.#line?.then(
      ({ session }) => {
        this.#previous = session.id;
        session.connection.close(reason);
      },
      () => undefined,
    );
  }
}
