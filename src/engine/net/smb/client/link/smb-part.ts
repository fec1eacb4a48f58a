import { never } from '../../../../base/abort.ts';
import { ByteBudget } from '../../../../base/bytes/byte-budget.ts';
import { isEngineError } from '../../../../base/errors.ts';
import type { PartWriter } from '../../../../source/byte-source.ts';
import { closeFile, OPEN, openFile, type OpenFile } from '../files/open-file.ts';
import { flushFile, setLength, writeFile } from '../files/write-file.ts';
import type { SmbTree } from '../session/smb-tree.ts';
import { abortable } from './abortable.ts';
import type { SmbLink } from './smb-link.ts';

/** Bytes of writes of one file that are under way. */
const IN_FLIGHT_BYTES = 16 * 2 ** 20;
/** Time for closing or removing the file, in milliseconds. */
const CLOSE_MS = 5000;

interface Handle {
  readonly tree: SmbTree;
  readonly open: Promise<OpenFile>;
}

/**
 * A file of a share under construction, under a name of its own. After a lost connection it
 * is opened again and the write is repeated. A server that crashed may have lost earlier writes: the
 * caller reads back what it wrote.
 */
export class SmbPart implements PartWriter {
  /** UNC path. */
  readonly name: string;
  readonly #link: SmbLink;
  readonly #share: string;
  readonly #path: string;
  readonly #budget = new ByteBudget(IN_FLIGHT_BYTES);
  #handle: Handle | undefined;

  private constructor(link: SmbLink, share: string, path: string) {
    this.name = `\\\\${link.host}\\${share}\\${path}`;
    this.#link = link;
    this.#share = share;
    this.#path = path;
  }

  /**
   * Makes an empty file. Throws `smb.denied`, `smb.notFound` for a missing folder.
   * @param path relative to the share, `\` between its parts
   */
  static async create(
    link: SmbLink,
    share: string,
    path: string,
    signal: AbortSignal,
  ): Promise<SmbPart> {
    const part = new SmbPart(link, share, path);
    await part.#run(async () => undefined, signal);
    return part;
  }

  async write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    if (bytes.length === 0) return;
    const release = await this.#budget.take(bytes.length, signal);
    try {
      await this.#run(
        (tree, { fileId }) => writeFile(tree, fileId, this.name, offset, bytes, signal),
        signal,
      );
    } finally {
      release();
    }
  }

  async complete(size: number, signal: AbortSignal): Promise<void> {
    await this.#run(async (tree, { fileId }) => {
      await setLength(tree, fileId, this.name, size, signal);
      await flushFile(tree, fileId, this.name, signal);
    }, signal);
    await this.#close();
  }

  /** Closes and removes the file, if the server can be reached now. */
  async abandon(): Promise<void> {
    await this.#close();
    try {
      await this.#link.remove(this.#share, this.#path, AbortSignal.timeout(CLOSE_MS));
    } catch (error) {
      // The next cleanup removes its folder.
      if (!isEngineError(error) && (error as Error).name !== 'TimeoutError') throw error;
    }
  }

  #run(work: (tree: SmbTree, file: OpenFile) => Promise<void>, signal: AbortSignal): Promise<void> {
    return this.#link.run(
      this.#share,
      async (tree) => work(tree, await this.#opened(tree, signal)),
      signal,
    );
  }

  /** Returns the open of this session; the first writer after a loss makes it. */
  #opened(tree: SmbTree, signal: AbortSignal): Promise<OpenFile> {
    let handle = this.#handle;
    if (handle?.tree !== tree) {
      const made = { tree, open: openFile(tree, this.#path, OPEN.write, never) };
      // An open that failed must not be the answer to later writes.
      made.open.catch(() => {
        if (this.#handle === made) this.#handle = undefined;
      });
      handle = this.#handle = made;
    }
    return abortable(handle.open, signal);
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    const file = await handle?.open.catch(() => undefined);
    if (handle === undefined || file === undefined) return;
    if (handle.tree.session.connection.ended !== undefined) return;
    const limit = AbortSignal.timeout(CLOSE_MS);
    await closeFile(handle.tree, file.fileId, limit).catch(() => undefined);
  }
}
