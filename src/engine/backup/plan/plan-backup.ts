import type { BackupOptions, Warning } from '../../api/backup.ts';
import { HASHES_V2 } from '../hashes/hash-format.ts';
import { backupError } from '../errors/backup-errors.ts';
import type { HostCapabilities, HostDisk, HostVm } from '../host/host.ts';
import { ownsReferencePoint, sameId, type Ledger } from '../ledger/ledger.ts';
import { newestOf, VSS_METHOD } from '../ledger/points-of-host.ts';
import type { BackupKind, DiskRecord, Reason } from '../manifest/manifest.ts';
import type { MethodCheck } from '../read/contract/method.ts';
import { chooseMethod, type ChosenMethod } from './choose-method.ts';
import { reason } from '../select/reason.ts';
import { isShared } from '../read/rsvd/shared-reader.ts';
import { diskDifference } from '../select/same-disk.ts';
import { selectDisks, type ExcludedDisk } from '../select/select-disks.ts';
import type { CompletePoint, PointEntry } from '../points/catalog.ts';
import { diskChain, type ChainLink } from '../points/point-chain.ts';
import type { LastVerdict } from '../verify/verdict.ts';

/** The plan for one disk. */
export interface DiskPlan {
  readonly disk: HostDisk;
  readonly kind: BackupKind;
  readonly reason: Reason;
  /**
   * For an increment: the point and image that it continues, and the RCT ID from which changes are
   * queried.
   */
  readonly base: DiskBase | null;
}

export interface DiskBase {
  readonly point: string;
  readonly record: DiskRecord;
  readonly rctId: string;
}

export interface BackupPlan extends ChosenMethod {
  readonly kind: BackupKind;
  readonly reason: Reason;
  /** The point whose reference point the increments start from. */
  readonly parent: CompletePoint | null;
  readonly disks: readonly DiskPlan[];
  readonly excluded: readonly ExcludedDisk[];
  readonly warnings: readonly Warning[];
}

export interface PlanInput {
  readonly vm: HostVm;
  readonly capabilities: HostCapabilities;
  readonly points: readonly PointEntry[];
  readonly ledger: Ledger;
  /** The last verification of each point that has one. */
  readonly verdicts: ReadonlyMap<string, LastVerdict>;
  /** Name that the host reports for itself: chains only continue points of the same host. */
  readonly computerName: string | null;
  readonly options: BackupOptions;
  /** The check of each read method, in the order of preference. */
  readonly methods: readonly MethodCheck[];
  /** Changes of the members of a group, as `checkMembers` finds them. */
  readonly memberWarnings?: readonly Warning[];
}

/**
 * Decides the kind of backup for each disk and why, from its arguments alone. Throws `plan.*` if
 * the requested backup is not possible.
 */
export function planBackup(input: PlanInput): BackupPlan {
  const { vm, options } = input;
  const { disks, excluded } = selectDisks(vm, options.excludeDisks);
  const chosen = chooseMethod(options, input.methods);
  const parent = newestOf(input.points, input.computerName) ?? null;
  const general = fullForAll(input, parent);
  const plans = disks.map((disk) => planDisk(input, disk, parent, general));
  const increments = plans.filter((plan) => plan.kind === 'incr');
  const [first] = plans;
  if (options.kind === 'incremental' && first !== undefined && increments.length === 0) {
    throw backupError(
      'plan.incremental',
      `An incremental backup is not possible: ${first.reason.text}`,
      {
        data: { reason: first.reason.code },
      },
    );
  }
  const kind = increments.length > 0 ? 'incr' : 'full';
  const leading = (kind === 'incr' ? increments[0] : first)?.reason;
  return {
    kind,
    reason: leading ?? reason('first', 'There is no point yet.'),
    ...chosen,
    parent: kind === 'incr' ? parent : null,
    disks: plans,
    excluded,
    warnings: [
      ...vm.findings
        .filter((f) => f.severity === 'warning')
        .map(({ code, message }) => ({ code, message })),
      ...(input.memberWarnings ?? []),
    ],
  };
}

