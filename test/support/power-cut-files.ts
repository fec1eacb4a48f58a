import { dirname, resolve } from 'node:path';
import { machine, type FileEnvironment } from '../../src/engine/source/file-environment.ts';
import { generator } from './crash-recorder.ts';
import { PageImage } from './page-storage.ts';

type Bytes = { readonly offset: number; readonly bytes: Uint8Array } | { readonly size: number };

/** Something that happened to the bytes of a file, or to the names in a folder. */
type Event =
  | { readonly kind: 'bytes'; readonly file: number; readonly change: Bytes }
  | { readonly kind: 'flush'; readonly file: number }
  /** `file` is undefined where a name was removed. */
  | {
      readonly kind: 'names';
      readonly folder: string;
      readonly names: readonly (readonly [string, number | undefined])[];
    }
  | { readonly kind: 'flush names'; readonly folder: string };

/** What a loss of power left: the files under their names. */
export interface PowerCut {
  /** Events that had happened. */
  readonly cut: number;
  readonly variant: string;
  readonly files: ReadonlyMap<string, PageImage>;
}

/**
 * The real file operations, each recorded with its bytes once it is done, whichever handle they went through. A write that is under
 * way when its file is flushed is not taken for flushed.
 */
export class PowerCutFiles {
  readonly environment: FileEnvironment;
  readonly #events: Event[] = [];
  readonly #names = new Map<string, number>();
  #files = 0;

  constructor() {
    const { files } = machine;
    this.environment = {
      ...machine,
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
      },
    };
  }

  /** How many events there are so far. */
  get position(): number {
    return this.#events.length;
  }

  /** The states that a cut after each event may leave: written bytes and names that were not flushed are there or not. */
  *cuts(): Generator<PowerCut> {
    for (let cut = 0; cut <= this.#events.length; cut++) {
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

  #state(cut: number, keepBytes: () => boolean, keepName: () => boolean): Map<string, PageImage> {
    const images = new Map<number, PageImage>();
    const names = new Map<string, number>();
    const unflushed = this.#unflushed(cut);
    /** Folders of which a change was lost: what came after it is lost too. */
    const stopped = new Set<string>();
    for (const [i, event] of this.#events.slice(0, cut).entries()) {
      if (event.kind === 'bytes') {
        const image = images.get(event.file) ?? new PageImage();
        images.set(event.file, image);
        if (unflushed.has(i) && !keepBytes()) continue;
        if ('size' in event.change) image.resize(event.change.size);
        else image.write(event.change.offset, event.change.bytes);
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
    return new Map([...names].map(([name, file]) => [name, images.get(file) ?? new PageImage()]));
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

  #name(names: readonly (readonly [string, number | undefined])[]): void {
    for (const [name, file] of names) {
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
    return observed(handle, async (key, work, args) => {
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
