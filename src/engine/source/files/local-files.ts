import { stat, statfs } from 'node:fs/promises';

/** Type numbers of local file systems (Linux, statfs(2)). */
const LOCAL = new Set([
  0xef53, // ext2 to ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x2fc12fc1, // ZFS
  0xf2f52010, // F2FS
  0x01021994, // tmpfs
  0x794c7630, // overlayfs
]);
/** Keyed by device number: a file system on a device is queried once. */
const known = new Map<number, boolean>();

/**
 * Major number 0: a file system without a device (tmpfs, Btrfs, but also NFS). After an unmount,
 * the next mount may get the same number.
 */
const isAnonymous = (device: number): boolean => Math.floor(device / 256) % 4096 === 0;

/** Whether `path` is in a local folder of this machine; false if not known. */
export async function isLocalFolder(path: string): Promise<boolean> {
  try {
    return await isLocal(path, (await stat(path)).dev);
  } catch {
    return false;
  }
}

/** Whether the file at `path`, on this device, is on a local file system; false if not known. */
export async function isLocal(path: string, device: number): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  let local = known.get(device);
  if (local === undefined) {
    local = await statfs(path).then(
      ({ type }) => LOCAL.has(type),
      () => false,
    );
    if (!isAnonymous(device)) known.set(device, local);
  }
  return local;
}
