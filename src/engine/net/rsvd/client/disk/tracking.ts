import { Buffer } from 'node:buffer';
import { newGuid, type Guid } from '../../../../base/guid.ts';
import { SNAPSHOT_TYPE } from '../../codec/meta/create-snapshot.ts';
import {
  decodeChanges,
  QUERY_CHANGES,
  type QueriedChanges,
} from '../../codec/changes/query-changes.ts';
import {
  encodeTrackingStart,
  TRACKING_PARAMETERS,
  TRACKING_STOPPED,
} from '../../codec/changes/tracking.ts';
import { operationError } from '../../contract/operation-error.ts';
import { STATUS } from '../../../smb/status/nt-status.ts';
import type { RsvdHandle } from '../handle/rsvd-handle.ts';

/** Space for the ranges of one answer, in bytes. */
const ROOM = 64 * 1024 - 16;

export interface ChangeQuery {
  /** The older snapshot. */
  readonly limitId: Guid;
  /** The newer snapshot. */
  readonly targetId: Guid;
  readonly offset: number;
  readonly length: number;
}

/**
 * Asks once for the ranges that changed between two snapshots, unchecked: `backup/changes` tiles the disk
 * with such questions and trusts no answer. Throws `rsvd.snapshot` for an unknown snapshot, `rsvd.failed`
 * if its changes are not known.
 */
export async function queryChanges(
  handle: RsvdHandle,
  query: ChangeQuery,
  disk: { readonly size: number; readonly sector: number },
  signal: AbortSignal,
): Promise<QueriedChanges> {
  const what = `Querying the changes since the snapshot ${query.limitId} of`;
  const ask = (length: number) =>
    handle.tryTunnel(
      'queryChanges',
      QUERY_CHANGES.encode({ ...query, length, snapshotType: SNAPSHOT_TYPE.vm }),
      what,
      signal,
      { room: ROOM },
    );
  let { status, answer } = await ask(query.length);
  // Documented for its twin in WMI: the length is less than that of the disk.
  const isWhole = query.offset === 0 && query.length === disk.size;
  if (status === STATUS.invalidParameter && isWhole && disk.size > disk.sector) {
    ({ status, answer } = await ask(disk.size - disk.sector));
  }
  if (status !== 0) throw operationError(what, handle.path, status);
  return decodeChanges(answer, 'smb.answer');
}

/** Log-based tracking, which backups do not need. */
export interface LogTracking {
  /** 0: active; else one of TRACKING_STATUS. */
  readonly status: number;
  readonly logSize: number;
}

export async function readLogTracking(
  handle: RsvdHandle,
  signal: AbortSignal,
): Promise<LogTracking> {
  const what = 'Reading the change log of';
  const answer = await handle.tunnel('trackingParameters', Buffer.alloc(0), what, signal);
  return TRACKING_PARAMETERS.decode(answer, 'smb.answer');
}

/** @param logName name of an existing file; empty: the server chooses (UNCONFIRMED) */
export async function startLogTracking(
  handle: RsvdHandle,
  logName: string,
  signal: AbortSignal,
): Promise<void> {
  const ids = { transactionId: newGuid(), logId: newGuid() };
  const request = encodeTrackingStart({ ...ids, logName, maxLogSize: 0, append: 0 });
  await handle.tunnel('trackingStart', request, 'Starting the change log of', signal);
}

/** Returns the status that the log had. */
export async function stopLogTracking(handle: RsvdHandle, signal: AbortSignal): Promise<number> {
  const what = 'Stopping the change log of';
  const answer = await handle.tunnel('trackingStop', Buffer.alloc(0), what, signal);
  return TRACKING_STOPPED.decode(answer, 'smb.answer').status;
}
