import { isEngineError } from '../../base/errors.ts';
import type { SharedDisk } from '../../net/rsvd/client/shared-disk.ts';

/** Facts of a shared disk, for people who debug it. Sizes are bytes; null: the server does not have it. */
export interface SharedDiskDocument {
  readonly path: string;
  readonly format: 'vhdx' | 'vhds';
  readonly subformat: 'fixed' | 'dynamic';
  readonly serverVersion: number;
  readonly virtualSize: number;
  readonly sectorSize: number;
  readonly physicalSectorSize: number;
  readonly blockSize: number;
  readonly fileSize: number;
  readonly diskId: string;
  readonly valid: boolean;
  readonly safeSize: number | null;
  readonly optimizeNeeded: boolean | null;
  readonly snapshots: number | null;
  /** State of log-based tracking, which backups do not need. */
  readonly changeLog: 'active' | 'inactive' | null;
}

export async function describeSharedDisk(
  disk: SharedDisk,
  signal: AbortSignal,
): Promise<SharedDiskDocument> {
  const { isSet, isFixed, ...facts } = disk.facts;
  const log = await orNull(disk.logTracking(signal));
  return {
    path: disk.path,
    format: isSet ? 'vhds' : 'vhdx',
    subformat: isFixed ? 'fixed' : 'dynamic',
    serverVersion: facts.serverVersion,
    virtualSize: facts.virtualSize,
    sectorSize: facts.sectorSize,
    physicalSectorSize: facts.physicalSectorSize,
    blockSize: facts.blockSize,
    fileSize: facts.fileSize,
    diskId: facts.diskId,
    valid: await disk.validate(signal),
    safeSize: await orNull(disk.safeSize(signal)),
    optimizeNeeded: await orNull(disk.needsOptimizing(signal)),
    snapshots: (await orNull(disk.snapshots(signal)))?.length ?? null,
    changeLog: log === null ? null : log.status === 0 ? 'active' : 'inactive',
  };
}

/** Operations that need a VHD Set, or version 2. */
async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (isEngineError(error, 'rsvd.kind', 'rsvd.version')) return null;
    throw error;
  }
}
