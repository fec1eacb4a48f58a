import { diskError } from '../virtual/disk-errors.ts';

/** Describes a range that is not in whole sectors inside of the disk; undefined for any other. */
export function outsideDisk(
  offset: number,
  length: number,
  { sector, size }: { readonly sector: number; readonly size: number },
): { readonly message: string; readonly data: Readonly<Record<string, number>> } | undefined {
  const aligned = offset % sector === 0 && length % sector === 0;
  if (aligned && offset >= 0 && length >= 0 && offset + length <= size) return undefined;
  return {
    message: `${length} bytes at ${offset} are invalid: expected multiples of ${sector} within a disk of ${size} bytes`,
    data: { offset, length, sector, virtualSize: size },
  };
}

/** Throws `disk.write.argument` unless the range is in whole sectors inside of the disk. */
export function requireInside(
  offset: number,
  length: number,
  disk: { readonly sector: number; readonly size: number },
): void {
  const wrong = outsideDisk(offset, length, disk);
  if (wrong !== undefined) {
    throw diskError('disk.write.argument', wrong.message, { data: wrong.data });
  }
}
