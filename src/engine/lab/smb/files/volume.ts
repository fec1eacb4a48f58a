import fs, { type FileHandle } from 'node:fs/promises';
import { constants } from 'node:fs';
import path from 'node:path';
import { never } from '../../../base/abort.ts';
import { Semaphore } from '../../../base/semaphore.ts';
import type { FileShares } from '../../files/file-shares.ts';
import { SERVER_STATUS as STATUS } from '../contract/server-status.ts';
import { StatusError } from '../contract/status-error.ts';
import { statusOfSystem, type RealPath } from '../shares/locate.ts';
import { FileNodes } from './file-node.ts';
import type { Open } from './open.ts';

/** Maximum number of files that all sessions have open: each takes a descriptor of the lab. */
const MAX_OPENS = 8192;

/**
 * The lab's volume behind all shares: what is open, by whom, and what is about to be removed. Start
 * with `open-file.ts`. Opening, closing and renaming take turns, so that each sees the
 * others whole.
 */
export class Volume {
  readonly nodes = new FileNodes();
  readonly shares: FileShares;
  /** Returns where the contents of a local path are: a disk in use lies in a private folder. */
  readonly realPath: RealPath;
  readonly #turn = new Semaphore(1);
  #lastId = 0n;
  #opens = 0;

  constructor(shares: FileShares, realPath: RealPath) {
    this.shares = shares;
    this.realPath = realPath;
  }

  inTurn<T>(task: () => Promise<T>): Promise<T> {
    return this.#turn.run(task, never);
  }

  /** Counts an open. Throws if there are too many. */
  enter(): void {
    if (this.#opens >= MAX_OPENS) throw new StatusError(STATUS.insufficientServerResources);
    this.#opens++;
  }

  /** An open that was counted has ended, or failed. */
  leave(): void {
    this.#opens--;
  }

  nextId(): bigint {
    this.#lastId++;
    return this.#lastId;
  }

  /** Closes an open; removes its file if that was asked for and nobody else has it open. */
  close(open: Open): Promise<void> {
    return this.inTurn(async () => {
      const { node } = open;
      open.closing.abort(new StatusError(STATUS.fileClosed));
      open.watch?.close();
      open.release();
      await open.handle?.close().catch(() => undefined);
      // Its files may have been removed meanwhile.
      await open.shared?.close().catch(() => undefined);
      if (node === undefined || !node.opens.delete(open)) return;
      this.leave();
      node.locks.removeAll(open);
      if (open.deleteOnClose) node.deletePending = true;
      if (node.opens.size > 0) return;
      this.nodes.drop(node);
      if (node.deletePending) await this.#remove(node.local, open.kind === 'folder');
    });
  }

  /** A folder that was filled meanwhile stays, as on Windows. */
  async #remove(local: string, folder: boolean): Promise<void> {
    await (folder ? fs.rmdir(local) : fs.unlink(local)).catch(() => undefined);
  }

  /** Throws unless a file or folder may be marked for removal. */
  async requireRemovable(open: Open): Promise<void> {
    const { node, kind, name } = open;
    // Neither the root of a drive nor that of a share.
    if (node === undefined || name === '') throw new StatusError(STATUS.cannotDelete);
    if (kind !== 'folder') return;
    const names = await fs.readdir(node.local).catch(() => []);
    if (names.length > 0) throw new StatusError(STATUS.directoryNotEmpty);
  }
}

/** Opens the contents of a file without following a link. Throws the status of a failure. */
export async function openContents(
  local: string,
  { writes, creates }: { readonly writes: boolean; readonly creates: boolean },
): Promise<FileHandle> {
  const mode = writes || creates ? constants.O_RDWR : constants.O_RDONLY;
  const fresh = creates ? constants.O_CREAT | constants.O_EXCL : 0;
  // Windows has neither flag; links were refused before.
  const safe = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  try {
    return await fs.open(local, mode | fresh | safe);
  } catch (error) {
    throw new StatusError(statusOfSystem(error));
  }
}

/** Whether a path is a folder or lies below it. */
export const isWithin = (folder: string, local: string): boolean =>
  local === folder || local.startsWith(folder + path.sep);
