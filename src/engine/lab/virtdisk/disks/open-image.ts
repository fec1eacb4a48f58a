import path from 'node:path';
import { delay, never } from '../../../base/abort.ts';
import type { Guid } from '../../../base/guid.ts';
import { openImage } from '../../../disk/chain/open-as.ts';
import { openDisk } from '../../../disk/chain/open-disk.ts';
import type { DiskImage } from '../../../disk/image/image.ts';
import type { VirtualDisk } from '../../../disk/virtual/virtual-disk.ts';
import { USE, type Claim } from '../../files/file-shares.ts';
import type { Lab } from '../../model/lab.ts';
import { CallFailure, WIN32 } from '../wire/win32-codes.ts';
import type { HostFile } from './host-file.ts';

/** Flag of OpenVirtualDisk: opens the image without its parents. */
const NO_PARENTS = 0x1;

export interface OpenMode {
  readonly flags: number;
  readonly infoOnly: boolean;
  readonly readOnly: boolean;
  readonly resiliencyGuid: Guid;
}

/** The layers of an open image. */
export interface OpenLayers {
  /** The child first. */
  readonly layers: readonly [DiskImage, ...DiskImage[]];
  /** Local paths of the layers. */
  readonly chain: readonly string[];
  /** Contents of all layers; undefined if the parents were left out. */
  readonly disk: VirtualDisk | undefined;
}

/** Milliseconds that an open waits for one that is being closed: Windows closes a handle at once. */
const PATIENCE = 500;
const POLL = 20;

/** Opens the files of a chain, or the image alone. */
export async function openLayers(file: HostFile, flags: number): Promise<OpenLayers> {
  if ((flags & NO_PARENTS) !== 0) {
    const image = await openImage(file.local, never);
    return { layers: [image], chain: [file.local], disk: undefined };
  }
  const folder = path.dirname(file.own);
  return openDisk(file.local, { search: [folder] }, never);
}

export async function closeLayers({ layers, disk }: OpenLayers): Promise<void> {
  if (disk !== undefined) await disk.close();
  else for (const layer of layers) await layer.close();
}

/**
 * Claims the files of a chain as the driver opens them: the image for reading, or for reading and
 * writing alone; its parents for reading. Throws a sharing violation. Opens with the same GUID count
 * as one client.
 */
export async function claimLayers(
  lab: Lab,
  { own }: HostFile,
  parents: readonly string[],
  { readOnly, infoOnly, resiliencyGuid }: OpenMode,
): Promise<() => void> {
  const owner = `virtdisk:${resiliencyGuid}`;
  const reads: Claim = { uses: USE.read, shares: USE.read, owner };
  const writes: Claim = { uses: USE.read | USE.write, shares: 0, owner };
  const wanted = [
    { file: own, claim: readOnly || infoOnly ? reads : writes },
    ...parents.map((file) => ({ file, claim: reads })),
  ];
  for (let left = PATIENCE; ; left -= POLL) {
    if (!wanted.some(({ file, claim }) => lab.shares.conflicts(file, claim))) break;
    if (left <= 0) throw new CallFailure(WIN32.sharingViolation);
    await delay(POLL, lab.stopping);
  }
  const releases = wanted.map(({ file, claim }) => lab.shares.claim(file, claim));
  return () => {
    for (const release of releases) release();
  };
}
