import fs from 'node:fs/promises';
import path from 'node:path';
import { newGuid, type Guid } from '../../base/guid.ts';
import type { Progress } from '../../base/progress.ts';
import { openDisk, type OpenedDisk } from '../../disk/chain/open-disk.ts';
import { readInOrder } from '../../disk/virtual/read-ahead.ts';
import type { VirtualDisk } from '../../disk/virtual/virtual-disk.ts';
import { createVhdx } from '../../disk/vhdx/write/create-vhdx.ts';
import { sectorSizes } from '../../disk/vhdx/structures/metadata/metadata-items.ts';
import { VhdxImage } from '../../disk/vhdx/read/vhdx-image.ts';
import { VhdxWriter } from '../../disk/vhdx/write/vhdx-writer.ts';
import { createVhdChild, newVhd } from './vhd-files.ts';
import { zeroRuns } from '../../disk/virtual/zero-scan.ts';
import { createFilePart } from '../../source/files/file-part.ts';
import { FileSource } from '../../source/files/file-source.ts';
import { FileStorage } from '../../source/files/file-storage.ts';
import type { PartWriter } from '../../source/byte-source.ts';
import { ensureFolder } from '../../source/folders/folder.ts';

/** Unit in which zeros are detected when a disk is copied, in bytes. */
const ZERO_UNIT = 65_536;

export interface MadeDisk {
  readonly virtualSize: number;
  readonly virtualDiskId: Guid;
}

/** Creates an empty dynamic VHDX. */
export async function createEmptyDisk(
  file: string,
  size: number,
  signal: AbortSignal,
  diskId: Guid = newGuid(),
): Promise<MadeDisk> {
  await ensureFolder(path.dirname(file));
  const { metadata } = await createFile(file, { size, diskId, creator: 'Refpoint lab' }, signal);
  return { virtualSize: metadata.virtualSize, virtualDiskId: metadata.diskId };
}

/** Creates a VHDX; leaves no file if that fails, for example because the size is refused. */
async function createFile(
  file: string,
  image: Parameters<typeof createVhdx>[1],
  signal: AbortSignal,
): ReturnType<typeof createVhdx> {
  const storage = await FileStorage.open(file, { create: true }, signal);
  let made: Awaited<ReturnType<typeof createVhdx>> | undefined;
  try {
    made = await createVhdx(storage, image, signal);
    return made;
  } finally {
    await storage.close();
    if (made === undefined) await fs.rm(file, { force: true });
  }
}

/**
 * Creates a dynamic image with the contents of an image (of any format, with its parents); does not
 * store zeros. A file name that ends with `.vhd` makes a VHD, every other one a VHDX.
 */
export async function importDisk(
  image: string,
  file: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<MadeDisk> {
  const opened = await openDisk(image, {}, signal);
  try {
    await ensureFolder(path.dirname(file));
    const identity = { diskId: newGuid(), ...sectorsOf(opened) };
    return await copyDisk(opened.disk, file, identity, progress, signal);
  } finally {
    await opened.disk.close();
  }
}

/** Properties that a copy of a disk shares with it. */
export type DiskIdentity = { readonly diskId: Guid } & ReturnType<typeof sectorSizes>;

/**
 * Returns the sector sizes of an opened image; the physical one, if its format stores none, is that
 * of a new VHDX.
 */
export function sectorsOf({ layers: [top] }: OpenedDisk): ReturnType<typeof sectorSizes> {
  return sectorSizes({
    logicalSectorSize: top.logicalSectorSize as 512 | 4096,
    physicalSectorSize: (top.physicalSectorSize ?? 4096) as 512 | 4096,
  });
}

/** Copies a disk to a new dynamic VHDX, or to a VHD if the file name ends with `.vhd`. */
export async function copyDisk(
  disk: VirtualDisk,
  file: string,
  identity: DiskIdentity,
  progress: Progress,
  signal: AbortSignal,
): Promise<MadeDisk> {
  const part = await createFilePart(file, {}, signal);
  try {
    const writer = isVhd(file)
      ? newVhd(part, disk.size, identity.diskId)
      : newVhdx(part, disk.size, identity);
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
    return { virtualSize: disk.size, virtualDiskId: identity.diskId };
  } catch (error) {
    await part.abandon();
    throw error;
  }
}

const isVhd = (file: string): boolean => /\.a?vhd$/i.test(file);

const newVhdx = (part: PartWriter, size: number, identity: DiskIdentity): VhdxWriter =>
  new VhdxWriter(part, { size, ...identity, creator: 'Refpoint lab' });

/** Creates an empty differencing image on top of `parentFile`, in its folder and format. */
export async function createChild(
  parentFile: string,
  childFile: string,
  parentHostPath: string,
  signal: AbortSignal,
): Promise<void> {
  if (isVhd(parentFile)) return createVhdChild(parentFile, childFile, parentHostPath, signal);
  const parent = await VhdxImage.open(await FileSource.open(parentFile, signal), signal);
  try {
    const { metadata, header } = parent;
    await createFile(
      childFile,
      {
        size: metadata.virtualSize,
        ...sectorSizes(metadata),
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
    await parent.close();
  }
}
