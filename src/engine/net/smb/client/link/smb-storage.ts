import { never } from '../../../../base/abort.ts';
import type { ByteStorage } from '../../../../source/byte-source.ts';
import { checkRead } from '../../../../source/read-check.ts';
import { smbError } from '../../contract/smb-errors.ts';
import { closeFile, OPEN, openFile, type OpenFile } from '../files/open-file.ts';
import { readFile } from '../files/read-file.ts';
import { flushFile, setLength, writeFile } from '../files/write-file.ts';
import type { SmbTree } from '../session/smb-tree.ts';
import type { SmbLink } from './smb-link.ts';

/** Time for closing a handle, in milliseconds. */
const CLOSE_MS = 5000;

/**
 * A file of a share that is changed in place, in one session: a server that crashed may have lost writes
 * that were not flushed, so after a lost connection every call throws `smb.failed`. The caller does the
 * whole change again.
 */
export class SmbStorage implements ByteStorage {
  /** UNC path. */
  readonly name: string;
  readonly #link: SmbLink;
  readonly #share: string;
  readonly #tree: SmbTree;
  readonly #open: OpenFile;
  #size: number;
  #isClosed = false;

  private constructor(link: SmbLink, share: string, path: string, tree: SmbTree, open: OpenFile) {
    this.name = `\\\\${link.host}\\${share}\\${path}`;
    this.#link = link;
    this.#share = share;
    this.#tree = tree;
    this.#open = open;
    this.#size = open.facts.endOfFile;
  }

  /**
   * Opens an existing file. Throws `smb.notFound`, `smb.denied`, `smb.busy`, `smb.redirect`.
   * @param path relative to the share, `\` between its parts
   */
  static open(
    link: SmbLink,
    share: string,
    path: string,
    signal: AbortSignal,
  ): Promise<SmbStorage> {
    const run = async (tree: SmbTree): Promise<SmbStorage> =>
      new SmbStorage(link, share, path, tree, await openFile(tree, path, OPEN.change, never));
    return link.run(share, run, signal);
  }

  get size(): number {
    return this.#size;
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    checkRead(this, offset, into.length);
    if (into.length === 0) return;
    const { fileId } = this.#open;
    await this.#run((tree) => readFile(tree, fileId, this.name, offset, into, signal), signal);
  }

  async write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    if (bytes.length === 0) return;
    const { fileId } = this.#open;
    await this.#run((tree) => writeFile(tree, fileId, this.name, offset, bytes, signal), signal);
    this.#size = Math.max(this.#size, offset + bytes.length);
  }

  async resize(size: number, signal: AbortSignal): Promise<void> {
    const { fileId } = this.#open;
    await this.#run((tree) => setLength(tree, fileId, this.name, size, signal), signal);
    this.#size = size;
  }

  async flush(signal: AbortSignal): Promise<void> {
    const { fileId } = this.#open;
    await this.#run((tree) => flushFile(tree, fileId, this.name, signal), signal);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#tree.session.connection.ended !== undefined) return;
    const limit = AbortSignal.timeout(CLOSE_MS);
    await closeFile(this.#tree, this.#open.fileId, limit).catch(() => undefined);
  }

  #run(work: (tree: SmbTree) => Promise<void>, signal: AbortSignal): Promise<void> {
    return this.#link.run(
      this.#share,
      async (tree) => {
        if (tree === this.#tree && !this.#isClosed) return work(tree);
        const why = this.#isClosed ? 'is closed' : 'was open when the connection was lost';
        throw smbError('smb.failed', `${this.name} ${why}: change it again from the start`, {
          data: { path: this.name },
        });
      },
      signal,
    );
  }
}
