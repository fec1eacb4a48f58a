import { dirname, resolve } from 'node:path';
import {
  machine,
  type FileEnvironment,
} from '../../../src/engine/source/platform/file-environment.ts';
import { generator } from './crash-recorder.ts';
import { PageImage } from './page-storage.ts';

type Bytes = { readonly offset: number; readonly bytes: Uint8Array } | { readonly size: number };

/** What a name leads to: the number of a file, a folder, or nothing any more. */
type Named = number | 'folder' | undefined;

/** Something that happened to the bytes of a file, or to the names in a folder. */
type Event =
  | { readonly kind: 'bytes'; readonly file: number; readonly change: Bytes }
  | { readonly kind: 'flush'; readonly file: number }
  | {
      readonly kind: 'names';
      readonly folder: string;
      readonly names: readonly (readonly [path: string, named: Named])[];
    }
  | { readonly kind: 'flush names'; readonly folder: string };

/** A file as it was left. Files of equal keys have equal bytes. */
export interface LeftFile {
  readonly key: string;
  bytes(): Uint8Array;
}

/** What a loss of power left: the files under their names. */
export interface PowerCut {
  /** Events that had happened. */
  readonly cut: number;
  readonly variant: string;
  readonly files: ReadonlyMap<string, LeftFile>;
}

/**
 * The real file operations, each recorded with its bytes once it is done, whichever handle they went through. A write that is under
 * way when its file is flushed is not taken for flushed.
 */
export class PowerCutFiles {
  readonly environment: FileEnvironment;
  readonly #events: Event[] = [];
  readonly #names = new Map<string, Named>();
  /** Folders that were made. */
  readonly #made = new Set<string>();
  /** Numbers of the files that handles lead to. */
  readonly #numbers = new WeakMap<object, number>();
  #files = 0;

  constructor() {
    const { files, writeNow } = machine;
    this.environment = {
      ...machine,
      writeNow: (handle, bytes, offset) => {
        const count = writeNow?.(handle, bytes, offset) ?? 0;
        const change = { offset, bytes: bytes.slice(0, count) };
        this.#events.push({ kind: 'bytes', file: this.#numbers.get(handle) as number, change });
        return count;
      },
      files: {
        ...files,
        open: async (path, flags, ...rest) => {
          const handle = await files.open(path, flags, ...rest);
          const at = resolve(String(path));
          const isFolder = (await handle.stat()).isDirectory();
          if (!isFolder && !this.#names.has(at)) this.#name([[at, this.#files++]]);
          return isFolder ? this.#folder(handle, at) : this.#file(handle, at);
        },
        link: async (from, to) => {
          await files.link(from, to);
          this.#name([[resolve(String(to)), this.#names.get(resolve(String(from)))]]);
        },
        rename: async (from, to) => {
          await files.rename(from, to);
          const [old, now] = [resolve(String(from)), resolve(String(to))];
          this.#name([
            [now, this.#names.get(old)],
            [old, undefined],
          ]);
        },
        unlink: async (path) => {
          await files.unlink(path);
          this.#name([[resolve(String(path)), undefined]]);
        },
        rm: async (path, options) => {
          await files.rm(path, options);
          this.#name([[resolve(String(path)), undefined]]);
        },
        mkdir: (async (path: string, options?: object) => {
          const made = await files.mkdir(path, options);
          this.#name([[resolve(path), 'folder']]);
          return made;
        }) as typeof files.mkdir,
      },
    };
  }

  /** How many events there are so far. */
  get position(): number {
    return this.#events.length;
  }

