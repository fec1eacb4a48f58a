import type { NativeFunction } from '../../native/koffi.ts';
import {
  openWindowsLibrary,
  type MissingLibrary,
  type SystemLibrary,
} from '../../native/system-library.ts';

/** A function that a library lacks. */
export interface MissingFunction {
  readonly file: string;
  readonly missing: string;
}

/**
 * Functions of one library of Windows. The library is loaded at the first use of one of them, and
 * each function is looked up once.
 */
export class WindowsFunctions<Name extends string> {
  readonly #file: string;
  readonly #declarations: Readonly<Record<Name, string>>;
  readonly #known = new Map<Name, NativeFunction>();
  #opened: SystemLibrary | MissingLibrary | undefined;

  /** @param declarations by name, in C with types of fixed width */
  constructor(file: string, declarations: Readonly<Record<Name, string>>) {
    this.#file = file;
    this.#declarations = declarations;
  }

  find(name: Name): NativeFunction | MissingLibrary | MissingFunction {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    this.#opened ??= openWindowsLibrary(this.#file);
    if ('cause' in this.#opened) return this.#opened;
    try {
      const native = this.#opened.library.func(this.#declarations[name]);
      this.#known.set(name, native);
      return native;
    } catch {
      return { file: this.#file, missing: name };
    }
  }

  /** Names of the functions that the library lacks; all of them if it cannot be loaded. */
  missing(): readonly Name[] {
    const names = Object.keys(this.#declarations) as Name[];
    return names.filter((name) => typeof this.find(name) !== 'function');
  }
}
