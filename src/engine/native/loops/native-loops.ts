import path from 'node:path';
import { loadKoffi, type Koffi, type NativeFunction } from '../koffi.ts';

/**
 * The native library (native/include/refpoint.h): the hot loops in C, loaded through koffi. Nothing
 * needs it: callers have the same loop in TypeScript, with equal results.
 *
 * `REFPOINT_NATIVE` selects how it is used: `off` not at all; `portable`, or a list such as
 * `avx2,sse42`, with those CPU features only (for tests); anything else, or nothing, with all
 * features of this machine.
 */
export interface NativeLoops {
  readonly koffi: Koffi;
  /** Features for the parameter `paths`. */
  readonly paths: number;
  readonly hashParts: NativeFunction;
  readonly pumpOpen: NativeFunction;
  readonly pumpSubmit: NativeFunction;
  readonly pumpPoll: NativeFunction;
  readonly pumpTake: NativeFunction;
  readonly pumpCancel: NativeFunction;
  readonly pumpClose: NativeFunction;
}

/** Version of the interface that this file knows (RP_ABI). */
const ABI = 3;

/** Names of the features in `REFPOINT_NATIVE`, and their bits. */
const FEATURES: Readonly<Record<string, number>> = { portable: 0, avx2: 1, 'sha-ni': 2, sse42: 4 };

/** Loaded libraries by the setting, which tests change. */
const known = new Map<string, NativeLoops | Error>();

/** Returns the library, or the reason why it is not used. Loads it at the first call. */
export function nativeLoops(): NativeLoops | Error {
  const setting = process.env['REFPOINT_NATIVE'] ?? '';
  let loops = known.get(setting);
  if (loops === undefined) known.set(setting, (loops = tryLoad(setting)));
  return loops;
}

function tryLoad(setting: string): NativeLoops | Error {
  if (setting === 'off') return new Error('REFPOINT_NATIVE is off');
  const file = libraryFile();
  if (file === undefined) return new Error(`${process.platform}-${process.arch} has none`);
  const koffi = loadKoffi();
  if (koffi instanceof Error) return koffi;
  try {
    const library = koffi.load(file);
    const abi = Number(library.func('uint32_t rp_abi()')());
    if (abi !== ABI) return new Error(`${file} has the interface ${abi}; expected ${ABI}`);
    const machine = Number(library.func('uint32_t rp_cpu_paths()')());
    return {
      koffi,
      paths: machine & wantedFeatures(setting),
      hashParts: library.func(
        'uint32_t rp_hash_parts(int64_t file, void *bytes, size_t size, void *places, size_t count, void *digests, uint32_t paths)',
      ),
      pumpOpen: library.func(
        'void *rp_pump_open(void *options, void *files, size_t count, void *error)',
      ),
      pumpSubmit: library.func(
        'uint32_t rp_pump_submit(void *pump, void *a, size_t a_count, void *b, size_t b_count, void *counts)',
      ),
      pumpPoll: library.func('void rp_pump_poll(void *pump, void *progress)'),
      pumpTake: library.func(
        'uint32_t rp_pump_take(void *pump, void *cells, void *states, void *digests, void *blocks)',
      ),
      pumpCancel: library.func('void rp_pump_cancel(void *pump)'),
      pumpClose: library.func('void rp_pump_close(void *pump)'),
    };
  } catch (error) {
    return error as Error;
  }
}

/** Returns the features that a setting allows. */
function wantedFeatures(setting: string): number {
  const named = setting.split(',').filter((name) => name in FEATURES);
  if (named.length === 0) return ~0;
  return named.reduce((sum, name) => sum | (FEATURES[name] as number), 0);
}

/** Returns the path of the library of this platform: beside the bundle, or where it is built. */
function libraryFile(): string | undefined {
  const target = `${process.platform}-${process.arch}`;
  const name = { 'linux-x64': 'refpoint.so', 'win32-x64': 'refpoint.dll' }[target];
  if (name === undefined) return undefined;
  const here = import.meta.dirname;
  // Sources run as they are in tests and benchmarks. A bundle never looks outside of its folder.
  const sources = path.join('src', 'engine', 'native', 'loops');
  return here.endsWith(sources)
    ? path.join(here.slice(0, -sources.length), 'build', 'native', target, name)
    : path.join(here, 'native', name);
}
