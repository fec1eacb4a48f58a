import path from 'node:path';
import { newGuid, type Guid } from '../../base/guid.ts';
import type { Progress } from '../../base/progress.ts';
import { openDisk } from '../../disk/open-disk.ts';
import { readInOrder } from '../../disk/read-ahead.ts';
import type { VirtualDisk } from '../../disk/virtual-disk.ts';
import { createVhdx } from '../../disk/vhdx/create-vhdx.ts';
import { VhdxImage } from '../../disk/vhdx/vhdx-image.ts';
import { VhdxWriter } from '../../disk/vhdx/vhdx-writer.ts';
import { zeroRuns } from '../../disk/zero-scan.ts';
import { createFilePart } from '../../source/file-part.ts';
import { FileSource } from '../../source/file-source.ts';
import { FileStorage } from '../../source/file-storage.ts';
import { ensureFolder } from '../../source/folder.ts';

/** Zeros are looked for in units of this size when a disk is copied. */
const ZERO_UNIT = 65_536;

export interface MadeDisk {
  readonly virtualSize: number;
  readonly virtualDiskId: Guid;
}

/** An empty dynamic VHDX. */
export async function createEmptyDisk(
  file: string,
  size: number,
  signal: AbortSignal,
): Promise<MadeDisk> {
  await ensureFolder(path.dirname(file));
  const storage = await FileStorage.open(file, { create: true }, signal);
  try {
    const { metadata } = await createVhdx(storage, { size, creator: 'Refpoint lab' }, signal);
    return { virtualSize: metadata.virtualSize, virtualDiskId: metadata.diskId };
  } finally {
    await storage.close();
  }
}

/** A dynamic VHDX with what an image (raw or VHDX, with its parents) reads as; zeros are not stored. */
export async function importDisk(
  image: string,
  file: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<MadeDisk> {
  const opened = await openDisk(image, {}, signal);
  try {
    await ensureFolder(path.dirname(file));
    const sector = opened.layers[0]?.metadata.logicalSectorSize ?? 512;
    return await copyDisk(opened.disk, file, { diskId: newGuid(), sector }, progress, signal);
  } finally {
    await opened.disk.close();
  }
}

/** Writes a disk into a new dynamic VHDX. */
export async function copyDisk(
  disk: VirtualDisk,
  file: string,
  { diskId, sector }: { readonly diskId: Guid; readonly sector: 512 | 4096 },
  progress: Progress,
  signal: AbortSignal,
): Promise<MadeDisk> {
  const part = await createFilePart(file, {}, signal);
  try {
    const image = { size: disk.size, logicalSectorSize: sector, diskId, creator: 'Refpoint lab' };
    const writer = new VhdxWriter(part, image);
    progress.phase('copy', disk.size);
    for await (const piece of readInOrder(disk, signal)) {
      for (const run of piece.bytes === undefined ? [] : zeroRuns(piece.bytes, ZERO_UNIT)) {
        if (run.zero || piece.bytes === undefined) continue;
        await writer.write(
          piece.start + run.start,
          piece.bytes.subarray(run.start, run.end),
          signal,
        );
      }
      progress.advance(piece.length);
    }
    await writer.complete(signal);
    return { virtualSize: disk.size, virtualDiskId: diskId };
  } catch (error) {
    await part.abandon();
    throw error;
  }
}

/** Puts an empty differencing VHDX over `parentFile`, in the same folder. */
export async function createChild(
  parentFile: string,
  childFile: string,
  parentHostPath: string,
  signal: AbortSignal,
): Promise<void> {
  const parent = await VhdxImage.open(await FileSource.open(parentFile, signal), signal);
  try {
    const { metadata, header } = parent;
    const storage = await FileStorage.open(childFile, { create: true }, signal);
    try {
      await createVhdx(
        storage,
        {
          size: metadata.virtualSize,
          logicalSectorSize: metadata.logicalSectorSize,
          physicalSectorSize: metadata.physicalSectorSize,
          diskId: metadata.diskId,
          creator: 'Refpoint lab',
          parent: {
            linkage: header.dataWriteGuid,
            relativePath: `.\\${path.win32.basename(parentHostPath)}`,
            absolutePath: parentHostPath,
          },
        },
        signal,
      );
    } finally {
      await storage.close();
    }
  } finally {
    await parent.close();
  }
}
