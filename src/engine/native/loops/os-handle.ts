import type { Koffi, NativeFunction } from '../koffi.ts';

const known = new WeakMap<Koffi, NativeFunction>();

/**
 * Returns what a library of its own C runtime can use for an open file: the descriptor, or its
 * HANDLE on Windows, where the numbers of descriptors belong to Node's runtime. Throws if Node does
 * not tell it.
 */
export function osHandle(koffi: Koffi, fd: number): bigint {
  if (process.platform !== 'win32') return BigInt(fd);
  let convert = known.get(koffi);
  if (convert === undefined) {
    convert = koffi.load(null).func('intptr_t uv_get_osfhandle(int fd)');
    known.set(koffi, convert);
  }
  return BigInt(convert(fd) as number | bigint);
}
