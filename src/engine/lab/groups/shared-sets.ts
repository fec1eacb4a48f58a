import path from 'node:path';
import { newGuid, type Guid } from '../../base/guid.ts';
import type { StartLength } from '../../base/range.ts';
import { toStartLength } from '../../base/range.ts';
import { SNAPSHOT_TYPE } from '../../net/rsvd/codec/meta/create-snapshot.ts';
import { NIL_GUID } from '../../base/guid.ts';
import { JobFailure } from '../model/jobs.ts';
import type { Lab } from '../model/lab.ts';
import {
  changesBetween,
  deleteSnapshot,
  finishSnapshot,
  takeSnapshot,
} from '../rsvd/disk/snapshots.ts';
import type { SharedDisk, SharedSet } from '../rsvd/disk/shared-disk.ts';

/** Takes a snapshot of a VHD Set, from which changes can be queried. Returns its ID. */
export function snapshotSet(lab: Lab, file: string): Promise<Guid> {
  return withSet(lab, file, async (disk, set) => {
    const id = newGuid();
    await takeSnapshot(disk, set, { id, type: SNAPSHOT_TYPE.vm, tracked: true, logId: NIL_GUID });
    await finishSnapshot(disk, set, id);
    return id;
  });
}

/**
 * Deletes a snapshot of a VHD Set; with `reference`, its ID stays for change queries. Does nothing for
 * one that is gone.
 */
export function deleteSetSnapshot(
  lab: Lab,
  file: string,
  id: Guid,
  reference: boolean,
): Promise<void> {
  return withSet(lab, file, async (disk, set) => {
    const snapshot = set.state.snapshots.find((each) => each.id === id);
    if (snapshot !== undefined) await deleteSnapshot(disk, set, snapshot, reference);
  });
}

/** A snapshot of a VHD Set; `path` is '' for a reference without data. */
export interface KnownSnapshot {
  readonly id: Guid;
  readonly created: number;
  /** Host path of the frozen file. */
  readonly path: string;
}

/** Lists the snapshots of a VHD Set, and all of its files. */
export function describeSet(
  lab: Lab,
  file: string,
): Promise<{ readonly snapshots: readonly KnownSnapshot[]; readonly files: readonly string[] }> {
  const folder = path.win32.dirname(file);
  const toHost = (name: string): string => (name === '' ? '' : `${folder}\\${name}`);
  return withSet(lab, file, async (_, { state }) => ({
    snapshots: state.snapshots.map((each) => ({
      id: each.id,
      created: each.created,
      path: toHost(each.file),
    })),
    files: [file, ...state.files.map(({ name }) => toHost(name))],
  }));
}

/** Returns what changed between two snapshots of a VHD Set; undefined if a snapshot or its changes are not known. */
export function changesOfSet(
  lab: Lab,
  file: string,
  query: {
    readonly limitId: string;
    readonly targetId: string;
    readonly offset: number;
    readonly length: number;
  },
): Promise<readonly StartLength[] | undefined> {
  return withSet(lab, file, async (_, set) => {
    const find = (id: string): SharedSet['state']['snapshots'][number] | undefined =>
      set.state.snapshots.find((each) => each.id === id.toLowerCase());
    const [limit, target] = [find(query.limitId), find(query.targetId)];
    if (limit === undefined || target === undefined) return undefined;
    const window = { start: query.offset, end: query.offset + query.length };
    return changesBetween(set, limit, target, window)?.ranges.map(toStartLength);
  });
}

/** Returns the size of the virtual disk in bytes. */
export const sizeOfSet = (lab: Lab, file: string): Promise<number> =>
  withSet(lab, file, async (disk) => (await disk.facts()).size);

function withSet<T>(
  lab: Lab,
  file: string,
  work: (disk: SharedDisk, set: SharedSet) => Promise<T>,
): Promise<T> {
  return lab.sharedDisks.use(lab.local(file), (disk) => {
    if (disk.set === undefined) throw new JobFailure(32770, `${file} is not a VHD Set.`);
    return work(disk, disk.set);
  });
}
