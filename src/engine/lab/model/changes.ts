import type { StartLength } from '../../base/range.ts';
import { toStartLength } from '../../base/range.ts';
import type { RangeSet } from '../../base/range-set.ts';
import type { FaultSwitches } from '../faults.ts';
import type { Lab } from './lab.ts';
import { parseRctId, type LabDisk, type LabVm } from '../state/state.ts';

/** Maximum number of ranges in one answer, which must fit into an envelope of 500 KiB. */
const MAX_RANGES = 3000;
const FAILED = 32768;
const INVALID_PARAMETER = 32773;
const FILE_NOT_FOUND = 32779;

export interface ChangesQuery {
  readonly path: string;
  readonly limitId: string;
  readonly offset: number;
  readonly length: number;
}

export type ChangesAnswer =
  | { readonly returnValue: 0; readonly processed: number; readonly ranges: readonly StartLength[] }
  | { readonly returnValue: number; readonly processed?: undefined; readonly ranges?: undefined };

/**
 * Implements GetVirtualDiskChanges: ranges written after the reference point of `limitId`, up to
 * the state of the file that `path` names. An ID of another disk, or from before a reset, is an
 * error (the code of a real host is UNCONFIRMED).
 */
export async function virtualDiskChanges(lab: Lab, query: ChangesQuery): Promise<ChangesAnswer> {
  const error = lab.faults.number('tracker.error', FAILED);
  if (error !== undefined) return { returnValue: error };
  const found = findByPath(lab, query.path);
  if (found === undefined) return { returnValue: FILE_NOT_FOUND };
  const { disk } = found;
  const refused = lab.faults.number('tracker.limit', 2 ** 30);
  if (refused !== undefined && query.length > refused) return { returnValue: INVALID_PARAMETER };
  if (query.length === 0 || query.offset + query.length > disk.virtualSize) {
    return { returnValue: INVALID_PARAMETER };
  }
  const changed = await changedSince(lab, found, query.path, query.limitId);
  if (changed === undefined) return { returnValue: FAILED };
  const window = { start: query.offset, end: query.offset + query.length };
  const all = changed.clip(window, MAX_RANGES + 1).ranges;
  const ranges = all.slice(0, MAX_RANGES).map(toStartLength);
  const next = all[MAX_RANGES];
  const processed = next === undefined ? query.length : next.start - query.offset;
  return { returnValue: 0, ...lie(lab.faults, disk, { processed, ranges }, query) };
}

/**
 * Returns what was written to a disk of a VM after the state of an RCT id, up to the state of one of
 * its files; undefined for an id that the disk does not know, and for a disk without tracking.
 */
export async function changedSince(
  lab: Lab,
  { vm, disk }: { readonly vm: LabVm; readonly disk: LabDisk },
  path: string,
  limitId: string,
): Promise<RangeSet | undefined> {
  // RCT does not exist for VHD.
  if (disk.kind === 'vhd' || disk.untracked === true) return undefined;
  const id = parseRctId(limitId);
  if (id === undefined || id.trackingId !== disk.trackingId) return undefined;
  return (await lab.tracker(disk)).changes(id.generation, sealedAt(vm, disk, path));
}

interface Answer {
  readonly processed: number;
  readonly ranges: readonly StartLength[];
}

/** Falsifies a correct answer for the faults of a lying tracker. */
function lie(faults: FaultSwitches, disk: LabDisk, honest: Answer, query: ChangesQuery): Answer {
  let { processed } = honest;
  let ranges = [...honest.ranges];
  if (faults.strike('tracker.drop')) ranges = ranges.filter((_, i) => i % 2 === 1);
  if (faults.strike('tracker.repeat')) ranges = ranges.flatMap((range) => [range, range]);
  if (faults.strike('tracker.overlap')) {
    const end = query.offset + query.length;
    ranges = ranges.map((r) => ({ start: r.start, length: Math.min(r.length * 2, end - r.start) }));
  }
  if (faults.strike('tracker.overshoot')) {
    const start = disk.virtualSize - 4096;
    ranges = [...ranges, { start, length: 8192 }];
  }
  if (faults.strike('tracker.beyond'))
    ranges = [...ranges, { start: disk.virtualSize, length: 65_536 }];
  if (faults.strike('tracker.stall')) processed = 0;
  if (faults.strike('tracker.short')) {
    processed = Math.max(512, Math.floor(processed / 1024) * 512);
    const end = query.offset + processed;
    ranges = ranges
      .filter((r) => r.start < end)
      .map((r) => ({ start: r.start, length: Math.min(r.length, end - r.start) }));
  }
  if (faults.strike('tracker.shorten'))
    processed = Math.max(512, Math.floor(processed / 1024) * 512);
  return { processed, ranges };
}

/**
 * Returns the generation that a checkpoint sealed when it froze this file; undefined for the active
 * file.
 */
export function sealedAt(vm: LabVm, disk: LabDisk, path: string): number | undefined {
  for (const checkpoint of vm.checkpoints) {
    const frozen = checkpoint.disks.find(
      (each) => each.slot === disk.slot && each.path.toLowerCase() === path.toLowerCase(),
    );
    if (frozen !== undefined) return frozen.generation;
  }
  return undefined;
}

export function findByPath(
  lab: Lab,
  path: string,
): { readonly vm: LabVm; readonly disk: LabDisk } | undefined {
  const wanted = path.toLowerCase();
  // Files of the lab's own VMs lie in folders that their GUIDs name; others may be anywhere.
  const named = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(wanted)?.[0];
  const owner = named === undefined ? undefined : lab.ownerOf(named);
  const found = owner?.disks.find((each) =>
    each.files.some((file) => file.toLowerCase() === wanted),
  );
  if (owner !== undefined && found !== undefined) return { vm: owner, disk: found };
  for (const vm of lab.vms) {
    const disk = vm.disks.find((each) => each.files.some((file) => file.toLowerCase() === wanted));
    if (disk !== undefined) return { vm, disk };
  }
  return undefined;
}