/** Returns a reason that makes every disk a full, if there is one. */
function fullForAll(input: PlanInput, parent: CompletePoint | null): Reason | undefined {
  const { vm, capabilities, ledger, options, points } = input;
  const subject = vm.members === undefined ? 'VM' : 'group';
  if (options.kind === 'full') return reason('asked', 'A full backup was requested.');
  if (options.method === VSS_METHOD) {
    return reason('asked', 'The method vss always makes a full backup.');
  }
  if (parent === null) {
    const elsewhere = points.findLast(
      (point): point is CompletePoint =>
        point.state === 'complete' && point.manifest.method !== VSS_METHOD,
    );
    if (elsewhere !== undefined) return ofOtherHost(elsewhere, input.computerName);
    const { origin } = ledger;
    if (origin !== undefined && points.length === 0) {
      const text = `The VM was restored from ${origin.pointId}: its disks are new.`;
      return reason('vm.new', text, { vm: origin.vmId, point: origin.pointId });
    }
    const broken = points.filter((point) => point.state === 'damaged').map((point) => point.id);
    return broken.length === 0
      ? reason('first', `There is no point of this ${subject} in the store yet.`)
      : reason('parent.damaged', 'No earlier point can be read.', { points: broken.join(', ') });
  }
  if (!capabilities.referencePoints) {
    return reason('host.noReferencePoints', 'The host does not support reference points.');
  }
  const newest = points.at(-1);
  if (newest !== undefined && newest.state === 'damaged') {
    return reason('parent.damaged', `The newest point ${newest.id} cannot be read.`, {
      point: newest.id,
      error: newest.error.code,
    });
  }
  const own = parent.manifest.referencePoint;
  if (own === null) {
    return reason('reference-point.none', `The point ${parent.id} has no reference point.`, {
      point: parent.id,
    });
  }
  const evidence = { point: parent.id, referencePoint: own.id };
  if (!ownsReferencePoint(ledger, own.id)) {
    return reason(
      'reference-point.foreign',
      'The reference point of the last point is not recorded in the ledger as ours.',
      evidence,
    );
  }
  if (!vm.referencePoints.some((each) => sameId(each.id, own.id))) {
    return reason(
      'reference-point.missing',
      'The reference point of the last point no longer exists on the host.',
      evidence,
    );
  }
  return revertedSince(vm, parent);
}

/**
 * Returns a reason for a full if the point was made on another host: after a failover, or for a
 * copy of the VM on a second host. Its points are not a base for changes on this host.
 */
function ofOtherHost({ id, manifest }: CompletePoint, computerName: string | null): Reason {
  const text = `This VM has no point from ${computerName ?? 'this host'} yet; the newest is from ${manifest.computerName ?? manifest.host}.`;
  return reason('host.other', text, {
    point: id,
    recorded: manifest.computerName,
    now: computerName,
  });
}

/**
 * Returns a reason for a full if the VM was reverted to a checkpoint: the tracker's IDs no longer
 * describe its disks. The host reports the checkpoint that was applied last (its exact behaviour is
 * UNCONFIRMED). Points of version 1 did not record it.
 */
function revertedSince(vm: HostVm, { id, manifest }: CompletePoint): Reason | undefined {
  const before = manifest.vm.lastAppliedSnapshot;
  const now = vm.lastAppliedSnapshot ?? null;
  if (manifest.version === 1 || sameSnapshot(before, now)) return undefined;
  const text = `The VM was reverted to a checkpoint since ${id}, which change tracking does not see.`;
  return reason('vm.reverted', text, { point: id, before, now });
}

export const sameSnapshot = (a: string | null, b: string | null): boolean =>
  (a ?? '').toLowerCase() === (b ?? '').toLowerCase();

function planDisk(
  input: PlanInput,
  disk: HostDisk,
  parent: CompletePoint | null,
  general: Reason | undefined,
): DiskPlan {
  const full = (why: Reason): DiskPlan => ({ disk, kind: 'full', reason: why, base: null });
  const { slot, format } = disk;
  if (format === 'vhd' && general?.code !== 'asked') {
    const text = `Change tracking (RCT) does not exist for VHD, the format of the disk at ${slot}.`;
    return full(reason('disk.untracked', text, { slot, format }));
  }
  if (general !== undefined || parent === null) {
    return full(general ?? reason('first', 'There is no point of this VM in the store yet.'));
  }
  const record = parent.manifest.disks.find((each) => each.slot === disk.slot);
  const newcomer = newMember(disk, parent);
  if (newcomer !== undefined) return full(newcomer);
  if (record === undefined) {
    return full(
      reason('disk.new', `The last point has no disk at ${disk.slot}.`, {
        slot: disk.slot,
        point: parent.id,
      }),
    );
  }
  const restored = restoredSince(input.ledger, disk, parent);
  if (restored !== undefined) return full(restored);
  const changed = diskDifference(disk.slot, record, disk);
  if (changed !== undefined) return full(changed);
  if (record.hashUnit !== HASHES_V2.unit) {
    const text = `The hash tree of ${parent.id} has units of ${record.hashUnit} bytes; a chain cannot mix them with units of ${HASHES_V2.unit}.`;
    return full(reason('hashes.version', text, { point: parent.id, unit: record.hashUnit }));
  }
  const rctId = currentRctId(input, disk, parent, record);
  if (typeof rctId !== 'string') return full(rctId);
  const chain = chainOf(input.points, parent.id, record.number);
  if ('code' in chain) return full(chain);
  const damaged = foundDamaged(input.verdicts, chain);
  if (damaged !== undefined) return full(damaged);
  const depth = chain.length;
  if (depth >= input.options.maxChain) {
    return full(
      reason('chain.length', `The chain has ${depth} images, the maximum.`, {
        images: depth,
        maxChain: input.options.maxChain,
      }),
    );
  }
  return {
    disk,
    kind: 'incr',
    reason: reason('incremental', `Changes since ${parent.id}.`, { point: parent.id, rctId }),
    base: { point: parent.id, record, rctId },
  };
}

