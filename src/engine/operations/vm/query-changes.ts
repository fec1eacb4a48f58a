import type { Warning } from '../../api/backup.ts';
import { disksOfVm, findDisk } from '../../backup/select/find-disk.ts';
import { tileChanges, type RangeQuery } from '../../backup/changes/range-query.ts';
import type { BackupHost, HostDisk, HostVm } from '../../backup/host/host.ts';
import { toStartLength, type StartLength } from '../../base/range.ts';
import { hostError } from '../../hyperv/hyperv-errors.ts';

/** The document of `changes`. */
export interface ChangesDocument {
  readonly vm: string;
  /** Number of the disk as in `vm show`. */
  readonly disk: number;
  readonly slot: string;
  readonly since: string;
  readonly virtualSize: number;
  readonly ranges: readonly StartLength[];
  readonly changedBytes: number;
  readonly queries: readonly RangeQuery[];
  readonly warnings: readonly Warning[];
}

export interface ChangesRequest {
  readonly vm: string;
  readonly disk: string;
  /** ID of a reference point, or an RCT ID as given. */
  readonly since: { readonly referencePoint: string } | { readonly rctId: string };
}

/**
 * Asks for the changed ranges of a VM's disk up to now, without a checkpoint. Sorted, merged,
 * inside the disk.
 */
export async function queryChanges(
  host: BackupHost,
  request: ChangesRequest,
  signal: AbortSignal,
): Promise<ChangesDocument> {
  const vm = await host.findVm(request.vm, signal);
  const found = findDisk(disksOfVm(vm.disks), request.disk);
  const disk = found?.disk;
  if (found === undefined || disk === undefined || disk.virtualSize === null) {
    throw hostError(
      'host.disk.notFound',
      `${vm.name} has no disk “${request.disk}” with change tracking`,
      {
        data: { found: request.disk, expected: vm.disks.map((each) => each.slot) },
      },
    );
  }
  const rctId =
    'rctId' in request.since
      ? request.since.rctId
      : rctIdOf(vm, disk, request.since.referencePoint);
  const tiled = await tileChanges(
    (offset, length, inner) => host.queryChanges(disk.path, rctId, offset, length, inner),
    disk.virtualSize,
    () => undefined,
    signal,
  );
  return {
    vm: vm.id,
    disk: found.number,
    slot: disk.slot,
    since: rctId,
    virtualSize: disk.virtualSize,
    ranges: Array.from(tiled.ranges, toStartLength),
    changedBytes: tiled.ranges.bytes,
    queries: tiled.queries,
    warnings: tiled.warnings,
  };
}

function rctIdOf(vm: HostVm, disk: HostDisk, id: string): string {
  const point = vm.referencePoints.find((each) => each.id.toLowerCase() === id.toLowerCase());
  const wanted = disk.locationId.toLowerCase();
  const rctId = point?.disks.find((each) => each.locationId.toLowerCase() === wanted)?.rctId ?? '';
  if (rctId !== '') return rctId;
  throw hostError(
    'host.referencePoint.notFound',
    point === undefined
      ? `${vm.name} has no reference point ${id}`
      : `The reference point ${id} has no change tracking ID for the disk at ${disk.slot}`,
    { data: { found: id, expected: vm.referencePoints.map((each) => each.id) } },
  );
}
