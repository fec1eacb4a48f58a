import path from 'node:path';
import type { MountFolder } from '../../host/shadow-host.ts';

/** A path of the host as a volume and the path below its root. */
export interface OnVolume {
  readonly volume: string;
  /** Without a backslash at its start. */
  readonly rest: string;
}

/**
 * Returns the volume on which a path lies: that of the longest folder in which a volume is mounted
 * and that contains the path. Undefined for a path on a share, and for a volume that the host does
 * not list.
 */
export function volumeOf(hostPath: string, mounts: readonly MountFolder[]): OnVolume | undefined {
  const plain = normalise(hostPath);
  const lower = plain.toLowerCase();
  const named = /^(\\\\\?\\Volume\{[^}]{1,64}\}\\)(.*)$/i.exec(hostPath);
  if (named !== null) return { volume: named[1] ?? '', rest: named[2] ?? '' };
  const fitting = mounts
    .map(({ folder, volume }) => ({ folder: withSlash(normalise(folder)), volume }))
    .filter(({ folder }) => `${lower}\\`.startsWith(folder.toLowerCase()))
    .sort((a, b) => b.folder.length - a.folder.length);
  const [best] = fitting;
  return best && { volume: best.volume, rest: plain.slice(best.folder.length) };
}

/** Whether a path lies on a share or in a cluster shared volume, of which no set is made. */
export function isElsewhere(hostPath: string): 'share' | 'csv' | undefined {
  const plain = normalise(hostPath);
  if (/^\\\\(?!\?\\)/.test(plain)) return 'share';
  return /^[a-z]:\\ClusterStorage(?:\\|$)/i.test(plain) ? 'csv' : undefined;
}

function normalise(hostPath: string): string {
  const plain = hostPath
    .replaceAll('/', '\\')
    .replace(/^\\\\\?\\UNC\\/i, '\\\\')
    .replace(/^\\\\\?\\(?=[a-z]:)/i, '');
  return path.win32.normalize(plain);
}

const withSlash = (folder: string): string => (folder.endsWith('\\') ? folder : `${folder}\\`);
