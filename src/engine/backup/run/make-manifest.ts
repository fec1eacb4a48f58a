import type { Guid } from '../../base/guid.ts';
import type { DiskResult } from './backup-disk.ts';
import type { Consistency, HostReferencePoint, HostVm } from '../host/host.ts';
import {
  MANIFEST_VERSION,
  type DiskRecord,
  type PointManifest,
  type SideFile,
} from '../manifest/manifest.ts';
import { withinBounds } from '../manifest/bounds.ts';
import type { BackupPlan } from '../plan/plan-backup.ts';
import type { RunWarning } from '../context/run-context.ts';

export interface ManifestInput {
  readonly id: string;
  readonly storeId: Guid;
  readonly vm: HostVm;
  readonly host: string;
  readonly computerName: string | null;
  readonly created: string;
  readonly finished: string;
  readonly asked: Consistency | 'default';
  readonly achieved: Consistency;
  readonly plan: BackupPlan;
  readonly reference: HostReferencePoint | undefined;
  readonly results: readonly DiskResult[];
  readonly configFiles: readonly SideFile[];
  readonly warnings: readonly RunWarning[];
  readonly checkMode: 'off' | 'sample' | 'full';
}

/** The record of a point, from what was planned and what came of it (pure). */
export function makeManifest(input: ManifestInput): PointManifest {
  const { plan, results, reference } = input;
  const disks = results.map(({ record }) => ({ ...record, rctId: rctIdOf(record, reference) }));
  // Increments that became fulls within the run do not make the point one.
  const kind = disks.some((disk) => disk.kind === 'incr') ? 'incr' : 'full';
  const [first] = disks;
  const leading = disks.find((disk) => disk.kind === kind) ?? first;
  return withinBounds({
    version: MANIFEST_VERSION,
    id: input.id,
    storeId: input.storeId,
    vm: {
      id: input.vm.id,
      name: input.vm.name,
      lastAppliedSnapshot: input.vm.lastAppliedSnapshot ?? null,
    },
    host: input.host,
    computerName: input.computerName,
    kind,
    reason: leading?.reason ?? plan.reason,
    created: input.created,
    finished: input.finished,
    consistency: { asked: input.asked, achieved: input.achieved },
    method: plan.method,
    parent: kind === 'incr' ? (plan.parent?.id ?? null) : null,
    referencePoint: reference === undefined ? null : { id: reference.id, disks: reference.disks },
    disks,
    excluded: plan.excluded,
    configFiles: input.configFiles,
    warnings: [...input.warnings, ...results.flatMap((result) => result.warnings)],
    trackerCheck: {
      mode: input.checkMode,
      checkedBytes: results.reduce((sum, { check }) => sum + (check?.bytes ?? 0), 0),
      disks: results.flatMap(({ check }) => {
        if (check === null) return [];
        const { bytes: _, ...recorded } = check;
        return [recorded];
      }),
    },
  });
}

/** The id that the new reference point carries for the disk's location; null where it carries none. */
function rctIdOf(record: DiskRecord, reference: HostReferencePoint | undefined): string | null {
  const wanted = record.locationId.toLowerCase();
  const found = reference?.disks.find((disk) => disk.locationId.toLowerCase() === wanted)?.rctId;
  return found === undefined || found === '' ? null : found;
}
