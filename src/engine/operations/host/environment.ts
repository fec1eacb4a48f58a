import type { Environment } from '../../api/notifications.ts';
import { loadKoffi } from '../../native/koffi.ts';

/** Describes the system that the engine runs on. Loads koffi to test it. */
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

function tryKoffi(): Environment['koffi'] {
  const koffi = loadKoffi();
  return koffi instanceof Error
    ? { loaded: false, detail: koffi.message.split('\n')[0] ?? '' }
    : { loaded: true, detail: koffi.version };
}
