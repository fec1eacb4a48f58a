import type { DiskRecord } from '../../manifest/manifest.ts';
import type { HostDiskSource } from '../../read/source/host-disk-source.ts';
import type { DiskTask } from '../record/disk-task.ts';
import type { FileNames } from './new-files.ts';

/** The files and sizes written for a disk. */
export interface Written {
  readonly image: {
    readonly fileSize: number;
    readonly dataWriteGuid: DiskRecord['dataWriteGuid'];
    readonly blockSize: number;
  };
  readonly hashUnit: number;
  readonly tree: { readonly root: string; readonly size: number; readonly sha256: string };
  readonly files: FileNames;
  readonly source: HostDiskSource;
  readonly copied: { readonly readBytes: number; readonly storedBytes: number };
}

/** Returns the disk's record in the manifest. Its RCT ID is known only after the conversion. */
export function recordOf(
  task: DiskTask,
  kind: DiskRecord['kind'],
  { image, hashUnit, tree, files, source, copied }: Written,
  changesFile: DiskRecord['changesFile'],
): DiskRecord {
  return {
    number: task.number,
    name: files.name,
    slot: task.plan.disk.slot,
    locationId: task.plan.disk.locationId,
    path: task.frozen.path,
    file: files.image,
    kind,
    reason: task.plan.reason,
    parentPoint: kind === 'incr' ? (task.plan.base?.point ?? null) : null,
    virtualSize: task.frozen.virtualSize ?? 0,
    logicalSectorSize: source.sector,
    physicalSectorSize: source.facts.physicalSectorSize ?? null,
    blockSize: image.blockSize,
    virtualDiskId: task.frozen.virtualDiskId,
    dataWriteGuid: image.dataWriteGuid,
    rctId: null,
    hashUnit,
    hashRoot: tree.root,
    fileSize: image.fileSize,
    readBytes: copied.readBytes,
    writtenBytes: copied.storedBytes,
    changedBytes: kind === 'incr' ? source.bytes : null,
    hashesFile: { file: files.hashes, size: tree.size, sha256: tree.sha256 },
    changesFile,
  };
}
