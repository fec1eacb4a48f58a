import { never } from '../../../base/abort.ts';
import { abortable } from '../../smb/client/link/abortable.ts';
import type { SmbLink } from '../../smb/client/link/smb-link.ts';
import type { SmbTree } from '../../smb/client/session/smb-tree.ts';
import { rsvdError } from '../contract/rsvd-errors.ts';
import { readFacts, type DiskFacts } from './disk/disk-facts.ts';
import { openHandle, type HandleOptions } from './handle/open-handle.ts';
import type { RsvdHandle } from './handle/rsvd-handle.ts';

interface Current {
  readonly tree: SmbTree;
  readonly open: Promise<Opened>;
}

interface Opened {
  readonly handle: RsvdHandle;
  readonly facts: DiskFacts;
}

/**
 * An open of a shared disk that survives lost connections: it is opened again in the new session, and
 * used only if size and identity are unchanged; otherwise `rsvd.changed`.
 */
export class ReopenedHandle {
  readonly #link: SmbLink;
  readonly #share: string;
  readonly #name: string;
  readonly #options: HandleOptions;
  #current: Current | undefined;
  #identity: Pick<DiskFacts, 'diskId' | 'virtualSize'> | undefined;
  #isClosed = false;

  constructor(link: SmbLink, share: string, name: string, options: HandleOptions) {
    this.#link = link;
    this.#share = share;
    this.#name = name;
    this.#options = options;
  }

  /** Runs work that may be repeated as a whole after a loss. */
  run<T>(work: (handle: RsvdHandle) => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#link.run(
      this.#share,
      async (tree) => work((await this.#opened(tree, signal)).handle),
      signal,
    );
  }

  /** Returns the facts that were read when the disk was opened; opens it if it is not. */
  facts(signal: AbortSignal): Promise<DiskFacts> {
    const work = async (tree: SmbTree): Promise<DiskFacts> =>
      (await this.#opened(tree, signal)).facts;
    return this.#link.run(this.#share, work, signal);
  }

  /** Runs work that changes something: never repeated. Throws the loss of the connection. */
  async runOnce<T>(work: (handle: RsvdHandle) => Promise<T>, signal: AbortSignal): Promise<T> {
    return work(await this.run(async (handle) => handle, signal));
  }

  /** Whether the disk is open in a session, or is being opened there. */
  isOpenIn(tree: SmbTree): boolean {
    return this.#current?.tree === tree && !this.#isClosed;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const opened = await this.#current?.open.catch(() => undefined);
    await opened?.handle.close();
  }

  async #opened(tree: SmbTree, signal: AbortSignal): Promise<Opened> {
    if (this.#isClosed) {
      throw rsvdError('rsvd.failed', `${this.#name} is closed`, { data: { path: this.#name } });
    }
    if (this.#current?.tree !== tree) {
      const current = { tree, open: this.#open(tree) };
      this.#current = current;
      // A failed open is not the answer to later work.
      current.open.catch(() => {
        if (this.#current === current) this.#current = undefined;
      });
    }
    return abortable(this.#current.open, signal);
  }

  async #open(tree: SmbTree): Promise<Opened> {
    const handle = await openHandle(tree, this.#name, this.#options, never);
    try {
      const facts = await readFacts(handle, never);
      const { diskId, virtualSize } = facts;
      const before = this.#identity;
      if (
        before !== undefined &&
        (before.diskId !== diskId || before.virtualSize !== virtualSize)
      ) {
        throw rsvdError(
          'rsvd.changed',
          `${handle.path} changed while the connection was lost: it was disk ${before.diskId} of ${before.virtualSize} bytes, is ${diskId} of ${virtualSize} bytes`,
          { data: { path: handle.path } },
        );
      }
      this.#identity = { diskId, virtualSize };
      return { handle, facts };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }
}
