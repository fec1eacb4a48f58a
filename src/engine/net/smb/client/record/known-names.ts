import type { FileId } from '../../codec/protocol/file-id.ts';

/** Maximum number of names of each kind; the oldest is forgotten first. */
const MAX_NAMES = 4096;

/** Names of the shares and open files of a connection, by the numbers that later messages have. */
export class KnownNames {
  readonly #trees = new Map<number, string>();
  readonly #files = new Map<string, string>();

  /** @param path `\\server\share` */
  addTree(id: number, path: string): void {
    keep(this.#trees, id, path);
  }

  /** Path of a share; empty if it is not known. */
  tree(id: number): string {
    return this.#trees.get(id) ?? '';
  }

  /** @param name relative to the share; empty: its root */
  addFile(id: FileId, name: string): void {
    keep(this.#files, keyOf(id), name);
  }

  /** Name of an open file; undefined if it is not known. */
  file(id: FileId): string | undefined {
    return this.#files.get(keyOf(id));
  }

  removeFile(id: FileId): void {
    this.#files.delete(keyOf(id));
  }
}

const keyOf = ({ persistent, volatile }: FileId): string => `${persistent}/${volatile}`;

function keep<Key>(map: Map<Key, string>, key: Key, name: string): void {
  const [oldest] = map.keys();
  if (map.size >= MAX_NAMES && oldest !== undefined) map.delete(oldest);
  map.set(key, name);
}
