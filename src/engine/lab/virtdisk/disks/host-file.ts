import path from 'node:path';
import { never } from '../../../base/abort.ts';
import { findByPath } from '../../model/changes.ts';
import type { Lab } from '../../model/lab.ts';
import { makeFile } from '../../model/new-disks.ts';
import { CallFailure, WIN32 } from '../wire/win32-codes.ts';

/** A file of the host: its path there, and the local paths of its name and of where it is now. */
export interface HostFile {
  readonly hostPath: string;
  /** Names the file in share modes. */
  readonly own: string;
  /** Elsewhere if a running VM has the file open. */
  readonly local: string;
}

/** VIRTUAL_STORAGE_TYPE.DeviceId by the ending of a name. */
const DEVICES: Readonly<Record<string, number>> = {
  '.iso': 1,
  '.vhd': 2,
  '.avhd': 2,
  '.vhdx': 3,
  '.avhdx': 3,
  '.vhds': 4,
};

/** Device IDs whose images the lab opens. */
const DEVICE = { vhd: 2, vhdx: 3 } as const;

/** Returns where a path of the host leads. Throws for paths of other folders and computers. */
export function placeOf(lab: Lab, text: string): Omit<HostFile, 'local'> {
  const bare = text.startsWith('\\\\?\\') ? text.slice(4) : text;
  const hostPath = path.win32.normalize(bare.replaceAll('/', '\\'));
  if (!path.win32.isAbsolute(hostPath)) throw new CallFailure(WIN32.invalidParameter);
  const own = lab.paths.toLocal(hostPath);
  if (own === undefined) throw new CallFailure(WIN32.pathNotFound);
  return { hostPath, own };
}

/** Finds an existing file of the host. */
export async function findHostFile(lab: Lab, text: string): Promise<HostFile> {
  const place = placeOf(lab, text);
  const disk = findByPath(lab, place.hostPath)?.disk;
  if (disk !== undefined) await makeFile(lab, disk, never);
  return lab.held.use(place.hostPath, async (local) => {
    if (local === undefined) throw new CallFailure(WIN32.fileNotFound);
    return { ...place, local };
  });
}

/**
 * Returns the device of a path, which must be the one that the caller named, if any. Which error
 * Windows gives for another one is UNCONFIRMED.
 */
export function deviceOf(hostPath: string, named: number): number {
  const device = DEVICES[path.win32.extname(hostPath).toLowerCase()];
  if (device === undefined || (named !== 0 && named !== device)) {
    throw new CallFailure(WIN32.providerNotFound);
  }
  // The lab has neither sets of shared disks nor ISO images.
  if (device !== DEVICE.vhd && device !== DEVICE.vhdx) throw new CallFailure(WIN32.notSupported);
  return device;
}
