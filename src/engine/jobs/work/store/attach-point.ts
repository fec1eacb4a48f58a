import { choosePoint } from '../../../backup/restore/restore.ts';
import { recordError } from '../../../backup/errors/record-errors.ts';
import { listPoints } from '../../../backup/points/catalog.ts';
import { disksOfPoint, findDisk } from '../../../backup/select/find-disk.ts';
import { pointFile } from '../../../backup/store/contract/layout.ts';
import type { Store } from '../../../backup/store/contract/store.ts';
import type { Guid } from '../../../base/guid.ts';
import type { OpenVirtualDisk } from '../../../virtdisk/contract/virtual-disk.ts';
import { virtdiskError } from '../../../virtdisk/contract/virtdisk-errors.ts';
import { openVirtualDisk } from '../../../virtdisk/open-virtual-disk.ts';

export interface AttachRequest {
  readonly vmId: Guid;
  /** A point's ID, or `latest`. */
  readonly point: string;
  /** Number as the point recorded it, slot, file name, path or disk ID. */
  readonly disk: string;
  /** Windows mounts the volumes and gives them letters. */
  readonly letter: boolean;
}

/** The document of `attach`. */
export interface AttachedPoint {
  readonly point: string;
  /** Number of the disk in the point. */
  readonly disk: number;
  readonly file: string;
  /** Such as `\\.\PhysicalDrive3`. */
  readonly physicalPath: string;
  readonly readOnly: true;
}

/**
 * Attaches a disk of a point, with the chain that it builds on, read-only as a disk of Windows until
 * `signal` fires. Always throws: the signal's reason after it detached the disk, `virtdisk.*`,
 * `point.*`.
 * @param onAttached is called once
 */
export async function attachPoint(
  store: Store,
  request: AttachRequest,
  onAttached: (attached: AttachedPoint) => void,
  signal: AbortSignal,
  open: OpenVirtualDisk = openVirtualDisk,
): Promise<never> {
  const point = choosePoint(await listPoints(store, request.vmId, signal), request.point);
  const { disks } = point.manifest;
  const record = findDisk(disksOfPoint(disks), request.disk)?.disk;
  if (record === undefined) {
    throw recordError('point.missing', `The point ${point.id} has no disk “${request.disk}”`, {
      data: { point: point.id, found: request.disk, expected: disks.map(({ slot }) => slot) },
    });
  }
  const path = store.localPath(pointFile(request.vmId, point.id, record.file));
  if (path === undefined) {
    throw virtdiskError('virtdisk.path', `Windows attaches no file of ${store.location}`, {
      data: { path: store.location },
    });
  }
  const handle = await open({ path, access: 'read' }, signal);
  try {
    const disk = await handle.attachAsDisk({ letters: request.letter }, signal);
    try {
      const { physicalPath } = disk;
      const { number } = record;
      onAttached({ point: point.id, disk: number, file: path, physicalPath, readOnly: true });
      await fired(signal);
    } finally {
      await disk.detach();
    }
  } finally {
    await handle.close();
  }
  throw signal.reason as Error;
}

function fired(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    // Keeps the process alive, which nothing else does meanwhile.
    const timer = setInterval(() => undefined, 60_000);
    const end = (): void => {
      clearInterval(timer);
      resolve();
    };
    signal.addEventListener('abort', end, { once: true });
  });
}
