/**
 * Makes the active files of running VMs inaccessible. Windows denies other programs the active file
 * of a running VM; here such a file lies in a private folder of the lab, and the host's folder has
 * an empty folder with its name, which is listed but cannot be opened as a file, even by root. The
 * location of a file follows from the disk alone: in the private folder if it exists there, else
 * under its own name. So a lab that was killed at any step restores everything when it opens.
 */
import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { Semaphore } from '../../base/semaphore.ts';
import { never } from '../../base/abort.ts';
import { systemCode } from '../../source/platform/file-errors.ts';
import type { HostPaths, HostVolume } from './host-paths.ts';

export class HeldFiles {
  readonly #paths: HostPaths;
  /** The lab's folder, which has a private folder for each volume. */
  readonly #folder: string;
  /** Host paths of held files: lower case, mapped to their spelling. */
  readonly #held = new Map<string, string>();
  readonly #turn = new Semaphore(1);

  constructor(paths: HostPaths, folder: string) {
    this.#paths = paths;
    this.#folder = path.resolve(folder);
  }

  /**
   * Returns the current location of a host file; undefined if the path does not belong to this
   * host.
   */
  real(hostPath: string): string | undefined {
    const own = this.#paths.toLocal(hostPath);
    if (own === undefined) return undefined;
    return this.realLocal(own);
  }

  /** Returns the current location of a file of the host's folder. */
  realLocal(own: string): string {
    const held = this.#privatePath(own);
    return existsSync(held) ? held : own;
  }

  /**
   * Runs `task` with the location of a host file while no file is moved. Passes undefined if the
   * host's folder does not list the file: then it is gone, whatever the lab still holds.
   */
  use<T>(hostPath: string, task: (local: string | undefined) => Promise<T>): Promise<T> {
    return this.#turn.run(async () => {
      const own = this.#paths.toLocal(hostPath);
      return task(own !== undefined && existsSync(own) ? this.real(hostPath) : undefined);
    }, never);
  }

  /**
   * Holds exactly these files and releases all others. A file in use elsewhere stays in place until
   * the next call.
   */
  settle(wanted: readonly string[]): Promise<void> {
    return this.#turn.run(async () => {
      const keys = new Map(wanted.map((hostPath) => [hostPath.toLowerCase(), hostPath]));
      for (const [key, hostPath] of this.#held) {
        if (!keys.has(key) && (await this.#release(hostPath))) this.#held.delete(key);
      }
      for (const [key, hostPath] of keys) {
        if (!this.#held.has(key) && (await this.#hold(hostPath))) this.#held.set(key, hostPath);
      }
    }, never);
  }

  /** Restores the files that a killed lab left in the private folder. */
  async recover(): Promise<void> {
    for (const volume of this.#paths.volumes) {
      const root = this.#rootOf(volume);
      const entries = await fs
        .readdir(root, { recursive: true, withFileTypes: true })
        .catch(() => []);
      for (const entry of entries) {
        if (!entry.isFile()) continue;
        const held = path.join(entry.parentPath, entry.name);
        await putBack(held, path.join(volume.local, path.relative(root, held)));
      }
      await fs.rm(root, { recursive: true, force: true }).catch(() => undefined);
    }
  }

  /** Lists the held files below a local folder of a volume, with their present locations. */
  heldOn(volume: HostVolume): readonly { readonly own: string; readonly real: string }[] {
    return [...this.#held.values()].flatMap((hostPath) => {
      const own = this.#paths.toLocal(hostPath);
      if (own === undefined || this.#paths.volumeOfLocal(own) !== volume) return [];
      return [{ own, real: this.#privatePath(own) }];
    });
  }

  /** Private folder of a volume. */
  #rootOf({ drive }: HostVolume): string {
    return path.join(this.#folder, drive === 'C' ? 'held' : `held-${drive.toLowerCase()}`);
  }

  #privatePath(own: string): string {
    const volume = this.#paths.volumeOfLocal(own);
    // A file outside of the host's folders is never held.
    if (volume === undefined) return path.join(this.#folder, 'held', '-');
    return path.join(this.#rootOf(volume), path.relative(volume.local, own));
  }

  async #hold(hostPath: string): Promise<boolean> {
    const own = this.#paths.toLocal(hostPath);
    if (own === undefined) return false;
    const held = this.#privatePath(own);
    try {
      if (!(await fs.lstat(own)).isFile()) return false;
      await fs.mkdir(path.dirname(held), { recursive: true });
      await fs.rename(own, held);
    } catch {
      return false;
    }
    await fs.mkdir(own).catch(() => undefined);
    return true;
  }

  async #release(hostPath: string): Promise<boolean> {
    const own = this.#paths.toLocal(hostPath);
    if (own === undefined) return true;
    try {
      await putBack(this.#privatePath(own), own);
      return true;
    } catch {
      return false;
    }
  }
}

/** Moves a held file back to its own name. If a new file exists there, it is newer and stays. */
async function putBack(held: string, own: string): Promise<void> {
  await fs.rmdir(own).catch((error: unknown) => {
    if (!['ENOENT', 'ENOTDIR'].includes(systemCode(error))) throw error;
  });
  const there = await fs.lstat(own).catch(() => undefined);
  if (there !== undefined) return fs.rm(held, { force: true });
  await fs.mkdir(path.dirname(own), { recursive: true });
  await fs.rename(held, own).catch((error: unknown) => {
    // The lab itself removed the file.
    if (systemCode(error) !== 'ENOENT') throw error;
  });
}
