import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { CopiedFiles } from '../../api/guest/guest-files.ts';
import { isEngineError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import { ensureFolder, refuseFileInTheWay } from '../../source/folders/folder.ts';
import { fileError } from '../../source/platform/file-errors.ts';
import { isPortableFileName, portableFileName } from '../../source/platform/path-flavour.ts';
import { guestError } from '../bytes/guest-errors.ts';
import type { GuestFiles, GuestNode } from '../contract/guest-files.ts';
import { copyContents } from './copy-contents.ts';
import { findPath, type FoundPath } from './find-path.ts';
import { sortedEntries } from './list-folder.ts';
import { requireRoomFor } from './measure-tree.ts';

const MAX_DEPTH = 256;
/** Maximum number of renamed and of skipped files in the result. */
const MAX_NAMED = 100;

/**
 * Copies files and folders of a guest into a folder of this machine, which is made if it is missing. Names become names that every
 * platform accepts, so that nothing is written outside of the folder, and nothing is replaced. What
 * cannot be read, links and devices are skipped. Throws `guest.notFound` for a requested path, before
 * anything is written `guest.space` if the files do not fit, and `source.*` if the target cannot be
 * written.
 */
export async function copyTree(
  files: GuestFiles,
  paths: readonly string[],
  to: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<CopiedFiles> {
  const found: FoundPath[] = [];
  for (const each of paths) found.push(await findPath(files, each, signal));
  await refuseFileInTheWay(to);
  await requireRoomFor(found, to, signal);
  await ensureFolder(to);
  progress.phase('copy', 0);
  const copy = new TreeCopy(progress, signal);
  for (const each of found) await copy.start(each, to);
  return { to, ...copy.result() };
}

/** One run of copying: what was copied, and what was not. */
class TreeCopy {
  readonly #progress: Progress;
  readonly #signal: AbortSignal;
  readonly #renamed: { path: string; as: string }[] = [];
  readonly #skipped: { path: string; code: string; message: string }[] = [];
  #skippedCount = 0;
  #files = 0;
  #folders = 0;
  #bytes = 0;
  /** Folders of this tree: a damaged file system may have one in several places, or in itself. */
  #seen = new Set<string>();

  constructor(progress: Progress, signal: AbortSignal) {
    this.#progress = progress;
    this.#signal = signal;
  }

  result(): Omit<CopiedFiles, 'to'> {
    return {
      files: this.#files,
      folders: this.#folders,
      bytes: this.#bytes,
      renamed: this.#renamed,
      skipped: this.#skipped,
      skippedCount: this.#skippedCount,
    };
  }

  async start({ node, path: from, name, stream }: FoundPath, to: string): Promise<void> {
    this.#seen = new Set();
    if (from === '/') this.#seen.add(node.id);
    if (from === '/') await this.#entriesOf(node, '', to, 0);
    else if (stream === null) await this.#copy(node, from, name, to, 0);
    else await this.#attempt(`${from}:${stream}`, () => this.#file(node, from, name, stream, to));
  }

  async #copy(
    node: GuestNode,
    from: string,
    name: string,
    to: string,
    depth: number,
  ): Promise<void> {
    await this.#attempt(from, async () => {
      if (node.kind === 'file') return this.#file(node, from, name, null, to);
      if (node.kind === 'folder') return this.#folder(node, from, name, to, depth);
      const kind = node.kind === 'link' ? `a link to ${node.target ?? '?'}` : 'a device or socket';
      throw guestError('guest.unsupported', `${from} is ${kind}, which is not copied`);
    });
  }

  async #file(
    node: GuestNode,
    from: string,
    name: string,
    stream: string | null,
    to: string,
  ): Promise<void> {
    const bytes = await node.open(stream, this.#signal);
    const target = this.#target(from, stream === null ? name : `${name}:${stream}`, to);
    await copyContents(bytes, target, this.#progress, this.#signal);
    this.#files++;
    this.#bytes += bytes.size;
  }

  async #folder(
    node: GuestNode,
    from: string,
    name: string,
    to: string,
    depth: number,
  ): Promise<void> {
    if (depth >= MAX_DEPTH) {
      throw guestError('guest.limit', `${from} lies more than ${MAX_DEPTH} folders deep`);
    }
    if (this.#seen.has(node.id)) {
      throw guestError('guest.damaged', `${from} is a folder that has a second place in this tree`);
    }
    this.#seen.add(node.id);
    const target = this.#target(from, name, to);
    await mkdir(target).catch((error: unknown) => {
      throw fileError(error, 'create', target);
    });
    this.#folders++;
    await this.#entriesOf(node, from, target, depth + 1);
  }

  async #entriesOf(node: GuestNode, from: string, to: string, depth: number): Promise<void> {
    for (const entry of await sortedEntries(node, this.#signal)) {
      const path = `${from}/${entry.name}`;
      await this.#attempt(path, async () =>
        this.#copy(await entry.node(this.#signal), path, entry.name, to, depth),
      );
    }
  }

  /** Returns the place of a copy, directly in `to`. */
  #target(from: string, name: string, to: string): string {
    const as = isPortableFileName(name) ? name : portableFileName(name);
    if (as !== name && this.#renamed.length < MAX_NAMED) this.#renamed.push({ path: from, as });
    return path.join(to, as);
  }

  /** Runs a step; what cannot be read or already exists is recorded and skipped. */
  async #attempt(from: string, step: () => Promise<void>): Promise<void> {
    try {
      this.#signal.throwIfAborted();
      await step();
    } catch (error) {
      if (!isEngineError(error) || !isSkipped(error.code)) throw error;
      this.#skippedCount++;
      if (this.#skipped.length >= MAX_NAMED) return;
      this.#skipped.push({ path: from, code: error.code, message: error.message });
    }
  }
}

const isSkipped = (code: string): boolean =>
  code.startsWith('guest.') || code === 'source.exists' || code === 'source.name';
