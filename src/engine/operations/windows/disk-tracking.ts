import type { WindowsTracking } from '../../api/windows/windows-disk.ts';
import type { OpenVirtualDisk } from '../../virtdisk/contract/virtual-disk.ts';
import { openVirtualDisk } from '../../virtdisk/open-virtual-disk.ts';

/** The document of `disk tracking`. */
export interface DiskTracking extends WindowsTracking {
  readonly path: string;
}

/**
 * Returns the state of change tracking of an image that no VM uses, after turning it on or off.
 * Turning it off makes every RCT id of the disk unknown. Throws `virtdisk.*`.
 * @param turn undefined: changes nothing
 */
export async function diskTracking(
  path: string,
  turn: boolean | undefined,
  signal: AbortSignal,
  open: OpenVirtualDisk = openVirtualDisk,
): Promise<DiskTracking> {
  const access = turn === undefined ? 'information' : 'write';
  const handle = await open({ path, access }, signal);
  try {
    if (turn !== undefined) await handle.setTracking(turn, signal);
    return { path, ...(await handle.tracking(signal)) };
  } finally {
    await handle.close();
  }
}
