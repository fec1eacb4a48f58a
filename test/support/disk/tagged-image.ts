import { never } from '../../../src/engine/base/abort.ts';
import type { Guid } from '../../../src/engine/base/guid.ts';
import { openDisk } from '../../../src/engine/disk/chain/open-disk.ts';
import { VhdxEditor } from '../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import type { NewImage } from '../../../src/engine/disk/vhdx/structures/image/image-head.ts';
import { createVhdx } from '../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import { FileStorage } from '../../../src/engine/source/files/file-storage.ts';
import { tagged } from './tagged-disk.ts';

/** Offset, length, and the number that fills the sectors; 0 zeroes. */
export type TaggedWrite = readonly [offset: number, length: number, tag: number];

/** Makes a VHDX file with the given writes. Returns what a child must link to. */
export async function makeTagged(
  path: string,
  image: NewImage,
  writes: readonly TaggedWrite[],
): Promise<Guid> {
  const storage = await FileStorage.open(path, { create: true }, never);
  await createVhdx(storage, image, never);
  await storage.close();
  return writeTagged(path, writes);
}

/** Changes a VHDX file in place. Returns what a child must link to. */
export async function writeTagged(path: string, writes: readonly TaggedWrite[]): Promise<Guid> {
  const storage = await FileStorage.open(path, {}, never);
  const editor = await VhdxEditor.open(storage, never);
  for (const [offset, length, tag] of writes) {
    if (tag === 0) await editor.zero(offset, length, never);
    else await editor.write(offset, tagged(tag, length), never);
  }
  await editor.close();
  await storage.close();
  return editor.dataWriteGuid;
}

/** Returns the number in each sector of the disk of an image and its parents. */
export async function tagsOf(path: string): Promise<Uint32Array> {
  const { disk } = await openDisk(path, {}, never);
  const bytes = new Uint8Array(disk.size);
  await disk.read(0, bytes, never);
  await disk.close();
  const words = new Uint32Array(bytes.buffer);
  return Uint32Array.from({ length: disk.size / 512 }, (_, sector) => {
    const part = words.subarray(sector * 128, (sector + 1) * 128);
    if (part.some((word) => word !== part[0])) throw new Error(`sector ${sector} is mixed`);
    return part[0] as number;
  });
}
