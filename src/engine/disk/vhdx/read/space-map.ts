import { alignUp } from '../../../base/range.ts';
import { MIB } from '../structures/layout.ts';
import { vhdxError } from '../structures/vhdx-errors.ts';

/** A part of the file that something owns. */
export interface UsedSpace {
  readonly offset: number;
  readonly length: number;
}

export interface Allocation {
  readonly offset: number;
  /**
   * Lies beyond everything that the file ever held, so it reads as zeros once the file is long
   * enough.
   */
  readonly fresh: boolean;
}

/**
 * Free parts of a VHDX file, in whole MiB. Allocates the first that fits, else at the end of the
 * file.
 */
export class SpaceMap {
  /** Free parts before `#end`, sorted, not adjacent. */
  readonly #free: { start: number; end: number }[] = [];
  #end: number;

  /**
   * Throws `vhdx.bat.overlap` if two parts overlap, `vhdx.truncated` if one passes the file's end.
   * @param used every part in use, in any order
   */
  constructor(used: readonly UsedSpace[], fileSize: number) {
    const sorted = [...used].sort((a, b) => a.offset - b.offset);
    let at = 0;
    for (const { offset, length } of sorted) {
      if (offset < at) {
        throw vhdxError('vhdx.bat.overlap', `two structures of the file overlap at ${offset}`, {
          data: { offset, previousEnd: at },
        });
      }
      if (offset + length > fileSize) {
        throw vhdxError(
          'vhdx.truncated',
          `${length} bytes at ${offset} are in use, but the file ends at ${fileSize}`,
          { data: { offset, needed: length, size: fileSize } },
        );
      }
      if (offset > at) this.#free.push({ start: alignUp(at, MIB), end: offset });
      at = offset + length;
    }
    this.#end = alignUp(fileSize, MIB);
    const tail = alignUp(at, MIB);
    if (tail < this.#end) this.#free.push({ start: tail, end: this.#end });
  }

  /** The end of all structures, a multiple of 1 MiB. */
  get end(): number {
    return this.#end;
  }

  allocate(length: number): Allocation {
    const index = this.#free.findIndex((part) => part.end - part.start >= length);
    const part = this.#free[index];
    if (part === undefined) {
      const offset = this.#end;
      this.#end += length;
      return { offset, fresh: true };
    }
    const offset = part.start;
    part.start += length;
    if (part.start === part.end) this.#free.splice(index, 1);
    return { offset, fresh: false };
  }

  release({ offset, length }: UsedSpace): void {
    const end = offset + length;
    const index = this.#free.findIndex((part) => part.start >= end);
    const at = index < 0 ? this.#free.length : index;
    const before = this.#free[at - 1];
    const after = this.#free[at];
    if (before?.end === offset && after?.start === end) {
      before.end = after.end;
      this.#free.splice(at, 1);
    } else if (before?.end === offset) before.end = end;
    else if (after?.start === end) after.start = offset;
    else this.#free.splice(at, 0, { start: offset, end });
  }
}
