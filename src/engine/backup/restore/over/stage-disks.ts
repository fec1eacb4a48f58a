import fs from 'node:fs/promises';
import path from 'node:path';
import { never } from '../../../base/abort.ts';
import type { Progress } from '../../../base/progress.ts';
import type { PartWriter } from '../../../source/byte-source.ts';
import { createFilePart } from '../../../source/files/file-part.ts';
import { placeExclusive } from '../../../source/folders/place-file.ts';
import { machine } from '../../../source/platform/file-environment.ts';
import type { RemoteFiles } from '../../host/host-files.ts';
import { stagingOf } from '../import/import-checks.ts';
import { exists } from '../restore-target.ts';
import { RestoreStaging } from '../staging.ts';
import type { OverFile } from './over-files.ts';

/** Time limit for removing what was not placed, also if the restore was cancelled. */
const CLEAN_MS = 60_000;

/** A folder beside the places of new disks, where they lie until all are proven. */
export interface DiskStaging {
  /** Returns the path at which a file is written and read back. */
  file(name: string): string;
  create(name: string, signal: AbortSignal): Promise<PartWriter>;
  /** Removes the folder with all files that were not placed. Never throws: the ledger names it. */
  close(): Promise<void>;
}

type Place = Pick<OverFile, 'way' | 'folder'>;

/**
 * Makes the staging folder of a restore over a VM. On a file server its name has the ID of the restore
 * in the ledger. Throws `source.*`, `smb.*`.
 */
export async function openStaging(
  { way, folder }: Place,
  id: string,
  { access, writing }: Pick<RemoteFiles, 'access' | 'writing'>,
  progress: Progress,
  signal: AbortSignal,
): Promise<DiskStaging> {
  if (way === 'mapped') {
    const staging = await RestoreStaging.open(folder, progress, signal);
    return {
      file: (name) => staging.file(name),
      create: (name, inner) => createFilePart(staging.file(name), {}, inner),
      close: () => staging.close(),
    };
  }
  const own = stagingOf(folder, id);
  await writing.createFolder(own, signal);
  return {
    file: (name) => `${own}\\${name}`,
    create: (name, inner) => writing.create(`${own}\\${name}`, inner),
    close: () => access.remove(own, AbortSignal.timeout(CLEAN_MS)).catch(() => undefined),
  };
}

/** A proven disk and the place of its file. */
export interface StagedDisk extends Place {
  readonly from: string;
  readonly name: string;
}

/**
 * Gives all disks their names beside the old ones. If one cannot be placed, the earlier ones are removed.
 * Throws `restore.exists`, `source.*`, `smb.*`.
 */
export async function placeDisks(
  disks: readonly StagedDisk[],
  { access, writing }: Pick<RemoteFiles, 'access' | 'writing'>,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const { way, folder, from, name } of disks) {
      const to = way === 'mapped' ? path.join(folder, name) : `${folder}\\${name}`;
      // No cancellation from here on: it only takes a moment.
      const isPlaced =
        way === 'mapped'
          ? await placeExclusive(from, to, machine, never)
          : await writing.rename(from, to, AbortSignal.timeout(CLEAN_MS));
      if (!isPlaced) throw exists(to);
      undo.push(() =>
        way === 'mapped' ? fs.unlink(to) : access.remove(to, AbortSignal.timeout(CLEAN_MS)),
      );
    }
  } catch (error) {
    for (const step of undo.reverse()) await step().catch(() => undefined);
    throw error;
  }
}
