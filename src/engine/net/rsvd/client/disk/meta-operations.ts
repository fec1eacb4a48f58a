import { Buffer } from 'node:buffer';
import { newGuid, NIL_GUID, type Guid } from '../../../../base/guid.ts';
import { delay, isAbort } from '../../../../base/abort.ts';
import { APPLY } from '../../codec/meta/apply.ts';
import { encodeConvert } from '../../codec/meta/convert.ts';
import {
  ENABLE_CHANGE_TRACKING,
  encodeCreateSnapshot,
  SNAPSHOT_TYPE,
  STAGE,
} from '../../codec/meta/create-snapshot.ts';
import { encodeExtract } from '../../codec/meta/extract.ts';
import { RESIZE } from '../../codec/meta/resize.ts';
import { META, metaPayload, PROGRESS, PROGRESS_REQUEST } from '../../codec/meta/start.ts';
import { rsvdError } from '../../contract/rsvd-errors.ts';
import type { RsvdHandle } from '../handle/rsvd-handle.ts';
import { findSnapshot, type Snapshot } from './snapshots.ts';

/** Milliseconds between questions about the progress. */
const POLL_MS = 500;
/** An operation without progress for this long is cancelled, in milliseconds. */
const STALLED_MS = 10 * 60_000;
/** Milliseconds until a new snapshot has to be listed. */
const APPEARS_MS = 30_000;

/** Receives how far an operation is. */
export type OnProgress = (current: number, complete: number) => void;
export const noMetaProgress: OnProgress = () => undefined;

/**
 * Carries out a meta operation, which may take long, and reports its progress. Cancelling sends CANCEL.
 * Throws `rsvd.*`; `rsvd.failed` if it makes no progress for ten minutes.
 */
async function run(
  handle: RsvdHandle,
  what: string,
  { transactionId = newGuid(), type, data }: { transactionId?: Guid; type: number; data?: Buffer },
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const request = metaPayload(transactionId, type, data);
  const done = handle.tunnel('metaStart', request, what, both, { patience: 24 * 3_600_000 });
  const finished = new AbortController();
  const watch = watchProgress(
    handle,
    transactionId,
    onProgress,
    AbortSignal.any([both, finished.signal]),
  );
  watch.catch((error: unknown) => stop.abort(error));
  try {
    await done;
  } finally {
    finished.abort(new Error('The operation has ended'));
    await watch.catch(() => undefined);
  }
}

async function watchProgress(
  handle: RsvdHandle,
  transactionId: Guid,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> {
  let last = -1n;
  let movedAt = Date.now();
  for (;;) {
    try {
      await delay(POLL_MS, signal);
      const request = PROGRESS_REQUEST.encode({ transactionId });
      const what = 'Reading the progress at';
      const { status, answer } = await handle.tryTunnel('metaProgress', request, what, signal);
      if (status === 0) {
        const { current, complete } = PROGRESS.decode(answer, 'smb.answer');
        if (current !== last) movedAt = Date.now();
        last = current;
        onProgress(Number(current), Number(complete));
      }
    } catch (error) {
      if (isAbort(error, signal) || signal.aborted) return;
      throw error;
    }
    if (Date.now() - movedAt < STALLED_MS) continue;
    const text = `The operation on ${handle.path} made no progress for ${STALLED_MS / 60_000} minutes`;
    throw rsvdError('rsvd.failed', text, { data: { path: handle.path } });
  }
}

/**
 * Creates a VM snapshot with change tracking: initializes it, then blocks, switches, unblocks and
 * finalizes in one request, as Windows does. Returns it when the server lists it. Only for
 * administration: a snapshot for a backup is made through Hyper-V, which quiesces the guests.
 */
export async function createSnapshot(
  handle: RsvdHandle,
  id: Guid,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<Snapshot> {
  const transactionId = newGuid();
  const what = `Creating the snapshot ${id} of`;
  const { initialize, blockIo, switchObjectStore, unblockIo, finalize } = STAGE;
  const steps = [
    { flags: ENABLE_CHANGE_TRACKING, stages: [initialize] },
    { flags: 0, stages: [blockIo, switchObjectStore, unblockIo, finalize] },
  ];
  for (const step of steps) {
    const data = encodeCreateSnapshot({
      ...step,
      snapshotType: SNAPSHOT_TYPE.vm,
      snapshotId: id,
      payloadSize: 0,
      log: undefined,
    });
    await run(handle, what, { transactionId, type: META.createSnapshot, data }, onProgress, signal);
  }
  for (const until = Date.now() + APPEARS_MS; ;) {
    const found = await findSnapshot(handle, id, signal);
    if (found?.isValid === true) return found;
    if (Date.now() >= until) {
      throw rsvdError('rsvd.failed', `${what} ${handle.path} had no effect: it is not listed`, {
        data: { path: handle.path, snapshot: id },
      });
    }
    await delay(POLL_MS, signal);
  }
}

/** Makes the disk equal to a snapshot. What was written since is lost. */
export const applySnapshot = (
  handle: RsvdHandle,
  id: Guid,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> => {
  const data = APPLY.encode({ snapshotType: SNAPSHOT_TYPE.vm, snapshotId: id });
  return run(
    handle,
    `Applying the snapshot ${id} to`,
    { type: META.apply, data },
    onProgress,
    signal,
  );
};

/** Merges files of the set that are not needed. */
export const optimizeSet = (
  handle: RsvdHandle,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> => run(handle, 'Optimizing', { type: META.optimize }, onProgress, signal);

export interface ExtractOptions {
  readonly sourceId: Guid;
  /** Older snapshot whose changes are left out; undefined: the whole disk. */
  readonly limitId: Guid | undefined;
  /** File name beside the set. */
  readonly name: string;
}

/** Writes a snapshot to a new VHDX beside the set. */
export const extractSnapshot = (
  handle: RsvdHandle,
  { sourceId, limitId = NIL_GUID, name }: ExtractOptions,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> => {
  const values = { snapshotType: SNAPSHOT_TYPE.vm, flags: 0, sourceId, limitId, name };
  const what = `Extracting the snapshot ${sourceId} of`;
  return run(handle, what, { type: META.extract, data: encodeExtract(values) }, onProgress, signal);
};

/** Makes a VHD Set out of a shared VHDX. @param name file name beside it, ends with `.vhds` */
export const convertToSet = (
  handle: RsvdHandle,
  name: string,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> =>
  run(handle, 'Converting', { type: META.convert, data: encodeConvert(name) }, onProgress, signal);

/** New size of a disk: bytes, or the smallest that loses no data. */
export type NewSize = { readonly size: number; readonly expandOnly: boolean } | 'minimum';

export const resizeDisk = (
  handle: RsvdHandle,
  wanted: NewSize,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> => {
  const isMinimum = wanted === 'minimum';
  const values = {
    newSize: isMinimum ? 0 : wanted.size,
    expandOnly: !isMinimum && wanted.expandOnly ? 1 : 0,
    allowUnsafe: 0,
    shrinkToMinimum: isMinimum ? 1 : 0,
  };
  // Microsoft's clients add four bytes.
  const data = Buffer.concat([RESIZE.encode(values), Buffer.alloc(4)]);
  return run(handle, 'Resizing', { type: META.resize, data }, onProgress, signal);
};
