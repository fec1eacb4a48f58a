import type { Warning } from '../../api/backup.ts';
import type { PathMapping } from '../../api/host.ts';
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
import { askServerOfSet, askWmiOfSet, pairOf } from './changes-of-set.ts';

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

/**
 * The trackers to ask: Hyper-V's WMI, Windows' virtual disk API on the host itself, for a VHD Set its file server by
 * RSVD, or WMI and the other one that knows the disk.
 */
export const CHANGES_VIA = ['wmi', 'virtdisk', 'rsvd', 'both'] as const;
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
  /** Ranges of the virtual disk API alone; absent if the file server was asked. */
  readonly onlyVirtdisk?: readonly StartLength[];
  /** Ranges of the file server alone; absent if the virtual disk API was asked. */
  readonly onlyRsvd?: readonly StartLength[];
  /** Queries of the other tracker. */
  readonly queries: readonly RangeQuery[];
}

export interface ChangesRequest {
  readonly vm: string;
  readonly disk: string;
  /** ID of a reference point, or an RCT ID as given; of a VHD Set, the ID of the older snapshot. */
  readonly since: { readonly referencePoint: string } | { readonly rctId: string };
  /** Newer snapshot, for a VHD Set only. */
  readonly until?: string | undefined;
  /** Ways to the file server of a VHD Set. */
  readonly pathMap?: readonly PathMapping[];
  /** `wmi` if absent. */
  readonly via?: ChangesVia;
}

/**
 * Asks for the changed ranges of a disk of a VM or a group up to now, without a checkpoint, or of a VHD Set between two
 * of its snapshots. Sorted, merged, inside the disk.
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
  const { via = 'wmi' } = request;
  const { since, wmi, other } = await trackersOf(host, vm, disk, request, signal);
  if (via !== 'wmi' && via !== 'both' && via !== other.name) throw wrongTracker(disk, via);
  const first = via === other.name ? await other.ask() : await wmi();
  const second = via === 'both' ? await other.ask() : undefined;
  return {
    vm: vm.id,
    disk: found.number,
    slot: disk.slot,
    via,
    ...changedRanges(first, disk.virtualSize, since),
    ...(second === undefined ? {} : { comparison: compared(first, second, other.name) }),
  };
}

interface Trackers {
  /** ID from which changes are asked for. */
  readonly since: string;
  readonly wmi: () => Promise<TiledChanges>;
  /** The tracker beside WMI. */
  readonly other: {
    readonly name: 'virtdisk' | 'rsvd';
    readonly ask: () => Promise<TiledChanges>;
  };
}

async function trackersOf(
  host: BackupHost,
  vm: HostVm,
  disk: HostDisk,
  { since: from, until, pathMap = [] }: ChangesRequest,
  signal: AbortSignal,
): Promise<Trackers> {
  const size = disk.virtualSize ?? 0;
  if (disk.format === 'vhds') {
    const pair = pairOf(disk, 'rctId' in from ? from.rctId : undefined, until);
    return {
      since: pair.since,
      wmi: () => askWmiOfSet(host, disk, size, pair, signal),
      other: { name: 'rsvd', ask: () => askServerOfSet(host, disk, size, pair, pathMap, signal) },
    };
  }
  if (until !== undefined) throw wrongTracker(disk, 'rsvd');
  const since = 'rctId' in from ? from.rctId : rctIdOf(vm, disk, from.referencePoint);
  return {
    since,
    wmi: async () => tileChanges(wmiTracker(host, disk, since), size, () => undefined, signal),
    other: { name: 'virtdisk', ask: () => askDriver(host, disk, size, since, signal) },
  };
}

function wrongTracker({ slot, format }: HostDisk, via: ChangesVia): Error {
  const why =
    via === 'rsvd'
      ? 'only a VHD Set has snapshots of its own, and a file server that knows its changes'
      : 'Windows does not open shared disks through its virtual disk API';
  return hostError('host.unsupported', `The disk at ${slot} is a ${format.toUpperCase()}: ${why}`, {
    data: { slot, format },
  });
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

function compared(
  wmi: TiledChanges,
  other: TiledChanges,
  name: 'virtdisk' | 'rsvd',
): TrackerComparison {
  const onlyWmi = wmi.ranges.subtract(other.ranges);
  const onlyOther = other.ranges.subtract(wmi.ranges);
  const list = Array.from(onlyOther, toStartLength);
  return {
    equal: onlyWmi.isEmpty && onlyOther.isEmpty,
    onlyWmi: Array.from(onlyWmi, toStartLength),
    ...(name === 'rsvd' ? { onlyRsvd: list } : { onlyVirtdisk: list }),
    queries: other.queries,
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
