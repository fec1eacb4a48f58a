import type { OpenedDisk } from './open-disk.ts';

/** One entry of `disk map`, as `qemu-img map --output=json` has them. */
export interface MapEntry {
  readonly start: number;
  readonly length: number;
  /** 0 the image itself, 1 its parent … */
  readonly depth: number;
  /** The layer says something about it: not left to a parent, or to nothing. */
  readonly present: boolean;
  readonly zero: boolean;
  readonly data: boolean;
  /** Where the data lies in `filename`. */
  readonly offset?: number;
  readonly filename?: string;
}

/** Ordered, gapless, covers the disk, adjacent equal entries merged. Streams. */
export async function* mapDisk(opened: OpenedDisk, signal: AbortSignal): AsyncGenerator<MapEntry> {
  const { disk, chain } = opened;
  for await (const extent of disk.extents({ start: 0, end: disk.size }, signal)) {
    const { start, length, depth, kind, offset } = extent;
    const data = kind === 'data';
    const entry = { start, length, depth, present: kind !== 'hole', zero: !data, data };
    const filename = chain[depth];
    yield data && offset !== undefined && filename !== undefined
      ? { ...entry, offset, filename }
      : entry;
  }
}
