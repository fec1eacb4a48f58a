import { createRequire } from 'node:module';
import path from 'node:path';

/** A function of a native library. Numbers and bigints are passed and returned as declared. */
export type NativeFunction = (...args: unknown[]) => unknown;

/** The part of koffi that Refpoint uses. */
export interface Koffi {
  readonly version: string;
  load(library: string | null): { func(declaration: string): NativeFunction };
  /** Error number of the last call on this thread (POSIX). */
  errno(): number;
}

let loaded: Koffi | Error | undefined;

/**
 * Loads koffi, from beside the bundle if packaged, else from node_modules. Everything works without
 * it, so a failure is returned instead of thrown.
 */
export function loadKoffi(): Koffi | Error {
  loaded ??= tryLoad();
  return loaded;
}

function tryLoad(): Koffi | Error {
  try {
    const require = createRequire(path.join(import.meta.dirname, 'engine.cjs'));
    const koffi = require('koffi') as Koffi;
    // Loading does not prove that calls work, so one function of the C library is called.
    const library = koffi.load(process.platform === 'win32' ? 'msvcrt.dll' : null);
    const length = library.func('size_t strlen(const char *text)')('refpoint');
    if (Number(length) !== 8) return new Error(`strlen answered ${String(length)}`);
    return koffi;
  } catch (error) {
    return error as Error;
  }
}
