import path from 'node:path';
import type { LabShare } from '../../state/state.ts';

/** A share, and where its names lead: see `locate.ts`. */
export interface Share extends LabShare {
  /** Local folder of the root. */
  readonly local: string;
  /**
   * Folders between the root of the share and `local`, which exist only as names: `Lab` for the
   * share of a whole drive, of which the lab has one folder.
   */
  readonly virtual: readonly string[];
  /** Other folders in the root of a drive: names, and the local folders that they stand for. */
  readonly beside?: ReadonlyMap<string, string>;
}

/** Shares of a new lab. */
export const FIRST_SHARES: readonly LabShare[] = [
  { name: 'C$', hostPath: 'C:\\', encrypt: false, scaleOut: false, continuous: false },
  { name: 'VMs', hostPath: 'C:\\Lab\\VMs', encrypt: false, scaleOut: false, continuous: false },
  { name: 'Sealed', hostPath: 'C:\\Lab', encrypt: true, scaleOut: false, continuous: false },
  {
    name: 'Shared',
    hostPath: 'C:\\Lab\\Shared',
    encrypt: false,
    scaleOut: true,
    continuous: true,
  },
];

/** Name of the share of named pipes, which each server has. */
export const PIPES = 'IPC$';

/**
 * Returns where a share leads; undefined for a folder outside of the host's one.
 *
 * @param hostRoot folder of the host that exists locally: `C:\Lab`
 */
export function placeShare(
  record: LabShare,
  hostRoot: string,
  localRoot: string,
): Share | undefined {
  const parts = partsOf(record.hostPath);
  const root = partsOf(hostRoot);
  const same = (a: string | undefined, b: string | undefined): boolean =>
    a?.toLowerCase() === b?.toLowerCase();
  const shared = Math.min(parts.length, root.length);
  for (let at = 0; at < shared; at++) if (!same(parts[at], root[at])) return undefined;
  const local = path.join(localRoot, ...parts.slice(root.length));
  return { ...record, local, virtual: root.slice(parts.length) };
}

const partsOf = (hostPath: string): string[] =>
  path.win32
    .normalize(hostPath)
    .split('\\')
    .filter((part) => part !== '');
