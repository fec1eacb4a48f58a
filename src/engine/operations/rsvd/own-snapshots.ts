import fs from 'node:fs/promises';
import path from 'node:path';
import { tryParseGuid, type Guid } from '../../base/guid.ts';
import type { SharedDisk } from '../../net/rsvd/client/shared-disk.ts';
import { rsvdError } from '../../net/rsvd/contract/rsvd-errors.ts';
import { replaceFile } from '../../source/files/atomic-file.ts';
import { ensureFolder } from '../../source/folders/folder.ts';
import { fileError, systemCode } from '../../source/platform/file-errors.ts';

/** A snapshot that this user made by hand. */
interface OwnSnapshot {
  readonly diskId: string;
  readonly id: Guid;
}

/** The snapshots of shared disks that this user made by hand, in the user's own folder. */
export class OwnSnapshots {
  readonly #file: string;

  /** @param home the program's data folder of this user */
  constructor(home: string) {
    this.#file = path.join(home, 'shared-disks', 'snapshots.json');
  }

  /** Whether this user made the snapshot of a disk. A damaged list counts as empty: nothing is ours then. */
  async has(diskId: string, id: Guid): Promise<boolean> {
    return (await this.#read()).some((each) => each.diskId === diskId && each.id === id);
  }

  /** Recorded before the server is asked, so that no snapshot is left that nobody knows. */
  async add(diskId: string, id: Guid, signal: AbortSignal): Promise<void> {
    await this.#write([...(await this.#read()), { diskId, id }], signal);
  }

  async remove(diskId: string, id: Guid, signal: AbortSignal): Promise<void> {
    const left = (await this.#read()).filter((each) => each.diskId !== diskId || each.id !== id);
    await this.#write(left, signal);
  }

  /**
   * Throws unless this user made the snapshot: `rsvd.snapshot` if the set does not have it, else `rsvd.foreign`.
   */
  async require(disk: SharedDisk, id: Guid, signal: AbortSignal): Promise<void> {
    if (await this.has(disk.facts.diskId, id)) return;
    if (!(await disk.snapshots(signal)).some((each) => each.id === id)) {
      throw rsvdError('rsvd.snapshot', `${disk.path} has no snapshot ${id}`, {
        data: { path: disk.path, snapshot: id },
      });
    }
    throw rsvdError(
      'rsvd.foreign',
      `The snapshot ${id} is in no known ledger: another product may need it`,
      { data: { snapshot: id } },
    );
  }

  async #read(): Promise<readonly OwnSnapshot[]> {
    const text = await fs.readFile(this.#file, 'utf8').catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return '[]';
      throw fileError(error, 'read', this.#file);
    });
    const value = parsed(text);
    return value.flatMap((each) => {
      const { diskId, id } = (each ?? {}) as Partial<Record<string, unknown>>;
      const guid = typeof id === 'string' ? tryParseGuid(id) : undefined;
      return typeof diskId === 'string' && guid !== undefined ? [{ diskId, id: guid }] : [];
    });
  }

  async #write(snapshots: readonly OwnSnapshot[], signal: AbortSignal): Promise<void> {
    await ensureFolder(path.dirname(this.#file));
    await replaceFile(
      this.#file,
      Buffer.from(`${JSON.stringify(snapshots, undefined, 1)}\n`),
      signal,
    );
  }
}

function parsed(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? (value as unknown[]) : [];
  } catch {
    return [];
  }
}
