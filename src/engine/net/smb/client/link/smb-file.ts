import { never } from '../../../../base/abort.ts';
import { ByteBudget } from '../../../../base/bytes/byte-budget.ts';
import type { ByteSource } from '../../../../source/byte-source.ts';
import { checkRead } from '../../../../source/read-check.ts';
import { smbError } from '../../contract/smb-errors.ts';
import { closeFile, OPEN, openFile, type OpenFile } from '../files/open-file.ts';
import { readFile } from '../files/read-file.ts';
import type { SmbTree } from '../session/smb-tree.ts';
import { abortable } from './abortable.ts';
import type { SmbLink } from './smb-link.ts';

/** Bytes of reads of one file that are under way. */
const IN_FLIGHT_BYTES = 32 * 2 ** 20;
/** Time for closing a handle, in milliseconds. */
const CLOSE_MS = 5000;

/** An open of the file in one session. */
interface Handle {
  /** undefined: the open failed, and is not used again. */
  readonly tree: SmbTree | undefined;
  readonly open: Promise<OpenFile>;
}

/**
 * A file of a share as a source of bytes. After a lost connection it is opened again, and reading
 * continues only if identity, size and times are unchanged; otherwise every read throws
 * `smb.file.changed`.
 */
export class SmbFile implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly #link: SmbLink;
  readonly #share: string;
  readonly #path: string;
  readonly #first: OpenFile;
  readonly #budget = new ByteBudget(IN_FLIGHT_BYTES);
  #handle: Handle;
  #isClosed = false;

  private constructor(link: SmbLink, share: string, path: string, first: Handle, open: OpenFile) {
    this.name = `\\\\${link.host}\\${share}\\${path}`;
    this.size = open.facts.endOfFile;
    this.#link = link;
    this.#share = share;
    this.#path = path;
    this.#first = open;
    this.#handle = first;
  }

  /**
   * Opens a file for reading. Throws `smb.notFound`, `smb.denied`, `smb.busy`, `smb.share`,
   * `smb.redirect`.
   * @param path relative to the share, `\` between its parts
   */
  static async open(
    link: SmbLink,
    share: string,
    path: string,
    signal: AbortSignal,
  ): Promise<SmbFile> {
    const run = async (tree: SmbTree): Promise<SmbFile> => {
      const open = await openFile(tree, path, OPEN.read, signal);
      return new SmbFile(link, share, path, { tree, open: Promise.resolve(open) }, open);
    };
    return link.run(share, run, signal);
  }

  /** Facts at the first open. */
  get opened(): Pick<OpenFile, 'facts' | 'diskId' | 'maximalAccess'> {
    return this.#first;
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    checkRead(this, offset, into.length);
    if (into.length === 0) return;
    const release = await this.#budget.take(into.length, signal);
    try {
      await this.#link.run(
        this.#share,
        async (tree) => {
          const { fileId } = await this.#opened(tree, signal);
          await readFile(tree, fileId, this.name, offset, into, signal);
        },
        signal,
      );
    } finally {
      release();
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { tree, open } = this.#handle;
    const file = await open.catch(() => undefined);
    if (file === undefined || tree === undefined || tree.session.connection.ended !== undefined)
      return;
    await closeQuietly(tree, file);
  }

  /** Returns the open of this session; the first reader after a loss makes it. */
  async #opened(tree: SmbTree, signal: AbortSignal): Promise<OpenFile> {
    if (this.#isClosed) throw smbError('smb.failed', `${this.name} is closed`);
    if (this.#handle.tree !== tree) {
      const open = openFile(tree, this.#path, OPEN.read, never).then((again) =>
        this.#checked(tree, again),
      );
      const handle = { tree, open };
      this.#handle = handle;
      // An open that failed, or was cancelled, must not be the answer to later reads.
      open.catch(() => {
        if (this.#handle === handle) this.#handle = { ...handle, tree: undefined };
      });
    }
    return abortable(this.#handle.open, signal);
  }

  /** Returns the open if the file is unchanged; closes it otherwise. */
  async #checked(tree: SmbTree, again: OpenFile): Promise<OpenFile> {
    const before = identityOf(this.#first);
    const now = identityOf(again);
    const changed = Object.keys(before).filter((key) => before[key] !== now[key]);
    if (changed.length === 0) return again;
    await closeQuietly(tree, again);
    const was = changed.map((key) => `${key} was ${before[key]}, is ${now[key]}`).join('; ');
    throw smbError(
      'smb.file.changed',
      `${this.name} changed while the connection was lost: ${was}`,
      { data: { path: this.name, changed } },
    );
  }
}

async function closeQuietly(tree: SmbTree, { fileId }: OpenFile): Promise<void> {
  await closeFile(tree, fileId, AbortSignal.timeout(CLOSE_MS)).catch(() => undefined);
}

function identityOf({ facts, diskId }: OpenFile): Readonly<Record<string, string>> {
  return {
    id: diskId ?? 'unknown',
    size: String(facts.endOfFile),
    created: String(facts.creationTime),
    changed: String(facts.changeTime),
  };
}
