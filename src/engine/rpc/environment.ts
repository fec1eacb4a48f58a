import { createRequire } from 'node:module';
import path from 'node:path';
import type { Environment } from '../api/notifications.ts';

/** What the engine runs on; koffi is tried here and now. */
export function environment(version: string, home: string): Environment {
  return {
    version,
    node: process.versions.node,
    platform: process.platform,
    arch: process.arch,
    pid: process.pid,
    koffi: tryKoffi(),
    home,
  };
}

/** koffi lies beside the bundle where it was packaged, in node_modules where it was not. */
function tryKoffi(): Environment['koffi'] {
  const require = createRequire(path.join(import.meta.dirname, 'engine.cjs'));
  try {
    const koffi = require('koffi') as {
      readonly version: string;
      load(name: string | null): { func(declaration: string): (...args: unknown[]) => unknown };
    };
    // Loading is not enough: one call of the C library shows that calls work.
    const library = koffi.load(process.platform === 'win32' ? 'msvcrt.dll' : null);
    const length = library.func('size_t strlen(const char *text)')('refpoint');
    if (Number(length) !== 8) throw new Error(`strlen answered ${String(length)}`);
    return { loaded: true, detail: koffi.version };
  } catch (error) {
    return { loaded: false, detail: (error as Error).message.split('\n')[0] ?? '' };
  }
}
