import fs from 'node:fs/promises';
import { never } from '../../../base/abort.ts';
import { readInOrder } from '../../../disk/virtual/read-ahead.ts';
import type { VirtualDisk } from '../../../disk/virtual/virtual-disk.ts';
import { FileStorage } from '../../../source/files/file-storage.ts';
import { openEditor } from '../../files/open-editor.ts';
import { writeOrZero } from '../../files/write-or-zero.ts';
import { differing } from '../../model/guest.ts';
import type { TrackedImage } from './tracked-image.ts';

const PIECE = 2 ** 20;

/**
 * Lays an attached disk out as a raw file, which the caller's handle reads. `damage` changes bytes on
 * their way.
 */
export async function layOut(
  disk: VirtualDisk,
  raw: string,
  damage: (start: number, bytes: Uint8Array) => void,
  progress: (current: number, total: number) => void,
): Promise<void> {
  const file = await fs.open(raw, 'r+');
  try {
    await file.truncate(disk.size);
    for await (const { start, length, bytes } of readInOrder(disk, never)) {
      if (bytes !== undefined) {
        damage(start, bytes);
        await file.write(bytes, 0, length, start);
      }
      progress(start + length, disk.size);
    }
  } finally {
    await file.close();
  }
}

/** Writes to an image what the caller wrote to the raw file, and marks it in change tracking. */
export async function writeBack(
  disk: VirtualDisk,
  raw: string,
  local: string,
  tracked: TrackedImage,
): Promise<void> {
  const file = await fs.open(raw, 'r');
  const storage = await FileStorage.open(local, {}, never);
  try {
    const editor = await openEditor(storage, never);
    const before = Buffer.alloc(PIECE);
    const after = Buffer.alloc(PIECE);
    for (let at = 0; at < disk.size; at += PIECE) {
      const length = Math.min(PIECE, disk.size - at);
      const old = before.subarray(0, length);
      const now = after.subarray(0, length).fill(0);
      await disk.read(at, old, never);
      await file.read(now, 0, length, at);
      for (const { start, end } of differing(old, now)) {
        await tracked.mark(at + start, at + end);
        await writeOrZero(editor, at + start, now.subarray(start, end), never);
      }
    }
    await editor.close();
    await tracked.wrote();
  } finally {
    await storage.close();
    await file.close();
  }
}
