import path from 'node:path';
import type { PathMapping } from '../../api/host.ts';
import type { PathFlavour } from '../../source/platform/path-flavour.ts';
import { backupError } from '../errors/backup-errors.ts';

/** Parses `HOST=LOCAL`. The host part may contain a drive; it ends at the first `=`. */
export function parsePathMapping(text: string): PathMapping {
  const at = text.indexOf('=');
  if (at <= 0 || at === text.length - 1) {
    throw backupError(
      'path.invalid',
      `Invalid path map “${text}”: expected HOST=LOCAL, such as C:\\VMs=/mnt/vms`,
      {
        data: { found: text },
      },
    );
  }
  return { host: text.slice(0, at), local: text.slice(at + 1) };
}

/** A path of the host on this machine. */
export interface LocalPath {
  readonly path: string;
  /** Local folder of the mapping; undefined if the path is used as it is. */
  readonly root: string | undefined;
}

/**
 * Returns the local path for a path of the host, by the longest mapping that contains it. Compares
 * without case, as Windows does. On the host itself, and only there, a path of a volume is used as it
 * is if nothing is mapped: another host's `D:\VMs` is not this computer's. Only on Windows can a
 * mapping lead to a folder of a file server. Throws `path.unmapped`, and `path.invalid` for a path
 * that leaves its mapping.
 * @param isHost whether this computer is the host
 */
export function toLocalPath(
  hostPath: string,
  mappings: readonly PathMapping[],
  isHost: boolean,
  flavour: PathFlavour = process.platform === 'win32' ? 'win32' : 'posix',
): LocalPath {
  const normal = normalise(hostPath);
  const here = mappings.filter(({ local }) => flavour === 'win32' || !isServerFolder(local));
  const fitting = here
    .map((mapping) => ({ ...mapping, prefix: normalise(mapping.host) }))
    .filter(({ prefix }) => holds(prefix, normal))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  const [best] = fitting;
  if (best === undefined) {
    // A path on a server is the host's choice, and Windows would log in there as the current user.
    const isOfVolume =
      /^[a-z]:\\/i.test(normal) || /^\\\\\?\\Volume\{[0-9a-f-]{36}\}\\/i.test(hostPath);
    const isUsable = isShadowDevice(hostPath) || (here.length === 0 && isOfVolume);
    if (isHost && flavour === 'win32' && isUsable) {
      return { path: hostPath, root: undefined };
    }
    throw backupError(
      'path.unmapped',
      `${hostPath} is a path of the host, and ${here.length === 0 ? 'no folder of the host is mapped' : 'it is not in a mapped folder'}`,
      {
        data: {
          found: hostPath,
          folder: hostFolder(hostPath),
          expected: here.map((each) => each.host),
        },
      },
    );
  }
  const rest = normal
    .slice(best.prefix.length)
    .split('\\')
    .filter((part) => part !== '');
  if (rest.some((part) => part === '..')) {
    throw backupError('path.invalid', `${hostPath} leads out of the mapped folder ${best.host}`, {
      data: { found: hostPath },
    });
  }
  const local = flavour === 'win32' ? path.win32 : path.posix;
  return { path: local.join(best.local, ...rest), root: best.local };
}

/** Whether a path lies in a shadow copy, by its device: no map of folders is about that. */
export const isShadowDevice = (hostPath: string): boolean =>
  /^\\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy\d{1,9}(?:\\|$)/i.test(hostPath);

/** Whether a mapping leads to a folder of a file server: `\\hv01\vms`. */
export const isServerFolder = (local: string): boolean => local.startsWith('\\\\');

/**
 * Normalizes a path: no long-path prefix, no `.` and `..`, no trailing slash except in a drive's
 * root.
 */
function normalise(hostPath: string): string {
  const plain = hostPath
    .replaceAll('/', '\\')
    .replace(/^\\\\\?\\UNC\\/i, '\\\\')
    .replace(/^\\\\\?\\/, '')
    .replace(/^[a-z]:$/i, '$&\\');
  const text = path.win32.normalize(plain);
  return text.endsWith('\\') && text.length > 3 ? text.slice(0, -1) : text;
}

/** Whether `path` is `prefix` or lies below it: compares whole names, without case. */
function holds(prefix: string, whole: string): boolean {
  const a = prefix.toLowerCase();
  const b = whole.toLowerCase();
  return b === a || b.startsWith(a.endsWith('\\') ? a : `${a}\\`);
}

/**
 * Returns the folder of a path of the host, normalized. The root of a drive or a share is its own
 * folder. A job's folder has another name each time: its parent is returned for what lies in it.
 */
export const hostFolder = (hostPath: string): string => {
  const normal = normalise(hostPath);
  const parent = /^(.+?)\\Refpoint-[0-9a-f]{32}(?:\\|$)/i.exec(normal)?.[1];
  return normalise(parent ?? path.win32.dirname(normal));
};
