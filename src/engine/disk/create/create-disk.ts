import type { FileEnvironment } from '../../source/platform/file-environment.ts';
import type { OpenedDisk } from '../chain/open-disk.ts';
import type { NewDisk, Subformat } from '../image/image-writer.ts';
import { diskError } from '../virtual/disk-errors.ts';
import { writeNewFile } from './new-file.ts';
import { newFormat, newSubformat, type WritableFormat } from './new-format.ts';
import { newParent } from './new-parent.ts';
import { newSectors } from './sector-size.ts';

export interface CreateOptions {
  /** Virtual size in bytes; undefined: that of the parent. */
  readonly size?: number | undefined;
  /** Name of the format; undefined: that of the path's ending. */
  readonly format?: string | undefined;
  readonly subformat?: Subformat | undefined;
  readonly blockSize?: number | undefined;
  readonly sectorSize?: number | undefined;
  /** The opened parent with its own parents; the new image is a differencing one. */
  readonly parent?: OpenedDisk | undefined;
  readonly environment?: FileEnvironment;
}

/** The document of `disk create`. Sizes in bytes. */
export interface CreatedDisk {
  readonly path: string;
  readonly format: string;
  readonly subformat: Subformat;
  readonly virtualSize: number;
  readonly fileSize: number;
  readonly blockSize: number | null;
  readonly logicalSectorSize: number;
  readonly parent: string | null;
}

/**
 * Creates an empty image, or a child of a parent, through which the parent shows. Never replaces a
 * file. Throws `source.exists`, `disk.write.argument`, `disk.unsupported`.
 */
export async function createDisk(
  path: string,
  options: CreateOptions,
  signal: AbortSignal,
): Promise<CreatedDisk> {
  const format = newFormat(path, options.format);
  const disk =
    options.parent === undefined
      ? emptyDisk(format, options)
      : child(path, format, options, options.parent);
  const { environment } = options;
  const file = { path, format, replace: false, environment };
  const written = await writeNewFile(file, disk, () => Promise.resolve(), signal);
  return {
    path,
    format: format.name,
    subformat: disk.subformat,
    virtualSize: disk.size,
    fileSize: written.fileSize,
    blockSize: written.blockSize ?? null,
    logicalSectorSize: disk.logicalSectorSize ?? 512,
    parent: options.parent?.chain[0] ?? null,
  };
}

function emptyDisk(format: WritableFormat, options: CreateOptions): NewDisk {
  const { size, subformat, blockSize, sectorSize } = options;
  if (size === undefined) {
    throw diskError('disk.write.argument', 'A disk without parent needs a size');
  }
  if (subformat === 'differencing') {
    throw diskError('disk.write.argument', 'A differencing image needs a parent');
  }
  const like = { size, logicalSectorSize: 512 };
  return {
    size,
    subformat: newSubformat(format, subformat),
    ...newSectors(format, like, sectorSize),
    ...(blockSize === undefined ? {} : { blockSize }),
  };
}

function child(
  path: string,
  format: WritableFormat,
  { size, subformat, blockSize, sectorSize }: CreateOptions,
  { layers: [top], chain }: OpenedDisk,
): NewDisk {
  if (format.name !== top.format) {
    throw diskError(
      'disk.write.argument',
      `The parent ${top.name} has the format ${top.format}; ${format.title} needs a parent of its own format`,
      { data: { found: top.format, expected: format.name } },
    );
  }
  if (sectorSize !== undefined && sectorSize !== top.logicalSectorSize) {
    throw diskError(
      'disk.write.argument',
      `A child has the sectors of its parent: expected ${top.logicalSectorSize} bytes, found ${sectorSize}`,
      { data: { found: sectorSize, expected: top.logicalSectorSize } },
    );
  }
  const { diskId, physicalSectorSize, logicalSectorSize } = top;
  return {
    size: size ?? top.size,
    subformat: newSubformat(format, subformat ?? 'differencing'),
    logicalSectorSize,
    ...(physicalSectorSize === undefined
      ? {}
      : { physicalSectorSize: Math.max(physicalSectorSize, logicalSectorSize) }),
    ...(blockSize === undefined ? {} : { blockSize }),
    ...(diskId === undefined ? {} : { diskId }),
    parent: newParent(top, chain[0] ?? top.name, path),
  };
}
