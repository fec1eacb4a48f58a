import { dirname, resolve } from 'node:path';
import {
  machine,
  type FileEnvironment,
} from '../../../src/engine/source/platform/file-environment.ts';

/** The bytes behind a name: what was written since the last flush is lost with the power. */
interface Contents {
  dirty: boolean;
}

export interface DurableFiles {
  readonly environment: FileEnvironment;
  /** Called with the path at which a name is about to appear, before anything is done. */
  onPlace: (path: string) => void;
  /** Whether a loss of power now would leave this file, or folder, under its name, with all that was written to it. */
  isDurable(path: string): boolean;
}

/**
 * The real file operations, with a model of what a loss of power leaves: names that were in a folder when it was flushed last,
 * and bytes that were in a file when it was flushed last. As strict as POSIX allows a file system to be: flushing a file says nothing of its
 * name, and flushing a folder nothing of the name of the folder itself, nor of what its files hold.
 *
 * @param known a folder that is there already, with all above it
 */
export function durableFiles(known: string): DurableFiles {
  const live = new Map<string, Contents>();
  const durable = new Map<string, Contents>();
  const root = resolve(known);
  const name = (path: string): Contents => {
    const found = live.get(path) ?? { dirty: false };
    live.set(path, found);
    return found;
  };
  const flushNames = (folder: string): void => {
    for (const names of [live, durable]) {
      for (const [path, contents] of names) {
        if (dirname(path) !== folder) continue;
        if (live.get(path) === contents) durable.set(path, contents);
        else durable.delete(path);
      }
    }
  };
  const { files, writeNow } = machine;
  const opened = new WeakMap<object, Contents>();
  const result: DurableFiles = {
    onPlace: () => undefined,
    isDurable: (path) => {
      const at = resolve(path);
      if (at === root) return true;
      const found = durable.get(at);
      return found !== undefined && !found.dirty && result.isDurable(dirname(at));
    },
    environment: {
      ...machine,
      writeNow: (handle, bytes, position) => {
        const contents = opened.get(handle);
        if (contents !== undefined) contents.dirty = true;
        return writeNow?.(handle, bytes, position) ?? 0;
      },
      files: {
        ...files,
        open: async (path, ...rest) => {
          const handle = await files.open(path, ...rest);
          const at = resolve(String(path));
          const isFolder = (await handle.stat()).isDirectory();
          const contents = isFolder ? undefined : name(at);
          const watched = new Proxy(handle, {
            get: (target, key) => {
              const value: unknown = Reflect.get(target, key, target);
              if (typeof value !== 'function') return value;
              return async (...args: unknown[]): Promise<unknown> => {
                const written = key === 'write' || key === 'truncate' || key === 'writeFile';
                if (contents !== undefined && written) contents.dirty = true;
                const answer: unknown = await value.apply(target, args);
                if (key !== 'sync' && key !== 'datasync') return answer;
                if (contents === undefined) flushNames(at);
                else contents.dirty = false;
                return answer;
              };
            },
          });
          if (contents !== undefined) opened.set(watched, contents);
          return watched;
        },
        link: async (from, to) => {
          result.onPlace(String(to));
          await files.link(from, to);
          live.set(resolve(String(to)), name(resolve(String(from))));
        },
        rename: async (from, to) => {
          result.onPlace(String(to));
          await files.rename(from, to);
          live.set(resolve(String(to)), name(resolve(String(from))));
          live.delete(resolve(String(from)));
        },
        unlink: async (path) => {
          await files.unlink(path);
          live.delete(resolve(String(path)));
        },
        mkdir: (async (path: string, options?: object) => {
          const made = await files.mkdir(path, options);
          name(resolve(path));
          return made;
        }) as typeof files.mkdir,
      },
    },
  };
  return result;
}
