import type { DiskRecord } from './manifest.ts';

/** The sizes of a point, over all of its disks. */
export interface PointSizes {
  /** What the tracker named as changed; null if no disk is an increment, or it is not known. */
  readonly changedBytes: number | null;
  /** What was stored, zeros not counted. */
  readonly writtenBytes: number;
  /** What the images take. */
  readonly fileBytes: number;
}

/** Adds up the sizes of a point's disks. */
export function pointSizes(disks: readonly DiskRecord[]): PointSizes {
  const known = disks.flatMap(({ changedBytes }) => changedBytes ?? []);
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  return {
    changedBytes: known.length === 0 ? null : sum(known),
    writtenBytes: sum(disks.map((disk) => disk.writtenBytes)),
    fileBytes: sum(disks.map((disk) => disk.fileSize)),
  };
}
