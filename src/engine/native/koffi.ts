import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * A function of a native library. Numbers and bigints are passed and returned as declared; a
 * Buffer is passed as a pointer to its bytes.
 */
export interface NativeFunction {
  (...args: unknown[]): unknown;
  /** Runs the call on a thread of libuv's pool. The last argument receives `(error, result)`. */
  async(...args: unknown[]): void;
}

export interface NativeLibrary {
  func(declaration: string): NativeFunction;
}

/** A type of C, for {@link Koffi.encode} and {@link Koffi.decode}. */
export interface NativeType {
  readonly name: string;
  readonly size: number;
}

/** The part of koffi that Refpoint uses. */
export interface Koffi {
  readonly version: string;
  config(settings: Readonly<Record<string, number>>): unknown;
  load(library: string | null): NativeLibrary;
  /** Declares a struct; the name may be used in declarations of functions. */
  struct(name: string, members: Readonly<Record<string, string | NativeType>>): NativeType;
  struct(members: Readonly<Record<string, string | NativeType>>): NativeType;
  /** Declares a struct without padding between its members. */
  pack(name: string, members: Readonly<Record<string, string | NativeType>>): NativeType;
  union(members: Readonly<Record<string, string | NativeType>>): NativeType;
  array(type: string | NativeType, length: number): NativeType;
  sizeof(type: string | NativeType): number;
  alignof(type: string | NativeType): number;
  offsetof(type: NativeType, member: string): number;
  /** Address of a Buffer's bytes, for pointers inside of structs. */
  address(bytes: Uint8Array): bigint;
  /** Allocates native memory for `count` values, filled with zeros, until {@link free}. */
  alloc(type: string | NativeType, count: number): bigint;
  free(pointer: bigint): void;
  encode(pointer: bigint, type: NativeType, value: unknown): void;
  encode(pointer: bigint, offset: number, type: NativeType, value: unknown): void;
  decode(pointer: bigint, type: string | NativeType): unknown;
  decode(pointer: bigint, offset: number, type: string | NativeType): unknown;
  /** Error number of the last call on this thread (POSIX). */
  errno(): number;
}

/**
 * Stack of an asynchronous call, in bytes. koffi's default of 128 KiB is too small for resolvers of
 * the C library, which put whole answers on the stack.
 */
const ASYNC_STACK = 1024 * 1024;

let loaded: Koffi | Error | undefined;

/**
 * Loads koffi, from beside the bundle if packaged, else from node_modules. Everything but Kerberos
 * and SSPI works without it, so a failure is returned instead of thrown.
 */
export function loadKoffi(): Koffi | Error {
  loaded ??= tryLoad();
  return loaded;
}

function tryLoad(): Koffi | Error {
  try {
    const require = createRequire(path.join(import.meta.dirname, 'engine.cjs'));
    const koffi = require('koffi') as Koffi;
    koffi.config({ async_stack_size: ASYNC_STACK, resident_async_pools: 2 });
    // Loading does not prove that calls work, so one function of the C library is called.
    const library = koffi.load(process.platform === 'win32' ? 'msvcrt.dll' : null);
    const length = library.func('size_t strlen(const char *text)')('refpoint');
    if (Number(length) !== 8) return new Error(`strlen answered ${String(length)}`);
    return koffi;
  } catch (error) {
    return error as Error;
  }
}
