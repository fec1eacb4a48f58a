import { Buffer } from 'node:buffer';
import { NIL_GUID, type Guid } from '../../../../base/guid.ts';
import { SNAPSHOT_TYPE } from '../../codec/meta/create-snapshot.ts';
import { DELETE_SNAPSHOT } from '../../codec/snapshots/delete-snapshot.ts';
import {
  creationTime,
  decodeSnapshotList,
  listBytes,
  OPTIMIZE_NEEDED,
  SET_INFORMATION,
  SET_QUERY,
  SNAPSHOT_ENTRY,
} from '../../codec/snapshots/set-information.ts';
import { rsvdError } from '../../contract/rsvd-errors.ts';
import { operationError } from '../../contract/operation-error.ts';
import { smbError } from '../../../smb/contract/smb-errors.ts';
import type { RsvdHandle } from '../handle/rsvd-handle.ts';

/** Snapshots of a set that are listed; the list of a hostile server has no end. */
const MAX_SNAPSHOTS = 16_384;
/** Attempts to get a list that grows while it is read. */
const MAX_ATTEMPTS = 4;

/** A snapshot of a VHD Set. */
export interface Snapshot {
  readonly id: Guid;
  /** Milliseconds since 1970; its unit on the wire is UNCONFIRMED. */
  readonly created: number;
  /** Its data exists and is complete. */
  readonly isValid: boolean;
}

const query = (type: number, snapshotType: number, snapshotId: Guid = NIL_GUID): Buffer =>
  SET_QUERY.encode({ type, snapshotType, snapshotId });

/** Lists the ids of the VM snapshots. Throws `rsvd.kind` for a shared VHDX, `smb.answer`. */
export async function listSnapshots(
  handle: RsvdHandle,
  signal: AbortSignal,
): Promise<readonly Guid[]> {
  let room = listBytes(64);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const request = query(SET_INFORMATION.snapshotList, SNAPSHOT_TYPE.vm);
    const what = 'Listing the snapshots of';
    const answer = await handle.tunnel('setInformation', request, what, signal, { room });
    const { count, ids } = decodeSnapshotList(answer, 'smb.answer');
    if (ids !== undefined) return ids;
    if (count > MAX_SNAPSHOTS) {
      const text = `${handle.path} has ${count} snapshots; at most ${MAX_SNAPSHOTS} are read`;
      throw smbError('smb.answer', text, { data: { path: handle.path, count } });
    }
    // Some more, since others may make snapshots meanwhile.
    room = Math.max(2 * room, listBytes(count + 16));
  }
  const text = `${handle.path} never lists its snapshots: ${MAX_ATTEMPTS} attempts`;
  throw smbError('smb.answer', text, { data: { path: handle.path } });
}

/** Reads one snapshot; undefined if the set does not have it, or it is not complete. */
export async function findSnapshot(
  handle: RsvdHandle,
  id: Guid,
  signal: AbortSignal,
): Promise<Snapshot | undefined> {
  const request = query(SET_INFORMATION.snapshotEntry, SNAPSHOT_TYPE.vm, id);
  const what = `Reading the snapshot ${id} of`;
  const { status, answer } = await handle.tryTunnel('setInformation', request, what, signal);
  if (status !== 0) {
    const error = operationError(what, handle.path, status);
    // Servers differ in the status for a snapshot that does not exist (UNCONFIRMED).
    if (
      ['rsvd.snapshot', 'rsvd.failed', 'smb.notFound'].includes(
        (error as { code?: string }).code ?? '',
      )
    ) {
      return undefined;
    }
    throw error;
  }
  const entry = SNAPSHOT_ENTRY.decode(answer, 'smb.answer');
  if (entry.snapshotId !== id) {
    throw smbError(
      'smb.answer',
      `${what} ${handle.path}: the answer is about ${entry.snapshotId}`,
      {
        data: { path: handle.path, found: entry.snapshotId, expected: id },
      },
    );
  }
  return { id, created: creationTime(entry.created), isValid: entry.isValid !== 0 };
}

/** Whether optimizing the set would free space. */
export async function needsOptimizing(handle: RsvdHandle, signal: AbortSignal): Promise<boolean> {
  const request = query(SET_INFORMATION.optimizeNeeded, 0);
  const what = 'Querying whether to optimize';
  const answer = await handle.tunnel('setInformation', request, what, signal);
  return OPTIMIZE_NEEDED.decode(answer, 'smb.answer').isNeeded !== 0;
}

/**
 * Deletes a VM snapshot. `keepsReference` keeps its id for change queries, which not every server
 * accepts (UNCONFIRMED).
 */
export async function deleteSnapshot(
  handle: RsvdHandle,
  id: Guid,
  keepsReference: boolean,
  signal: AbortSignal,
): Promise<void> {
  const request = DELETE_SNAPSHOT.encode({
    snapshotId: id,
    persistReference: keepsReference ? 1 : 0,
    snapshotType: SNAPSHOT_TYPE.vm,
  });
  const what = `Deleting the snapshot ${id} of`;
  await handle.tunnel('deleteSnapshot', request, what, signal);
  if (keepsReference) return;
  const ids = await listSnapshots(handle, signal);
  if (!ids.includes(id)) return;
  throw rsvdError('rsvd.failed', `${what} ${handle.path} had no effect: it is still listed`, {
    data: { path: handle.path, snapshot: id },
  });
}
