import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { never } from '../../base/abort.ts';
import type { Guid } from '../../base/guid.ts';
import { replaceFile } from '../../source/files/atomic-file.ts';
import { fileError, systemCode } from '../../source/platform/file-errors.ts';
import { ensureFolder, refuseFileInTheWay } from '../../source/folders/folder.ts';
import { formatJson } from '../../base/json-fields.ts';
import { kindOf } from './store-kinds.ts';

/**
 * The locations at which this user has seen a store: one file each, `stores/<hash of the
 * path>.json` in the user's folder, so that processes that record stores at the same time lose
 * none. An empty folder at such a location is a store that is not mounted.
 */
export class StorePlaces {
  readonly #folder: string;

  /** @param home the program's data folder of this user. */
  constructor(home: string) {
    this.#folder = join(home, 'stores');
  }

  /** Whether a store was seen at this location. Throws `source.*` if the records cannot be read. */
  async has(location: string): Promise<boolean> {
    // If a file is in the way, Windows reports paths below it as missing.
    await refuseFileInTheWay(this.#folder);
    for (const place of await kindOf(location).spellings(location)) {
      const file = this.#file(place);
      try {
        await readFile(file);
        return true;
      } catch (error) {
        if (systemCode(error) !== 'ENOENT') throw fileError(error, 'read', file);
      }
    }
    return false;
  }

  /** Records a store that was opened. Each location is written once. Throws `source.*`. */
  async note(location: string, id: Guid): Promise<void> {
    for (const place of await kindOf(location).spellings(location)) {
      const file = this.#file(place);
      const bytes = formatJson({ version: 1, location: place, id });
      const found = await readFile(file).catch(() => undefined);
      if (found !== undefined && Buffer.compare(found, bytes) === 0) continue;
      await ensureFolder(this.#folder);
      await replaceFile(file, bytes, never);
    }
  }

  #file(place: string): string {
    return join(this.#folder, `${createHash('sha256').update(place).digest('hex')}.json`);
  }
}
