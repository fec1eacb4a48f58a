import path from 'node:path';
import { never } from '../../../base/abort.ts';
import { newGuid } from '../../../base/guid.ts';
import { noProgress } from '../../../base/progress.ts';
import type { RangeSet } from '../../../base/range-set.ts';
import type { OpenedDisk } from '../../../disk/chain/open-disk.ts';
import { VhdxEditor } from '../../../disk/vhdx/edit/vhdx-editor.ts';
import { FileStorage } from '../../../source/files/file-storage.ts';
import { copyDisk, createChild, sectorsOf } from '../../files/disk-files.ts';
import { activeName } from './snapshots.ts';
import { writeSet } from './set-file.ts';
import type { SharedDisk } from './shared-disk.ts';

const PIECE = 2 ** 20;

/** Copies a whole disk to a new dynamic VHDX of the same folder. */
export async function extractWhole(opened: OpenedDisk, file: string): Promise<void> {
  const identity = { diskId: newGuid(), ...sectorsOf(opened) };
  await copyDisk(opened.disk, file, identity, noProgress, never);
}

/** Writes changed ranges to a new child of the older snapshot's file. */
export async function extractChanges(
  { disk }: OpenedDisk,
  changed: RangeSet,
  file: string,
  parent: { readonly local: string; readonly host: string },
): Promise<void> {
  await createChild(parent.local, file, parent.host, never);
  const storage = await FileStorage.open(file, {}, never);
  try {
    const editor = await VhdxEditor.open(storage, never);
    for (const range of changed) {
      for (let at = range.start; at < range.end; at += PIECE) {
        const bytes = Buffer.alloc(Math.min(PIECE, range.end - at, disk.size - at));
        await disk.read(at, bytes, never);
        await editor.write(at, bytes, never);
      }
    }
    await editor.close();
  } finally {
    await storage.close();
  }
}

/** Makes a VHD Set with a copy of a shared VHDX, which stays as it is (UNCONFIRMED on Windows). */
export async function convertToSet(disk: SharedDisk, set: string): Promise<void> {
  const active = activeName(set);
  await disk.session.read((opened) => {
    const diskId = newGuid();
    const identity = { diskId, ...sectorsOf(opened) };
    return copyDisk(opened.disk, path.join(disk.folder, active), identity, noProgress, never);
  });
  await writeSet(set, active);
}
