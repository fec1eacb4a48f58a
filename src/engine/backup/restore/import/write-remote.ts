import path from 'node:path';
import type { Warning } from '../../../api/backup.ts';
import type { Progress } from '../../../base/progress.ts';
import type { RemoteFiles } from '../../host/host-files.ts';
import { hashWarnings } from '../../images/hash-file-check.ts';
import { openStoredImages } from '../../images/stored-disk.ts';
import type { PointEntry } from '../../points/catalog.ts';
import { diskChain } from '../../points/point-chain.ts';
import type { Store } from '../../store/contract/store.ts';
import { bytesOfRestore, readBack, targetFile, type RestoreResult } from '../restore.ts';
import { writeDiskTo } from '../restore-formats.ts';
import { exists, requireRoom } from '../restore-target.ts';
import { CONFIGURATION, FORMAT, stagingOf, type ImportFiles } from './import-checks.ts';
import type { ImportSource } from './source/import-source.ts';
import type { CompletePoint } from '../../points/catalog.ts';

/** Time limit for removing what was not placed, also if the restore was cancelled. */
const CLEAN_MS = 60_000;

/** Contents of a new VM, and the place of its files. */
export interface RemoteImport extends Pick<ImportFiles, 'local'> {
  /** ID of the restore in the ledger. */
  readonly id: string;
  readonly points: readonly PointEntry[];
  readonly point: CompletePoint;
  readonly source: Pick<ImportSource, 'configuration'>;
}

/**
 * Writes the disks and the configuration of a VM to a file server: into a folder of its own beside
 * their places, where each disk is read back and proven by its root. The files get their names after
 * the last proof. Removes what it wrote if it fails and the server still answers; the ledger names the
 * rest. Throws `restore.*`, `smb.*`.
 */
export async function writeRemote(
  store: Store,
  { id, local, points, point, source }: RemoteImport,
  { access, writing }: Pick<RemoteFiles, 'access' | 'writing'>,
  progress: Progress,
  signal: AbortSignal,
): Promise<RestoreResult> {
  const staging = stagingOf(local, id);
  const { disks } = point.manifest;
  const chains = disks.map(({ number }) => diskChain(points, point.id, number));
  const placed: string[] = [];
  let isDone = false;
  try {
    await writing.createFolder(staging, signal);
    // Windows attaches no sparse file, so every gap counts.
    const needed = await bytesOfRestore(store, chains, { format: FORMAT, sparse: false }, signal);
    requireRoom(local, needed, await writing.freeBytes(staging, signal));
    progress.whole?.(2 * disks.reduce((sum, { virtualSize }) => sum + virtualSize, 0));
    const moves: (readonly [from: string, to: string])[] = [];
    for (const [at, record] of disks.entries()) {
      const name = path.basename(targetFile(record, { to: '/', format: FORMAT }));
      const file = `${staging}\\${name}`;
      const images = await openStoredImages(store, chains[at] ?? [], signal);
      try {
        progress.phase(`Restoring disk ${record.number} over SMB`, record.virtualSize);
        const part = await writing.create(file, signal);
        await writeDiskTo(images, record, part, FORMAT, progress, signal);
      } finally {
        await images.close();
      }
      const open = access.open.bind(access);
      await readBack(record, file, { format: FORMAT, open }, progress, signal);
      moves.push([file, `${local}\\${name}`]);
    }
    if (source.configuration.length > 0) {
      await writing.createFolder(`${local}\\${CONFIGURATION}`, signal);
    }
    for (const { name, bytes } of source.configuration) {
      const file = `${staging}\\${name}`;
      const part = await writing.create(file, signal);
      await part.write(0, bytes, signal);
      await part.complete(bytes.length, signal);
      moves.push([file, `${local}\\${CONFIGURATION}\\${name}`]);
    }
    signal.throwIfAborted();
    for (const [from, to] of moves) {
      if (!(await writing.rename(from, to, signal))) throw exists(to);
      placed.push(to);
    }
    isDone = true;
  } finally {
    await removeAll([...(isDone ? [] : placed), staging], access);
    if (!isDone) await removeIfEmpty(`${local}\\${CONFIGURATION}`, access);
  }
  const warnings: Warning[] = [];
  for (const links of chains) warnings.push(...(await hashWarnings(store, links, signal)));
  const restored = disks.map(({ number, virtualSize, hashRoot }) => {
    return { number, file: '', virtualSize, hashRoot };
  });
  return { point: point.id, disks: restored, warnings };
}

/** Removes files and folders as far as the server answers. */
async function removeAll(
  places: readonly string[],
  access: Pick<RemoteFiles['access'], 'remove'>,
): Promise<void> {
  const limit = AbortSignal.timeout(CLEAN_MS);
  for (const place of places) await access.remove(place, limit).catch(() => undefined);
}

async function removeIfEmpty(
  folder: string,
  access: Pick<RemoteFiles['access'], 'list' | 'remove'>,
): Promise<void> {
  const limit = AbortSignal.timeout(CLEAN_MS);
  const entries = await access.list(folder, limit).catch(() => undefined);
  if (entries?.length === 0) await removeAll([folder], access);
}
