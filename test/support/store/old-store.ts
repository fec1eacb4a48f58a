import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { inflateSync } from 'node:zlib';
import versionOne from '../../scenario/old-store/version-1.store.json' with { type: 'json' };
import { DirectoryStore } from '../../../src/engine/backup/store/directory/directory-store.ts';
import type { Store } from '../../../src/engine/backup/store/contract/store.ts';
import { never } from '../../../src/engine/base/abort.ts';
import type { Guid } from '../../../src/engine/base/guid.ts';
import { temporaryFolder } from '../files/temporary-folder.ts';

/** A point of an old store, and the SHA-256 of the guest's disk when it was made. */
export interface OldPoint {
  readonly id: string;
  readonly sha256: string;
}

export interface OldStore {
  readonly store: Store;
  /** Folder for whatever the test makes. */
  readonly folder: string;
  readonly vmId: Guid;
  /** A full and two increments. */
  readonly points: readonly [OldPoint, OldPoint, OldPoint];
  /** Path of a file of a point. */
  readonly pathOf: (point: OldPoint, file: string) => string;
}

/** Unpacks the store with hash units of 1 MiB (test/engine/backup/old-store). */
export async function unpackOldStore(t: TestContext): Promise<OldStore> {
  const folder = await temporaryFolder(t);
  const root = join(folder, 'store');
  for (const [path, base64] of Object.entries(versionOne.files)) {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, inflateSync(Buffer.from(base64, 'base64')));
  }
  return {
    store: await DirectoryStore.open(root, {}, never),
    folder,
    vmId: versionOne.vm as Guid,
    points: versionOne.points as unknown as OldStore['points'],
    pathOf: ({ id }, file) => join(root, versionOne.vm, id, file),
  };
}
