import path from 'node:path';
import { loadKoffi, type NativeFunction } from '../../native/koffi.ts';

/**
 * The native library of the requestor (native/vss/refpoint-vss.h). No function waits: a session has
 * a thread of its own.
 */
export interface VssLibrary {
  readonly open: NativeFunction;
  readonly begin: NativeFunction;
  readonly poll: NativeFunction;
  readonly result: NativeFunction;
  readonly cancel: NativeFunction;
  readonly close: NativeFunction;
}

/** Version of the interface that this file knows (RPV_ABI). */
const ABI = 1;
const FILE = 'refpoint-vss.dll';

let known: VssLibrary | Error | undefined;

/** Returns the library, or the reason why it is not there. Loads it at the first call. */
export function vssLibrary(): VssLibrary | Error {
  known ??= tryLoad();
  return known;
}

function tryLoad(): VssLibrary | Error {
  const target = `${process.platform}-${process.arch}`;
  if (target !== 'win32-x64') return new Error(`${target} has none`);
  const koffi = loadKoffi();
  if (koffi instanceof Error) return koffi;
  try {
    const file = libraryFile();
    const library = koffi.load(file);
    const abi = Number(library.func('uint32_t rpv_abi()')());
    if (abi !== ABI) return new Error(`${file} has the interface ${abi}; expected ${ABI}`);
    return {
      open: library.func('void *rpv_open()'),
      begin: library.func(
        'uint32_t rpv_begin(void *session, uint32_t step, const void *input, size_t units)',
      ),
      poll: library.func('uint32_t rpv_poll(void *session)'),
      result: library.func('size_t rpv_result(void *session, void *into, size_t room)'),
      cancel: library.func('void rpv_cancel(void *session)'),
      close: library.func('void rpv_close(void *session)'),
    };
  } catch (error) {
    return error as Error;
  }
}

/** Returns the path of the library: beside the bundle, or where it is built. */
function libraryFile(): string {
  const here = import.meta.dirname;
  // Sources run as they are in tests. A bundle never looks outside of its folder.
  const sources = path.join('src', 'engine', 'vss', 'native');
  return here.endsWith(sources)
    ? path.join(here.slice(0, -sources.length), 'build', 'native', 'win32-x64', FILE)
    : path.join(here, 'native', FILE);
}
