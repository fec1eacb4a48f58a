import type { DiskRecord } from './manifest.ts';

/** The sizes of a point, summed over its disks. */
export interface PointSizes {
  /** Bytes that the tracker reported as changed; null if no disk is an increment, or if unknown. */
  readonly changedBytes: number | null;
  /** Bytes stored, without zeros. */
  readonly writtenBytes: number;
  /** Bytes that the images take. */
  readonly fileBytes: number;
}

/** Sums the sizes of a point's disks. */
export function pointSizes(disks: readonly DiskRecord[]): PointSizes {
  const known = disks.flatMap(({ changedBytes }) => changedBytes ?? []);
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  return {
    changedBytes: known.length === 0 ? null : sum(known),
    writtenBytes: sum(disks.map((disk) => disk.writtenBytes)),
    fileBytes: sum(disks.map((disk) => disk.fileSize)),
  };
}
