import type { PartWriter } from '../../../source/byte-source.ts';
import { portableFileName } from '../../../source/platform/path-flavour.ts';
import type { RunDeps } from '../../context/run-context.ts';
import type { DiskTask } from '../record/disk-task.ts';

/** Names of the files of a disk in the point's folder. */
export interface FileNames {
  readonly name: string;
  readonly image: string;
  readonly hashes: string;
  readonly changes: string;
}

/**
 * Returns `<number of the slot>-<sanitised name>`. The name is that of the base image, so that the
 * files of a chain have similar names.
 */
export function fileNames(task: DiskTask, ending: 'vhdx' | 'avhdx'): FileNames {
  const { base } = task.plan;
  const file = task.plan.disk.path.split(/[\\/]/).at(-1) ?? 'disk';
  const bare = file.replace(/\.[^.]+$/, '').replace(/_[0-9a-f-]{36}$/i, '');
  const name = base?.record.name ?? portableFileName(bare);
  const stem = `${task.fileNumber}-${name}`;
  return {
    name,
    image: `${stem}.${ending}`,
    hashes: `${stem}.hashes`,
    changes: `${stem}.changes.ndjson.gz`,
  };
}

/** The files of a disk that are being written. */
export interface Parts {
  readonly image: PartWriter;
  readonly hashes: PartWriter;
}

/** Creates the files. Their names are durable once the point is committed. */
export async function createParts(
  { store }: RunDeps,
  folder: string,
  files: FileNames,
  signal: AbortSignal,
): Promise<Parts> {
  const image = await store.createFile(`${folder}/${files.image}`, signal, 'whole');
  try {
    const hashes = await store.createFile(`${folder}/${files.hashes}`, signal, 'whole');
    return { image, hashes };
  } catch (error) {
    await image.abandon().catch(() => undefined);
    throw error;
  }
}

/**
 * Abandons the files. A failure leaves a temporary file for clean to remove; the original error is
 * reported.
 */
export async function abandon({ image, hashes }: Parts): Promise<void> {
  await hashes.abandon().catch(() => undefined);
  await image.abandon().catch(() => undefined);
}

/** Removes the files of a failed increment: a full of the disk may take their place. */
export async function dropFiles(deps: RunDeps, folder: string, files: FileNames): Promise<void> {
  const { store } = deps;
  const signal = AbortSignal.timeout(30_000);
  for (const file of [files.image, files.hashes, files.changes]) {
    await store.remove(`${folder}/${file}`, signal).catch(() => undefined);
  }
}
