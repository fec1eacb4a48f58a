import type { DiskImage } from '../image/image.ts';
import { diskError } from '../virtual/disk-errors.ts';
import type { WritableFormat } from './new-format.ts';

export interface NewSectors {
  readonly logicalSectorSize: number;
  readonly physicalSectorSize?: number;
}

/**
 * Returns the sector sizes of a new image: the requested ones, else those of the source if the
 * format has them. The contents stay the same, so the size must be a multiple. Throws
 * `disk.write.argument`.
 */
export function newSectors(
  { title, writes }: WritableFormat,
  source: Pick<DiskImage, 'size' | 'logicalSectorSize' | 'physicalSectorSize'>,
  wanted: number | undefined,
): NewSectors {
  const { logicalSectorSizes: allowed } = writes;
  if (wanted !== undefined && !allowed.includes(wanted)) {
    throw diskError(
      'disk.write.argument',
      `${title} cannot have sectors of ${wanted} bytes; expected ${allowed.join(' or ')}`,
      { data: { found: wanted, expected: allowed.join(', ') } },
    );
  }
  const kept = allowed.includes(source.logicalSectorSize)
    ? source.logicalSectorSize
    : (allowed[0] ?? source.logicalSectorSize);
  const logicalSectorSize = wanted ?? kept;
  if (source.size % logicalSectorSize !== 0) {
    throw diskError(
      'disk.write.argument',
      `The disk has ${source.size} bytes, which is not a multiple of sectors of ${logicalSectorSize} bytes`,
      { data: { found: source.size, expected: logicalSectorSize } },
    );
  }
  const { physicalSectorSize: physical } = source;
  return {
    logicalSectorSize,
    ...(physical === undefined
      ? {}
      : { physicalSectorSize: Math.max(physical, logicalSectorSize) }),
  };
}
