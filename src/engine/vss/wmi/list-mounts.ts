import type { CimClient } from '../../cim/client.ts';
import { isCimReference, keyOf, type CimReference } from '../../cim/model.ts';
import { selectNames } from '../../cim/wql.ts';

/** Maximum number of mounts that are read. */
const MAX_MOUNTS = 65_536;

/** Lists the folders in which volumes of a host are mounted: roots of drives, and folders. */
export async function listMounts(
  client: CimClient,
  signal: AbortSignal,
): Promise<readonly { readonly folder: string; readonly volume: string }[]> {
  const mounts: { folder: string; volume: string }[] = [];
  const wql = selectNames(['Directory', 'Volume'], 'Win32_MountPoint');
  for await (const { properties } of client.query({ namespace: 'root/cimv2', wql }, signal)) {
    const folder = keyIn(properties.get('Directory'), 'Name');
    const volume = keyIn(properties.get('Volume'), 'DeviceID');
    if (folder === undefined || volume === undefined) continue;
    if (mounts.length === MAX_MOUNTS) break;
    mounts.push({ folder, volume });
  }
  return mounts;
}

/** Returns a key of a reference; WMI doubles backslashes in the keys of a path as text. */
function keyIn(value: unknown, name: string): string | undefined {
  if (!isCimReference(value as CimReference)) return undefined;
  const key = keyOf(value as CimReference, name);
  return key?.replaceAll('\\\\', '\\').replace(/^\\\?/, '\\\\?');
}
