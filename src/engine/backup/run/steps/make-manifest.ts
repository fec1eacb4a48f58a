import type { HostReferencePoint } from '../../host/host.ts';
import { withinBounds } from '../../manifest/bounds.ts';
import { MANIFEST_VERSION, type DiskRecord, type PointManifest } from '../../manifest/manifest.ts';
import type { Converted } from '../record/run-record.ts';

/**
 * Returns the record of a point, from its plan and its results.
 * @param finished ISO 8601, now
 */
export function makeManifest(run: Converted, finished: string): PointManifest {
  const { plan, results, reference, vm, deps, options } = run;
  const disks = results.map(({ record }) => ({ ...record, rctId: rctIdOf(record, reference) }));
  // A run in which every increment became a full makes a full.
  const kind = disks.some((disk) => disk.kind === 'incr') ? 'incr' : 'full';
  const [first] = disks;
  const leading = disks.find((disk) => disk.kind === kind) ?? first;
  return withinBounds({
    version: MANIFEST_VERSION,
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

/**
 * Returns the RCT ID of the new reference point for the disk's location; null if there is no ID.
 */
function rctIdOf(record: DiskRecord, reference: HostReferencePoint | undefined): string | null {
  const wanted = record.locationId.toLowerCase();
  const found = reference?.disks.find((disk) => disk.locationId.toLowerCase() === wanted)?.rctId;
  return found === undefined || found === '' ? null : found;
}
