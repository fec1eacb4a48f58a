import fs from 'node:fs/promises';
import { isEngineError } from '../../base/errors.ts';
import { fileError } from '../../source/platform/file-errors.ts';
import type { DiskImage } from '../image/image.ts';
import { diskError } from '../virtual/disk-errors.ts';

/** Image files that are read, with their paths in the same order. */
export interface SourceFiles {
  readonly chain: readonly string[];
  readonly layers: readonly DiskImage[];
}

type LookAtFile = (path: string) => Promise<string>;

/**
 * Notices that a source is written to while it is copied: the copy would hold old and new parts.
 * Compares size, times and identity of each file, and what its format records about changes.
 */
export class SourceState {
  readonly #files: SourceFiles;
  readonly #before: readonly string[];
  readonly #look: LookAtFile;

  private constructor(files: SourceFiles, before: readonly string[], look: LookAtFile) {
    this.#files = files;
    this.#before = before;
    this.#look = look;
  }

  /**
   * Records the state; call it before anything of the contents is read.
   * @param look returns a text that is another one after a change; of files of this machine if absent
   */
  static async of(files: SourceFiles, look: LookAtFile = fileState): Promise<SourceState> {
    return new SourceState(files, await Promise.all(files.chain.map(look)), look);
  }

  /** Throws `disk.source.changed` if a file is not as it was. Call it after the last read. */
  async check(signal: AbortSignal): Promise<void> {
    const { chain, layers } = this.#files;
    for (const [i, path] of chain.entries()) {
      const changed =
        (await this.#look(path)) !== this.#before[i] || (await differs(layers[i], signal));
      if (!changed) continue;
      throw diskError(
        'disk.source.changed',
        `${path} changed while it was read; close the program that writes to it, or copy a checkpoint`,
        { data: { path } },
      );
    }
  }
}

async function differs(layer: DiskImage | undefined, signal: AbortSignal): Promise<boolean> {
  try {
    return (await layer?.hasChanged?.(signal)) === true;
  } catch (error) {
    signal.throwIfAborted();
    // It could be read before: a writer is in the middle of a change.
    if (isEngineError(error)) return true;
    throw error;
  }
}

async function fileState(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await fs.stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    throw fileError(error, 'examine', path);
  }
}
