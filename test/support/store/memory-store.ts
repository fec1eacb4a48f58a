import { newGuid, type Guid } from '../../../src/engine/base/guid.ts';
import { storeError } from '../../../src/engine/backup/store/contract/store-errors.ts';
import { storePathParts } from '../../../src/engine/backup/store/contract/store-path.ts';
import type { Leftover, Store } from '../../../src/engine/backup/store/contract/store.ts';
import type { ByteSource, PartWriter } from '../../../src/engine/source/byte-source.ts';
import { MemoryStorage } from '../files/memory-source.ts';

/** A store in memory, with the strictness of an object store: parts once, nothing half visible. */
export class MemoryStore implements Store {
  readonly id: Guid = newGuid();
  readonly location: string = 'memory';
  readonly #files = new Map<string, Uint8Array>();
  readonly #folders = new Set<string>();
  readonly #unfinished = new Map<string, MemoryStorage>();
  #count = 0;

  /** Every file by path; for assertions. */
  get files(): ReadonlyMap<string, Uint8Array> {
    return this.#files;
  }

  async list(folder: string, signal: AbortSignal): Promise<readonly string[]> {
    signal.throwIfAborted();
    storePathParts(folder, 'root');
    const prefix = folder === '' ? '' : `${folder}/`;
    const names = new Set<string>();
    for (const path of [...this.#files.keys(), ...[...this.#folders].map((f) => `${f}/`)]) {
      if (!path.startsWith(prefix) || path === prefix) continue;
      const [name = '', ...rest] = path.slice(prefix.length).split('/');
      names.add(rest.length > 0 ? `${name}/` : name);
    }
    return [...names].sort();
  }

  async readFile(
    path: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    signal.throwIfAborted();
    storePathParts(path, 'no root');
    const bytes = this.#files.get(path);
    if (bytes !== undefined && bytes.length > limit) {
      throw storeError('store.tooLarge', `${path} has ${bytes.length} bytes, over ${limit}`);
    }
    return bytes?.slice();
  }

  async openFile(path: string, signal: AbortSignal): Promise<ByteSource> {
    signal.throwIfAborted();
    storePathParts(path, 'no root');
    const bytes = this.#files.get(path);
    if (bytes === undefined) throw storeError('store.missing', `The store has no ${path}`);
    return new MemoryStorage(bytes, path);
  }

  async createFile(path: string, signal: AbortSignal): Promise<PartWriter> {
    signal.throwIfAborted();
    storePathParts(path, 'no root');
    this.#refuse(path);
    const key = `${path}#${++this.#count}`;
    const storage = new MemoryStorage(new Uint8Array(), path);
    const written: { start: number; end: number }[] = [];
    this.#unfinished.set(key, storage);
    return {
      name: path,
      write: async (offset, bytes, signal) => {
        if (!this.#unfinished.has(key)) throw new Error(`${path} is not open`);
        const end = offset + bytes.length;
        if (written.some((part) => part.start < end && offset < part.end)) {
          throw new Error(`${path}: the bytes at ${offset} were written already`);
        }
        written.push({ start: offset, end });
        await storage.write(offset, bytes, signal);
      },
      complete: async (size, signal) => {
        if (!this.#unfinished.has(key)) throw new Error(`${path} is not open`);
        if (size < storage.size) throw new Error(`${path} has ${storage.size} bytes, not ${size}`);
        this.#refuse(path);
        await storage.resize(size, signal);
        this.#files.set(path, storage.contents());
        this.#unfinished.delete(key);
      },
      abandon: async () => {
        this.#unfinished.delete(key);
      },
    };
  }

  async createAbsent(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    storePathParts(path, 'no root');
    if (this.#files.has(path)) return false;
    this.#files.set(path, bytes.slice());
    return true;
  }

  async replaceFile(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    storePathParts(path, 'no root');
    this.#files.set(path, bytes.slice());
  }

  async flush(folder: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    storePathParts(folder, 'root');
  }

  async createFolder(path: string, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    storePathParts(path, 'no root');
    const taken = [...this.#files.keys(), ...this.#folders].some(
      (name) => name === path || name.startsWith(`${path}/`),
    );
    if (!taken) this.#folders.add(path);
    return !taken;
  }

  async remove(path: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    storePathParts(path, 'no root');
    for (const names of [this.#files, this.#folders, this.#unfinished]) {
      for (const name of [...names.keys()]) {
        if (name === path || name.startsWith(`${path}/`)) names.delete(name);
      }
    }
  }

  async leftovers(folder: string, signal: AbortSignal): Promise<readonly Leftover[]> {
    signal.throwIfAborted();
    return [...this.#unfinished]
      .filter(([path]) => folder === '' || path.startsWith(`${folder}/`))
      .map(([path, storage]) => ({ path, bytes: storage.size }));
  }

  async removeLeftovers(found: readonly Leftover[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    for (const { path } of found) this.#unfinished.delete(path);
  }

  async freeBytes(): Promise<number | undefined> {
    return undefined;
  }

  async hasSparseFiles(): Promise<boolean> {
    return false;
  }

  localPath(): string | undefined {
    return undefined;
  }

  #refuse(path: string): void {
    if (this.#files.has(path)) throw storeError('store.exists', `The store has ${path} already`);
  }
}
