import type { Progress } from '../../base/progress.ts';
import type { FileEnvironment } from '../../source/platform/file-environment.ts';
import type { OpenedDisk } from '../chain/open-disk.ts';
import { extentBatches } from '../chain/extent-batches.ts';
import { bulkCopy } from '../bulk/bulk-copy.ts';
import type { BorrowedImage, ImageWriter, NewDisk, Subformat } from '../image/image-writer.ts';
import type { VirtualDisk } from '../virtual/virtual-disk.ts';
import { alignedParts } from './aligned-parts.ts';
import { copyParts } from './copy-parts.ts';
import { newFormat, newSubformat, type WritableFormat } from '../create/new-format.ts';
import { refuseOwnSource, writeNewFile } from '../create/new-file.ts';
import { newSectors } from '../create/sector-size.ts';
import { SourceState } from './source-state.ts';

export interface ConvertOptions {
  /** Name of the new format; undefined: that of the target's ending. */
  readonly format?: string | undefined;
  readonly subformat?: Exclude<Subformat, 'differencing'> | undefined;
  readonly blockSize?: number | undefined;
  readonly sectorSize?: number | undefined;
  readonly replace: boolean;
  readonly environment?: FileEnvironment;
}

/** The document of `disk convert`. Sizes in bytes. */
export interface Conversion {
  readonly source: string;
  readonly sourceFormat: string;
  readonly target: string;
  readonly format: string;
  readonly subformat: Subformat;
  readonly virtualSize: number;
  readonly fileSize: number;
  readonly blockSize: number | null;
  readonly logicalSectorSize: number;
  readonly diskId: string | null;
  /** Copied as data. */
  readonly dataBytes: number;
  /** Marked as zeros, unallocated, or data that is all zero. */
  readonly zeroBytes: number;
}

/**
 * Copies the whole virtual disk of a chain into one new image without parent. An image of the same
 * format keeps the identity of the disk and the items of other programs. The target appears only
 * when it is complete. Throws `disk.source.changed`, `disk.target.source`, `disk.write.argument`,
 * `source.exists`, and the errors of reading.
 */
export async function convertDisk(
  opened: OpenedDisk,
  target: string,
  options: ConvertOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<Conversion> {
  const { disk, chain } = opened;
  await refuseOwnSource(target, chain);
  const format = newFormat(target, options.format);
  const image = await newDisk(opened, format, options, signal);
  const state = await SourceState.of(opened);
  const { logicalSectorSize: unit = disk.logicalSectorSize } = image;
  let dataBytes = 0;
  const { environment, replace } = options;
  const written = await writeNewFile(
    { path: target, format, replace, environment },
    image,
    async (writer) => {
      progress.phase('copy', disk.size);
      dataBytes = await copyDisk(disk, writer, unit, progress, signal);
      await state.check(signal);
    },
    signal,
  );
  return {
    source: chain[0] ?? disk.name,
    sourceFormat: opened.format,
    target,
    format: format.name,
    subformat: image.subformat,
    virtualSize: disk.size,
    fileSize: written.fileSize,
    blockSize: written.blockSize ?? null,
    logicalSectorSize: unit,
    diskId: image.diskId ?? null,
    dataBytes,
    zeroBytes: disk.size - dataBytes,
  };
}

/** Copies all data, by the native library if possible. Returns the bytes that were not zero. */
async function copyDisk(
  disk: VirtualDisk,
  writer: ImageWriter,
  unit: number,
  progress: Progress,
  signal: AbortSignal,
): Promise<number> {
  if (unit === disk.logicalSectorSize) {
    const borrow = (): BorrowedImage | undefined => writer.borrow?.();
    const advance = (bytes: number): void => progress.advance(bytes);
    const bulk = await bulkCopy({ disk, borrow, leaf: 0, fineZeros: true, advance }, signal);
    if (bulk !== undefined) {
      await markZeros(disk, writer, signal);
      advance(disk.size - bulk.readBytes);
      return bulk.storedBytes;
    }
  }
  const read = (_: unknown, start: number, into: Uint8Array): Promise<void> =>
    disk.read(start, into, signal);
  const parts = alignedParts(disk, unit, signal);
  return (await copyParts(parts, writer, { read, unit, hides: false }, progress, signal)).data;
}

/** Passes on what the source marks as zeros: the library copies data only. */
async function markZeros(
  disk: VirtualDisk,
  writer: ImageWriter,
  signal: AbortSignal,
): Promise<void> {
  for await (const extents of extentBatches(disk, { start: 0, end: disk.size }, signal)) {
    for (const { start, length, kind } of extents) if (kind === 'zero') writer.zero(start, length);
  }
}

async function newDisk(
  { layers, format: sourceFormat }: OpenedDisk,
  format: WritableFormat,
  { subformat, blockSize, sectorSize }: ConvertOptions,
  signal: AbortSignal,
): Promise<NewDisk> {
  const [top] = layers;
  const same = format.name === sourceFormat;
  const userItems = same ? await top.userItems?.(signal) : undefined;
  return {
    size: top.size,
    subformat: newSubformat(format, subformat),
    ...newSectors(format, top, sectorSize),
    ...(blockSize === undefined ? {} : { blockSize }),
    ...(same && top.diskId !== undefined ? { diskId: top.diskId } : {}),
    ...(userItems === undefined ? {} : { userItems }),
  };
}