/** Returns a reason for a full if the only VM that has the disk joined the group after the last point. */
function newMember(
  { slot, holders = [] }: HostDisk,
  { id, manifest: { group } }: CompletePoint,
): Reason | undefined {
  const [holder, other] = holders;
  if (group === undefined || holder === undefined || other !== undefined) return undefined;
  if (group.members.some((each) => sameId(each.id, holder.id))) return undefined;
  const text = `${holder.name} was not a member of the group at ${id}.`;
  return reason('group.members', text, { slot, point: id, vm: holder.id });
}

/**
 * Returns a reason for a full if a restore replaced the disk's file after the reference point was
 * made: its change tracking ID describes the file of before.
 */
function restoredSince(
  { stale = [] }: Ledger,
  { slot, locationId }: HostDisk,
  { id, manifest }: CompletePoint,
): Reason | undefined {
  const own = manifest.referencePoint?.id ?? '';
  const found = stale.find(
    (each) => sameId(each.id, own) && each.locations.some((place) => sameId(place, locationId)),
  );
  if (found === undefined) return undefined;
  const text =
    found.pointId === ''
      ? `The record of restores over the VM is damaged: the disk at ${slot} may have been replaced since ${id}.`
      : `The disk at ${slot} was restored from ${found.pointId} since ${id}: the reference point describes the file that it had before.`;
  const evidence = { slot, point: id, restored: found.pointId, time: found.time };
  return reason('disk.restored', text, evidence);
}

/** Returns the RCT ID that the host lists now; it must match the recorded one. */
function currentRctId(
  { vm }: PlanInput,
  disk: HostDisk,
  parent: CompletePoint,
  record: DiskRecord,
): string | Reason {
  const own = parent.manifest.referencePoint?.id ?? '';
  const listed = vm.referencePoints
    .find((each) => sameId(each.id, own))
    ?.disks.find((each) => sameId(each.locationId, disk.locationId))?.rctId;
  const { slot } = disk;
  const { rctId } = record;
  if (isShared(disk)) return currentSnapshot(disk, record);
  if (rctId === null || listed === undefined || listed === '') {
    const text = 'The reference point has no change tracking ID for the disk.';
    return reason('tracker.no-id', text, { slot, recorded: rctId, now: listed ?? null });
  }
  if (listed === rctId) return rctId;
  const text = 'The change tracking ID of the disk does not match the recorded one.';
  return reason('tracker.other-id', text, { slot, recorded: rctId, now: listed });
}

/** Returns the snapshot of the last point if the VHD Set still has it. */
function currentSnapshot({ slot, snapshotIds }: HostDisk, { rctId }: DiskRecord): string | Reason {
  const isThere =
    rctId !== null && (snapshotIds === undefined || snapshotIds.some((id) => sameId(id, rctId)));
  if (isThere) return rctId;
  const text = 'The VHD Set no longer has the snapshot of the last point.';
  return reason('tracker.no-id', text, { slot, recorded: rctId, now: null });
}

function chainOf(
  points: readonly PointEntry[],
  pointId: string,
  number: number,
): readonly ChainLink[] | Reason {
  try {
    return diskChain(points, pointId, number);
  } catch (error) {
    const text = `The chain of ${pointId} is broken: ${(error as Error).message}`;
    return reason('parent.damaged', text, { point: pointId });
  }
}

/**
 * Returns a reason for a full if the last verification found damage in the chain: an increment on
 * it could not be restored.
 */
function foundDamaged(
  verdicts: PlanInput['verdicts'],
  chain: readonly ChainLink[],
): Reason | undefined {
  for (const { point } of chain) {
    const verdict = verdicts.get(point.id);
    if (verdict === undefined || verdict.ok) continue;
    const found = verdict.findings.find(({ severity }) => severity === 'error');
    const text = `The last verification found the point ${point.id} damaged.`;
    return reason('verify.failed', text, {
      point: point.id,
      verified: verdict.time,
      quick: verdict.quick,
      error: found?.code ?? null,
    });
  }
  return undefined;
}
