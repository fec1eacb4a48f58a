import type { ByteStorage, PartWriter } from '../byte-source.ts';

/** Makes files and folders by their paths, which are those of a `FileAccess`. */
export interface FileWriting {
  /** Makes a folder, and the folders above it that are missing. One that exists is left as it is. */
  createFolder(path: string, signal: AbortSignal): Promise<void>;
  /** Begins a file under a name of its own. The file is there at once. */
  create(path: string, signal: AbortSignal): Promise<PartWriter>;
  /** Opens an existing file to change it in place. */
  change(path: string, signal: AbortSignal): Promise<ByteStorage>;
  /** Gives a file another name in the same share; returns false if something has that name. */
  rename(from: string, to: string, signal: AbortSignal): Promise<boolean>;
  /** Returns the free bytes of the volume of a folder. */
  freeBytes(folder: string, signal: AbortSignal): Promise<number>;
}
