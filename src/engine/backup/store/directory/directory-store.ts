import { dirname, join } from 'node:path';
import { never } from '../../../base/abort.ts';
import { newGuid, type Guid } from '../../../base/guid.ts';
import { isEngineError } from '../../../base/errors.ts';
import { createFileExclusive, replaceFile } from '../../../source/files/atomic-file.ts';
import type { ByteSource, PartWriter } from '../../../source/byte-source.ts';
import type { Durability } from '../../../source/platform/durability.ts';
import {
  machine,
  retryBusy,
  type FileEnvironment,
} from '../../../source/platform/file-environment.ts';
import { fileError } from '../../../source/platform/file-errors.ts';
import { createFilePart } from '../../../source/files/file-part.ts';
import { FileSource } from '../../../source/files/file-source.ts';
import { isLocalFolder } from '../../../source/files/local-files.ts';
import { hasSparseFiles } from '../../../source/files/sparse-files.ts';
import {
  createFolderExclusive,
  ensureFolder,
  flushFolder,
  removeTree,
} from '../../../source/folders/folder.ts';
import { findLeftovers, listFolder, refuseLinks, type ListedName } from './directory-walk.ts';
import { STORE_MARKER } from '../contract/layout.ts';
import { assertPresent, ensureFoldersBelow } from './presence.ts';
import { readMarker, readWhole } from './read-whole.ts';
import { formatMarker, parseMarker } from './store-marker.ts';
import { storeError } from '../contract/store-errors.ts';
import { isTemporary, storePathParts } from '../contract/store-path.ts';
import type { Leftover, Store } from '../contract/store.ts';

export interface DirectoryStoreOptions {
  /** Makes the folder a store if it is missing or empty. */
  readonly create?: boolean;
  readonly environment?: FileEnvironment;
}

const NO_ID = '00000000-0000-0000-0000-000000000000' as Guid;

/** Entries that an otherwise empty drive or folder may have and still become a store. */
const HARMLESS = new Set([
  'lost+found',
  'system volume information',
  '$recycle.bin',
  '.ds_store',
  'desktop.ini',
  'thumbs.db',
]);

async function rootOf(
  folder: string,
  environment: FileEnvironment,
): Promise<{ readonly real: string; readonly local: boolean }> {
  const real = await environment.files.realpath(folder);
  return { real, local: environment === machine && (await isLocalFolder(real)) };
}

/** A store in a folder, on this machine or mounted. No path leads out of the folder. */
export class DirectoryStore implements Store {
  readonly id: Guid;
  readonly location: string;
  readonly #environment: FileEnvironment;
  readonly #realRoot: string;
  /** Whether short calls may run on this thread. */
  readonly #local: boolean;

  private constructor(
    id: Guid,
    location: string,
    root: { readonly real: string; readonly local: boolean },
    environment: FileEnvironment,
  ) {
    this.id = id;
    this.location = location;
    this.#realRoot = root.real;
    this.#local = root.local;
    this.#environment = environment;
  }

  /**
   * Opens the store in `folder`; makes it with `create`. Throws `store.notFound` if the folder is
   * missing, `store.notStore` if it contains something else, `store.version` if a newer program
   * made it.
   */
  static async open(
    folder: string,
    options: DirectoryStoreOptions,
    signal: AbortSignal,
  ): Promise<DirectoryStore> {
    const environment = options.environment ?? machine;
    const create = options.create === true;
    if (create) await ensureFolder(folder, environment);
    const names = await listRoot(folder, environment);
    if (!names.some((entry) => entry.name === STORE_MARKER && entry.kind === 'file')) {
      refuseForeign(folder, names, create);
      // If two processes make the same store at once, one creates the marker and both read it.
      await createFileExclusive(
        join(folder, STORE_MARKER),
        formatMarker(newGuid()),
        signal,
        environment,
      );
    }
    const marker = await readMarker(join(folder, STORE_MARKER), environment, signal);
    const id = parseMarker(marker, folder);
    return new DirectoryStore(id, folder, await rootOf(folder, environment), environment);
  }

  /**
   * Opens one of the program's own folders, which has no marker and no ID but follows the rules of
   * stores: for the lease of a user's ledger. Creates the folder.
   */
  static async openUnmarked(
    folder: string,
    signal: AbortSignal,
    environment: FileEnvironment = machine,
  ): Promise<DirectoryStore> {
    signal.throwIfAborted();
    await ensureFolder(folder, environment);
    return new DirectoryStore(NO_ID, folder, await rootOf(folder, environment), environment);
  }

