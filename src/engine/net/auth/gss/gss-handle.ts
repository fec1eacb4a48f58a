import type { NativeFunction } from '../../../native/koffi.ts';

/** An object of the library: an argument for output, and its release. */
export class GssHandle {
  /** Argument of a call that creates or replaces the object. */
  readonly cell: (bigint | null)[] = [null];

  /** null: not created yet, or released. */
  get value(): bigint | null {
    return this.cell[0] ?? null;
  }

  /** Releases the object if there is one; `args` follow the object in the call. */
  release(native: NativeFunction, ...args: readonly unknown[]): void {
    if (this.value !== null) native([0], this.cell, ...args);
    this.cell[0] = null;
  }
}
