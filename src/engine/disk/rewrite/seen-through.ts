import type { Range } from '../../base/range.ts';
import type { DiskImage } from '../image/image.ts';
import type { Extent, VirtualDisk } from '../virtual/virtual-disk.ts';

/**
 * The parts of a parent that show through a child; everything else reads as zeros. Two parents are
 * equal for the child if these disks are equal. Does not own the images.
 */
export class SeenThrough implements VirtualDisk {
  readonly name: string;
  readonly size: number;
  readonly logicalSectorSize: number;
  readonly #child: DiskImage;
  readonly #parent: VirtualDisk;

  constructor(child: DiskImage, parent: VirtualDisk) {
    this.#child = child;
    this.#parent = parent;
    this.name = parent.name;
    this.size = child.size;
    this.logicalSectorSize = child.logicalSectorSize;
  }

  async *extents(within: Range, signal: AbortSignal): AsyncGenerator<Extent> {
    for await (const extents of this.#child.extentsIn([within], signal)) {
      for (const { start, end, kind } of extents) {
        const shown =
          kind === 'transparent' ? Math.max(start, Math.min(end, this.#parent.size)) : start;
        if (shown > start) yield* this.#parent.extents({ start, end: shown }, signal);
        // Behind a parent's end there are zeros.
        if (end > shown) yield { start: shown, length: end - shown, kind: 'hole', depth: 0 };
      }
    }
  }

  /** Only for parts that {@link extents} reports as data in one of the compared disks. */
  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    const inside = Math.max(0, Math.min(into.length, this.#parent.size - offset));
    if (inside > 0) await this.#parent.read(offset, into.subarray(0, inside), signal);
    into.fill(0, inside);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
