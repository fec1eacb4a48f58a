import type { BigIntStats } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { statusOfSystem, type RealPath } from '../shares/locate.ts';
import { StatusError } from '../contract/status-error.ts';
import { matcherOf } from './wildcard.ts';

export interface FolderEntry {
  readonly name: string;
  readonly stats: BigIntStats;
}

/**
 * Lists a folder in pieces. The pattern of the first query holds until the next restart, as on
 * Windows. What is removed meanwhile is left out; what is added may be.
 */
export class FolderCursor {
  readonly #names: readonly string[];
  readonly #stats: (name: string) => Promise<BigIntStats | undefined>;
  #at = 0;

  private constructor(
    names: readonly string[],
    stats: (name: string) => Promise<BigIntStats | undefined>,
  ) {
    this.#names = names;
    this.#stats = stats;
  }

  /** Lists a local folder, with `.` and `..`. */
  static async open(local: string, pattern: string, realPath: RealPath): Promise<FolderCursor> {
    const found = await fs.readdir(local).catch((error: unknown) => {
      throw new StatusError(statusOfSystem(error));
    });
    return new FolderCursor(select(found, pattern), (name) =>
      statsOf(name === '.' || name === '..' ? local : realPath(path.join(local, name))),
    );
  }

  /** Lists a folder that exists as a name only. */
  static of(names: readonly string[], pattern: string, stats: BigIntStats): FolderCursor {
    return new FolderCursor(select(names, pattern), async () => stats);
  }

  /** Returns the next entry without passing it; undefined at the end. */
  async peek(): Promise<FolderEntry | undefined> {
    for (; this.#at < this.#names.length; this.#at++) {
      const name = this.#names[this.#at] as string;
      const stats = await this.#stats(name);
      if (stats !== undefined) return { name, stats };
    }
    return undefined;
  }

  /** Passes the entry that was looked at. */
  advance(): void {
    this.#at++;
  }
}

function select(found: readonly string[], pattern: string): string[] {
  const matches = matcherOf(pattern);
  const sorted = [...found].sort((a, b) => (a.toUpperCase() < b.toUpperCase() ? -1 : 1));
  return ['.', '..', ...sorted].filter(matches);
}

async function statsOf(local: string): Promise<BigIntStats | undefined> {
  const stats = await fs.lstat(local, { bigint: true }).catch(() => undefined);
  const shown = stats?.isFile() === true || stats?.isDirectory() === true;
  return shown || stats?.isSymbolicLink() === true ? stats : undefined;
}
