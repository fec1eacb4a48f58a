import type { HostReferencePoint } from '../../host/host.ts';
import { SHARED_METHOD } from '../../read/rsvd/shared-reader.ts';
import { withinBounds } from '../../manifest/bounds.ts';
import {
  GROUP_MANIFEST_VERSION,
  MANIFEST_VERSION,
  type DiskRecord,
  type PointManifest,
} from '../../manifest/manifest.ts';
import type { Converted } from '../record/run-record.ts';

/**
 * Returns the record of a point, from its plan and its results.
 * @param finished ISO 8601, now
 */
export function makeManifest(run: Converted, finished: string): PointManifest {
  const { plan, results, reference, vm, deps, options } = run;
  const disks = results.map(({ record }) => ({
    ...record,
    rctId: rctIdOf(record, reference),
    ...inGroup(run, record),
  }));
  // A run in which every increment became a full makes a full.
  const kind = disks.some((disk) => disk.kind === 'incr') ? 'incr' : 'full';
  const [first] = disks;
  const leading = disks.find((disk) => disk.kind === kind) ?? first;
  return withinBounds({
    version: vm.members === undefined ? MANIFEST_VERSION : GROUP_MANIFEST_VERSION,
    ...(vm.members === undefined ? {} : { group: { members: vm.members } }),
    id: run.pointId,
    storeId: deps.store.id,
    vm: { id: vm.id, name: vm.name, lastAppliedSnapshot: vm.lastAppliedSnapshot ?? null },
    host: deps.host.url,
    computerName: run.computerName,
    kind,
    reason: leading?.reason ?? plan.reason,
    created: run.created,
    finished,
    consistency: { asked: options.consistency, achieved: run.achieved },
    method: plan.method,
    ...(run.shadowSet === undefined ? {} : { shadowSet: run.shadowSet }),
    methodReason: plan.methodReason,
    parent: kind === 'incr' ? (plan.parent?.id ?? null) : null,
    referencePoint: reference === undefined ? null : { id: reference.id, disks: reference.disks },
    disks,
    excluded: plan.excluded,
    configFiles: run.configFiles,
    warnings: [...run.notes.warnings, ...results.flatMap((result) => result.warnings)],
    trackerCheck: {
      mode: options.checkTracker,
      checkedBytes: results.reduce((sum, { check }) => sum + (check?.bytes ?? 0), 0),
      disks: results.flatMap(({ check }) => {
        if (check === null) return [];
        const { bytes: _, ...recorded } = check;
        return [recorded];
      }),
    },
  });
}

/** Returns what only a point of a group records of a disk. */
function inGroup(
  { vm, plan, disks: { frozen } }: Converted,
  { slot }: DiskRecord,
): Pick<DiskRecord, 'holders' | 'method'> {
  const disk = frozen.find((each) => each.slot === slot);
  if (vm.members === undefined || disk === undefined) return {};
  const holders = (disk.holders ?? []).map(({ id }) => ({ id }));
  // A shared VHDX has no snapshots: it is read as a file.
  return { holders, method: disk.format === 'vhds' ? SHARED_METHOD : plan.method };
}

/**
 * Returns the RCT ID of the new reference point for the disk's location; null if there is no ID.
 */
function rctIdOf(record: DiskRecord, reference: HostReferencePoint | undefined): string | null {
  const wanted = record.locationId.toLowerCase();
  const found = reference?.disks.find((disk) => disk.locationId.toLowerCase() === wanted)?.rctId;
  return found === undefined || found === '' ? null : found;
}