  /**
   * The states that a cut after each event may leave: written bytes and names that were not flushed are there or not.
   * @param everyWrite false leaves out cuts between two writes
   */
  *cuts(everyWrite = true): Generator<PowerCut> {
    for (let cut = 0; cut <= this.#events.length; cut++) {
      const [last, next] = [this.#events[cut - 1], this.#events[cut]];
      if (!everyWrite && last?.kind === 'bytes' && next?.kind === 'bytes') continue;
      const random = generator(cut + 1);
      const half = (): boolean => random() < 0.5;
      const all = (): boolean => true;
      const none = (): boolean => false;
      for (const [variant, bytes, names] of [
        ['all', all, all],
        ['neither', none, none],
        ['names without bytes', none, all],
        ['bytes without names', all, none],
        ['all names, some bytes', half, all],
        ['some of both', half, half],
      ] as const) {
        yield { cut, variant, files: this.#state(cut, bytes, names) };
      }
    }
  }

  #state(cut: number, keepBytes: () => boolean, keepName: () => boolean): Map<string, LeftFile> {
    /** Changes of each file that are left, as numbers of events. */
    const changes = new Map<number, number[]>();
    const names = new Map<string, Named>();
    const unflushed = this.#unflushed(cut);
    /** Folders of which a change was lost: what came after it is lost too. */
    const stopped = new Set<string>();
    for (const [i, event] of this.#events.slice(0, cut).entries()) {
      if (event.kind === 'bytes') {
        if (unflushed.has(i) && !keepBytes()) continue;
        changes.set(event.file, [...(changes.get(event.file) ?? []), i]);
      } else if (event.kind === 'names') {
        if (stopped.has(event.folder)) continue;
        if (unflushed.has(i) && !keepName()) stopped.add(event.folder);
        else {
          for (const [name, file] of event.names) {
            if (file === undefined) names.delete(name);
            else names.set(name, file);
          }
        }
      }
    }
    const left = new Map<string, LeftFile>();
    for (const [name, named] of names) {
      if (typeof named !== 'number' || !this.#isReached(dirname(name), names)) continue;
      const list = changes.get(named) ?? [];
      left.set(name, { key: `${named}: ${list.join(' ')}`, bytes: () => this.#bytes(list) });
    }
    return left;
  }

  #bytes(changes: readonly number[]): Uint8Array {
    const image = new PageImage();
    for (const i of changes) {
      const event = this.#events[i];
      if (event?.kind !== 'bytes') continue;
      if ('size' in event.change) image.resize(event.change.size);
      else image.write(event.change.offset, event.change.bytes);
    }
    const bytes = new Uint8Array(image.size);
    image.read(0, bytes);
    return bytes;
  }

  /** Whether a folder was there from the beginning, or its name and those above it are left. */
  #isReached(folder: string, names: ReadonlyMap<string, Named>): boolean {
    if (!this.#made.has(folder)) return true;
    return names.get(folder) === 'folder' && this.#isReached(dirname(folder), names);
  }

  /** Events before a cut that no flush followed. */
  #unflushed(cut: number): Set<number> {
    const open = new Set<number>();
    for (const [i, event] of this.#events.slice(0, cut).entries()) {
      if (event.kind === 'bytes' || event.kind === 'names') open.add(i);
      for (const old of open) {
        const before = this.#events[old];
        const flushed =
          (event.kind === 'flush' && before?.kind === 'bytes' && before.file === event.file) ||
          (event.kind === 'flush names' &&
            before?.kind === 'names' &&
            before.folder === event.folder);
        if (flushed) open.delete(old);
      }
    }
    return open;
  }

  #name(names: readonly (readonly [path: string, named: Named])[]): void {
    for (const [name, file] of names) {
      if (file === 'folder') this.#made.add(name);
      if (file === undefined) this.#names.delete(name);
      else this.#names.set(name, file);
    }
    const folder = dirname(names[0]?.[0] ?? '');
    this.#events.push({ kind: 'names', folder, names });
  }

  #folder<T extends object>(handle: T, path: string): T {
    return observed(handle, (key, work) => {
      if (key !== 'sync') return work();
      return work().then((answer) => {
        this.#events.push({ kind: 'flush names', folder: path });
        return answer;
      });
    });
  }

  #file<T extends object>(handle: T, path: string): T {
    const file = this.#names.get(path) as number;
    const watched = observed(handle, async (key, work, args) => {
      // What is flushed is what was written before the flush began.
      const position = this.#events.length;
      const answer = await work();
      if (key === 'write') {
        const [bytes, from, length, offset] = args as [Uint8Array, number, number, number];
        const copy = new Uint8Array(bytes.subarray(from, from + length));
        this.#events.push({ kind: 'bytes', file, change: { offset, bytes: copy } });
      } else if (key === 'truncate') {
        this.#events.push({ kind: 'bytes', file, change: { size: args[0] as number } });
      } else if (key === 'sync' || key === 'datasync') {
        this.#events.splice(position, 0, { kind: 'flush', file });
      }
      return answer;
    });
    this.#numbers.set(watched, file);
    return watched;
  }
}

/** A handle whose calls go through `watch`. */
function observed<T extends object>(
  handle: T,
  watch: (key: string, work: () => Promise<unknown>, args: readonly unknown[]) => Promise<unknown>,
): T {
  return new Proxy(handle, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function' || typeof key !== 'string') return value;
      const call = value as (...args: unknown[]) => Promise<unknown>;
      return (...args: unknown[]) => watch(key, () => call.apply(target, args), args);
    },
  });
}