  async list(folder: string, signal: AbortSignal): Promise<readonly string[]> {
    const path = await this.#resolve(folder, 'root', signal);
    const entries = await listFolder(path, this.#environment);
    // A missing folder looks empty, also if its store is no longer mounted.
    if (entries.length === 0) await this.#mustBeThere(signal);
    // A link is not part of a store. It is listed like a folder, and opening it fails with its
    // name.
    return entries.map((entry) => (entry.kind === 'file' ? entry.name : `${entry.name}/`));
  }

  async readFile(
    path: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const file = await this.#resolve(path, 'no root', signal);
    try {
      return await readWhole(file, limit, this.#environment, signal, this.#local);
    } catch (error) {
      if (!isEngineError(error, 'source.notFound')) throw error;
      await this.#mustBeThere(signal);
      return undefined;
    }
  }

  async openFile(path: string, signal: AbortSignal): Promise<ByteSource> {
    const file = await this.#resolve(path, 'no root', signal);
    try {
      const options = { local: this.#local };
      return await retryBusy(
        () => FileSource.open(file, signal, options),
        this.#environment,
        signal,
      );
    } catch (error) {
      if (!isEngineError(error, 'source.notFound')) throw error;
      await this.#mustBeThere(signal);
      throw storeError('store.missing', `The store ${this.location} has no ${path}`, {
        data: { store: this.location, path },
        cause: error,
      });
    }
  }

  async createFile(
    path: string,
    signal: AbortSignal,
    durability: 'durable' | 'whole' = 'durable',
  ): Promise<PartWriter> {
    const file = await this.#resolveForWriting(path, signal, durability);
    const options = { environment: this.#environment, durability };
    try {
      const part = await this.#whileThere(createFilePart(file, options, signal));
      return {
        name: part.name,
        write: (offset, bytes, signal) => part.write(offset, bytes, signal),
        complete: (size, signal) =>
          this.#whileThere(part.complete(size, signal)).catch((e) => this.#taken(e, path)),
        abandon: () => part.abandon(),
        ...(part.borrow && { borrow: part.borrow.bind(part) }),
      };
    } catch (error) {
      return this.#taken(error, path);
    }
  }

  async createAbsent(
    path: string,
    bytes: Uint8Array,
    signal: AbortSignal,
    durability: Durability = 'durable',
  ): Promise<boolean> {
    const file = await this.#resolveForWriting(path, signal, durability);
    return this.#whileThere(
      createFileExclusive(file, bytes, signal, this.#environment, durability),
    );
  }

  async replaceFile(
    path: string,
    bytes: Uint8Array,
    signal: AbortSignal,
    durability: Durability = 'durable',
  ): Promise<void> {
    const file = await this.#resolveForWriting(path, signal, durability);
    await this.#whileThere(replaceFile(file, bytes, signal, this.#environment, durability));
  }

  async flush(folder: string, signal: AbortSignal): Promise<void> {
    await this.#mustBeThere(signal);
    const path = await this.#resolve(folder, 'root', signal);
    await this.#whileThere(flushFolder(path, this.#environment));
  }

  async createFolder(path: string, signal: AbortSignal): Promise<boolean> {
    const folder = await this.#resolveForWriting(path, signal, 'durable');
    // A VM's own folder holds the ledger, which must not be lost with its folder's name.
    const durability = path.includes('/') ? 'whole' : 'durable';
    return this.#whileThere(createFolderExclusive(folder, this.#environment, durability));
  }

  async remove(
    path: string,
    signal: AbortSignal,
    durability: 'durable' | 'passing' = 'durable',
  ): Promise<void> {
    await this.#mustBeThere(signal);
    const target = await this.#resolve(path, 'no root', signal);
    await removeTree(target, this.#environment);
    if (durability === 'durable') await flushExisting(dirname(target), this.#environment);
  }

  async leftovers(folder: string, signal: AbortSignal): Promise<readonly Leftover[]> {
    const path = await this.#resolve(folder, 'root', signal);
    const found = await findLeftovers(path, this.#environment, signal);
    const prefix = folder === '' ? '' : `${folder}/`;
    return found.map(({ relative, bytes }) => ({ path: `${prefix}${relative}`, bytes }));
  }

  async removeLeftovers(found: readonly Leftover[], signal: AbortSignal): Promise<void> {
    await this.#mustBeThere(signal);
    for (const { path } of found) {
      const parts = path.split('/');
      const name = parts.pop() ?? '';
      if (!isTemporary(name) || parts.includes('..')) {
        throw storeError('store.path', `“${path.slice(0, 200)}” is not a temporary file`, {
          data: { path: path.slice(0, 200) },
        });
      }
      signal.throwIfAborted();
      await refuseLinks(this.#realRoot, parts, this.#environment, this.#local);
      await removeTree(join(this.location, ...parts, name), this.#environment);
    }
  }

  async freeBytes(signal: AbortSignal): Promise<number | undefined> {
    signal.throwIfAborted();
    try {
      const { bavail, bsize } = await this.#environment.files.statfs(this.location);
      return Math.min(bavail * bsize, Number.MAX_SAFE_INTEGER);
    } catch {
      // Some network file systems do not report it.
      return undefined;
    }
  }

  async hasSparseFiles(signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    return hasSparseFiles(this.location, this.#environment).catch(() => false);
  }

  localPath(path: string): string {
    return join(this.location, ...storePathParts(path, 'root'));
  }

  /** Returns the local path after checking that no link on the way leads out of the store. */
  async #resolve(path: string, root: 'root' | 'no root', signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    const parts = storePathParts(path, root);
    await refuseLinks(this.#realRoot, parts, this.#environment, this.#local);
    return join(this.location, ...parts);
  }

  /**
   * Does the same, and also checks that the store still exists and creates missing parent folders.
   */
  async #resolveForWriting(
    path: string,
    signal: AbortSignal,
    durability: Durability,
  ): Promise<string> {
    await this.#mustBeThere(signal);
    const file = await this.#resolve(path, 'no root', signal);
    const parts = storePathParts(path, 'no root').slice(0, -1);
    await this.#whileThere(ensureFoldersBelow(this.location, parts, this.#environment, durability));
    return file;
  }

  /**
   * Throws `store.absent` if this store is no longer at its location. Folders without a marker are
   * not checked.
   */
  async #mustBeThere(signal: AbortSignal): Promise<void> {
    if (this.id === NO_ID) return;
    await assertPresent(this.location, this.id, this.#environment, signal);
  }

  /**
   * Returns the result of `work`. If something is missing because the whole store is, throws
   * `store.absent`.
   */
  async #whileThere<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (isEngineError(error, 'source.notFound')) await this.#mustBeThere(never);
      throw error;
    }
  }

  #taken(error: unknown, path: string): never {
    if (!isEngineError(error, 'source.exists')) throw error;
    throw storeError('store.exists', `The store ${this.location} already has ${path}`, {
      data: { store: this.location, path },
      cause: error,
    });
  }
}

async function listRoot(
  folder: string,
  environment: FileEnvironment,
): Promise<readonly ListedName[]> {
  try {
    await environment.files.realpath(folder);
    return await listFolder(folder, environment);
  } catch (error) {
    const ours = fileError(error, 'open the store', folder);
    if (!isEngineError(ours, 'source.notFound')) throw ours;
    throw storeError('store.notFound', `The folder ${folder} does not exist`, {
      data: { store: folder },
      cause: error,
    });
  }
}

function refuseForeign(folder: string, names: readonly ListedName[], create: boolean): void {
  const foreign = names.find((entry) => !HARMLESS.has(entry.name.toLowerCase()));
  if (create && foreign === undefined) return;
  const found = foreign === undefined ? 'is empty' : `contains ${foreign.name}`;
  throw storeError(
    'store.notStore',
    create
      ? `${folder} ${found} and is not a store; expected a store, or an empty or new folder`
      : `${folder} is not a store: it ${found} and has no ${STORE_MARKER}`,
    { data: { store: folder, found: foreign?.name ?? '' } },
  );
}

async function flushExisting(folder: string, environment: FileEnvironment): Promise<void> {
  try {
    await flushFolder(folder, environment);
  } catch (error) {
    if (!isEngineError(error, 'source.notFound')) throw error;
  }
}
