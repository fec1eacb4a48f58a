import path from 'node:path';
import { never } from '../../../base/abort.ts';
import { newGuid, type Guid } from '../../../base/guid.ts';
import type { Range } from '../../../base/range.ts';
import { RangeSet } from '../../../base/range-set.ts';
import { writeSet } from './set-file.ts';
import { addChild, collapseOne, superfluous } from './set-tree.ts';
import type { SetSnapshot } from './set-state.ts';
import type { SharedDisk, SharedSet } from './shared-disk.ts';

/** Properties of a new snapshot. */
export interface NewSnapshot {
  readonly id: Guid;
  readonly type: number;
  readonly tracked: boolean;
  readonly logId: Guid;
}

/**
 * Freezes the active file of a set: later writes go to a new child. The snapshot becomes valid with
 * `finishSnapshot`.
 */
export async function takeSnapshot(
  disk: SharedDisk,
  set: SharedSet,
  { id, type, tracked, logId }: NewSnapshot,
): Promise<void> {
  const { state, tracker } = set;
  const frozen = state.active;
  await disk.session.switchTo(async () => {
    const child = await newActive(disk, set, frozen);
    const generation = await tracker.seal(never);
    state.snapshots.push({
      id,
      type,
      created: Date.now(),
      file: frozen,
      generation,
      tracked,
      valid: false,
      active: type === CDP,
      logId,
    });
    await disk.save();
    return child;
  });
}

const CDP = 3;

export async function finishSnapshot(disk: SharedDisk, set: SharedSet, id: Guid): Promise<void> {
  const snapshot = set.state.snapshots.find((each) => each.id === id);
  if (snapshot !== undefined) snapshot.valid = true;
  await disk.save();
}

/** Deletes a snapshot; `reference` keeps its id for change queries. Its file is merged if possible. */
export async function deleteSnapshot(
  disk: SharedDisk,
  set: SharedSet,
  snapshot: SetSnapshot,
  reference: boolean,
): Promise<void> {
  const { state, tracker } = set;
  if (reference) Object.assign(snapshot, { file: '', valid: false });
  else state.snapshots = state.snapshots.filter((each) => each !== snapshot);
  await disk.save();
  await optimize(disk, set);
  const generations = state.snapshots.map(({ generation }) => generation);
  await tracker.prune(Math.min(tracker.generation, ...generations), never);
}

/** Whether `optimize` has something to do. */
export const needsOptimizing = ({ state }: SharedSet): boolean => superfluous(state).length > 0;

/** Merges and removes files that are not needed; does nothing while snapshots are being read. */
export async function optimize(disk: SharedDisk, set: SharedSet): Promise<void> {
  const { state } = set;
  if (disk.hasOpenSnapshots || !needsOptimizing(set)) return;
  await disk.session.switchTo(async () => {
    const { toHost } = disk.settings;
    while (await collapseOne(disk.folder, state, toHost)) {
      await writeSet(disk.file, state.active);
      await disk.save();
    }
    return path.join(disk.folder, state.active);
  });
}

/** Makes the disk equal to a snapshot. What was written since counts as changed. */
export async function applySnapshot(
  disk: SharedDisk,
  set: SharedSet,
  snapshot: SetSnapshot,
): Promise<void> {
  const { tracker } = set;
  const reverted = tracker.changes(snapshot.generation, undefined) ?? RangeSet.empty;
  for (const range of reverted) await tracker.mark(range);
  await disk.session.switchTo(() => newActive(disk, set, snapshot.file));
  await optimize(disk, set);
}

/**
 * Returns what was written between two snapshots; undefined if tracking does not know it, or if the limit is not
 * the older one (which error a real host has for that is UNCONFIRMED).
 */
export function changesBetween(
  { tracker }: SharedSet,
  limit: SetSnapshot,
  target: SetSnapshot,
  within: Range,
): RangeSet | undefined {
  const isKnown = limit.tracked && target.tracked && limit.generation < target.generation;
  if (!isKnown) return undefined;
  return tracker.changes(limit.generation, target.generation)?.clip(within);
}

/** Creates a child of a file and makes it the active one. Returns its local path. */
async function newActive(disk: SharedDisk, { state }: SharedSet, parent: string): Promise<string> {
  const name = activeName(disk.file);
  await addChild(disk.folder, parent, name, disk.settings.toHost);
  state.files.push({ name, parent });
  state.active = name;
  await writeSet(disk.file, name);
  await disk.save();
  return path.join(disk.folder, name);
}

/** Returns a new name for an active file, as Windows forms it. */
export const activeName = (set: string): string =>
  `${path.basename(set).replace(/\.[^.]*$/, '')}_${newGuid()}.avhdx`;
