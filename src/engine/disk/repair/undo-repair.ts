import type { UndoneRepair } from '../../api/disk-check.ts';
import { never } from '../../base/abort.ts';
import type { EngineError } from '../../base/errors.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import { FileSource } from '../../source/files/file-source.ts';
import { FileStorage } from '../../source/files/file-storage.ts';
import { machine, type FileEnvironment } from '../../source/platform/file-environment.ts';
import { refuseInStore } from '../rewrite/guards.ts';
import { diskError } from '../virtual/disk-errors.ts';
import { imageState } from './image-state.ts';
import {
  checkUndoHash,
  readUndoHead,
  UNDO_BODY,
  undoChanges,
  type UndoHead,
} from './undo-record.ts';

const SECTOR = 512;

export interface UndoOptions {
  readonly storeMarker: string;
  readonly environment?: FileEnvironment;
}

/**
 * Brings back the bytes from before a repair in place, finished or interrupted, and removes the
 * record. If it is interrupted itself, it is run again. Throws `disk.repair.record`, and
 * `disk.repair.changed` if the image was changed since.
 */
export async function undoRepair(
  file: string,
  record: string,
  { storeMarker, environment = machine }: UndoOptions,
  signal: AbortSignal,
): Promise<UndoneRepair> {
  await refuseInStore([file], storeMarker);
  const source = await FileSource.open(record, signal);
  let head: UndoHead;
  try {
    const read = await readUndoHead(source, signal);
    ({ head } = read);
    await checkUndoHash(source, head, signal);
    const storage = await FileStorage.open(file, { environment }, signal);
    try {
      const finished = read.end.endsWith('\n');
      await checkImage(storage, file, source, head, finished ? read.end : undefined, signal);
      // An interrupted undo leaves a mixture, as an interrupted repair does.
      if (finished) await reopen(record, UNDO_BODY + head.length, environment);
      for await (const { offset, before } of undoChanges(source, head, never)) {
        await storage.write(offset, before, never);
      }
      await storage.resize(head.sizeBefore, never);
      await storage.flush(never);
    } finally {
      await storage.close();
    }
  } finally {
    await source.close();
  }
  await environment.files.rm(record, { force: true });
  return { path: file, record, fileSize: head.sizeBefore, changes: head.changes };
}

/** Throws `disk.repair.changed` unless the image is as the repair left it, whole or interrupted. */
async function checkImage(
  image: ByteSource,
  file: string,
  record: ByteSource,
  head: UndoHead,
  end: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { sizeBefore, sizeAfter } = head;
  const finished = end !== undefined;
  const fits = finished
    ? image.size === sizeAfter && end === `${JSON.stringify({ state: await imageState(file) })}\n`
    : image.size >= sizeBefore && image.size <= sizeAfter;
  if (!fits) throw changed(file, image.size);
  for await (const { offset, before, after } of undoChanges(record, head, signal)) {
    const bytes = new Uint8Array(after.length);
    const there = Math.max(0, Math.min(bytes.length, image.size - offset));
    if (there > 0) await image.read(offset, bytes.subarray(0, there), signal);
    for (let at = 0; at < bytes.length; at += SECTOR) {
      const equals = (other: Uint8Array): boolean =>
        Buffer.compare(bytes.subarray(at, at + SECTOR), other.subarray(at, at + SECTOR)) === 0;
      if (equals(after) || (!finished && equals(before))) continue;
      throw changed(file, offset + at);
    }
  }
}

/** Removes the end of a record, which says that the repair is finished. */
async function reopen(record: string, length: number, environment: FileEnvironment): Promise<void> {
  const storage = await FileStorage.open(record, { environment }, never);
  try {
    await storage.resize(length, never);
    await storage.flush(never);
  } finally {
    await storage.close();
  }
}

const changed = (file: string, offset: number): EngineError =>
  diskError(
    'disk.repair.changed',
    `${file} was changed after the repair, or is another image: its old bytes would not fit any more`,
    { data: { path: file, offset } },
  );
