import type { Warning } from '../../api/backup.ts';
import { disksOfVm, findDisk } from '../../backup/select/find-disk.ts';
import { wmiTracker } from '../../backup/changes/ask-changes.ts';
import {
  tileChanges,
  type RangeQuery,
  type TiledChanges,
} from '../../backup/changes/range-query.ts';
import type { BackupHost, HostDisk, HostVm } from '../../backup/host/host.ts';
import { toStartLength, type StartLength } from '../../base/range.ts';
import { hostError } from '../../hyperv/hyperv-errors.ts';

/** Changed ranges of a disk, from a tracker that is not trusted. */
export interface ChangedRanges {
  /** RCT ID from which changes were asked for. */
  readonly since: string;
  readonly virtualSize: number;
  readonly ranges: readonly StartLength[];
  readonly changedBytes: number;
  readonly queries: readonly RangeQuery[];
  readonly warnings: readonly Warning[];
}

/** The trackers to ask: Hyper-V's WMI, Windows' virtual disk API on the host itself, or both. */
export const CHANGES_VIA = ['wmi', 'virtdisk', 'both'] as const;
export type ChangesVia = (typeof CHANGES_VIA)[number];

/** The document of `changes`. */
export interface ChangesDocument extends ChangedRanges {
  readonly vm: string;
  /** Number of the disk as in `vm show`. */
  readonly disk: number;
  readonly slot: string;
  readonly via: ChangesVia;
  /** With `both`: the ranges above are those of WMI, and these are the other ones. */
  readonly comparison?: TrackerComparison;
}

export interface TrackerComparison {
  readonly equal: boolean;
  readonly onlyWmi: readonly StartLength[];
  readonly onlyVirtdisk: readonly StartLength[];
  /** Queries of the virtual disk API. */
  readonly queries: readonly RangeQuery[];
}

export interface ChangesRequest {
  readonly vm: string;
  readonly disk: string;
  /** ID of a reference point, or an RCT ID as given. */
  readonly since: { readonly referencePoint: string } | { readonly rctId: string };
  /** `wmi` if absent. */
  readonly via?: ChangesVia;
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
  const size = disk.virtualSize;
  const { via = 'wmi' } = request;
  const wmi = async (): Promise<TiledChanges> =>
    tileChanges(wmiTracker(host, disk, rctId), size, () => undefined, signal);
  const driver = (): Promise<TiledChanges> => askDriver(host, disk, size, rctId, signal);
  const first = via === 'virtdisk' ? await driver() : await wmi();
  const second = via === 'both' ? await driver() : undefined;
  return {
    vm: vm.id,
    disk: found.number,
    slot: disk.slot,
    via,
    ...changedRanges(first, size, rctId),
    ...(second === undefined ? {} : { comparison: compared(first, second) }),
  };
}

/** Returns a tracker's answers as a document. */
export const changedRanges = (
  { ranges, queries, warnings }: TiledChanges,
  virtualSize: number,
  since: string,
): ChangedRanges => ({
  since,
  virtualSize,
  ranges: Array.from(ranges, toStartLength),
  changedBytes: ranges.bytes,
  queries,
  warnings,
});

/** Asks Windows' driver on this computer. Throws `plan.method` if it is not the host. */
async function askDriver(
  host: BackupHost,
  { path }: HostDisk,
  size: number,
  rctId: string,
  signal: AbortSignal,
): Promise<TiledChanges> {
  const local = host.localDisks();
  const problem = await local.problem(signal);
  if (problem !== null) throw problem;
  const opened = await local.open(path, signal);
  try {
    return await tileChanges(
      (offset, length, inner) => opened.queryChanges(rctId, offset, length, inner),
      size,
      () => undefined,
      signal,
    );
  } finally {
    await opened.close();
  }
}

function compared(wmi: TiledChanges, virtdisk: TiledChanges): TrackerComparison {
  const onlyWmi = wmi.ranges.subtract(virtdisk.ranges);
  const onlyVirtdisk = virtdisk.ranges.subtract(wmi.ranges);
  return {
    equal: onlyWmi.isEmpty && onlyVirtdisk.isEmpty,
    onlyWmi: Array.from(onlyWmi, toStartLength),
    onlyVirtdisk: Array.from(onlyVirtdisk, toStartLength),
    queries: virtdisk.queries,
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
