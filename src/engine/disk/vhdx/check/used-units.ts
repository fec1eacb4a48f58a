import { UnitBits } from '../../inspect/unit-bits.ts';
import { MIB } from '../structures/layout.ts';

/** Maximum number of units (128 TiB) that are tracked; no image is longer. */
const MAX_UNITS = 2 ** 27;

/** The units of 1 MiB of a file that something uses, in a bit each: 8 MiB for 64 TiB. */
export class UsedUnits {
  readonly #bits: UnitBits;

  constructor(fileSize: number) {
    this.#bits = new UnitBits(Math.min(MAX_UNITS, Math.ceil(fileSize / MIB)));
  }

  /** Marks a part of the file; returns whether any unit of it was in use before. */
  take(offset: number, length: number): boolean {
    return this.#bits.addAll(Math.floor(offset / MIB), Math.ceil((offset + length) / MIB));
  }

  /** Number of units that nothing uses. */
  get unused(): number {
    return this.#bits.size - this.#bits.count();
  }
}
