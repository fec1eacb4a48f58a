import fs from 'node:fs/promises';
import path from 'node:path';
import { isEngineError } from '../../base/errors.ts';
import { never } from '../../base/abort.ts';
import { createFilePart } from '../../source/files/file-part.ts';
import { FileSource } from '../../source/files/file-source.ts';
import { FileStorage } from '../../source/files/file-storage.ts';
import type { FileEnvironment } from '../../source/platform/file-environment.ts';
import { diskError } from '../virtual/disk-errors.ts';
import type { Draft } from './draft.ts';
import { imageState } from './image-state.ts';
import { readUndoHead, UndoWriter } from './undo-record.ts';

interface Within {
  readonly environment?: FileEnvironment;
}

const ENDING = '.undo';

/**
 * Writes the changes of a draft into its file. The old bytes are durable in an undo record beside
 * the file before the first change; after a crash at any moment the record brings them back. Returns
 * the path of the record. Throws `disk.repair.unfinished` if an earlier repair was interrupted.
 */
export async function applyInPlace(
  file: string,
  draft: Draft,
  within: Within,
  signal: AbortSignal,
): Promise<string> {
  await refuseUnfinished(file, signal);
  const storage = await FileStorage.open(file, within, signal);
  let record: string;
  try {
    record = await writeRecord(storage, draft, within, signal);
    // From here on an interruption would only leave half a repair.
    for await (const { offset, bytes } of draft.changes(never)) {
      await storage.write(offset, bytes, never);
    }
    if (storage.size < draft.size) await storage.resize(draft.size, never);
    await storage.flush(never);
  } finally {
    await storage.close();
  }
  await finishRecord(record, await imageState(file), within);
  return record;
}

async function writeRecord(
  storage: FileStorage,
  draft: Draft,
  within: Within,
  signal: AbortSignal,
): Promise<string> {
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const record = `${storage.name}.${stamp}${ENDING}`;
  const part = await createFilePart(record, within, signal);
  try {
    const writer = new UndoWriter(part);
    for await (const { offset, bytes } of draft.changes(signal)) {
      const before = new Uint8Array(bytes.length);
      const there = Math.max(0, Math.min(bytes.length, storage.size - offset));
      if (there > 0) await storage.read(offset, before.subarray(0, there), signal);
      await writer.add({ offset, before, after: bytes }, signal);
    }
    const image = path.basename(storage.name);
    const sizes = { sizeBefore: storage.size, sizeAfter: Math.max(storage.size, draft.size) };
    await writer.finish({ image, ...sizes }, signal);
    return record;
  } catch (error) {
    await part.abandon();
    throw error;
  }
}

/** Appends the state of the repaired image, so that a later change of it is noticed. */
async function finishRecord(record: string, state: string, within: Within): Promise<void> {
  const storage = await FileStorage.open(record, within, never);
  try {
    await storage.write(storage.size, Buffer.from(`${JSON.stringify({ state })}\n`), never);
    await storage.flush(never);
  } finally {
    await storage.close();
  }
}

/** Throws `disk.repair.unfinished` if a record of an interrupted repair lies beside the file. */
async function refuseUnfinished(file: string, signal: AbortSignal): Promise<void> {
  const folder = path.dirname(file);
  for (const name of await fs.readdir(folder)) {
    if (!name.startsWith(`${path.basename(file)}.`) || !name.endsWith(ENDING)) continue;
    const record = path.join(folder, name);
    if (!(await isUnfinished(record, signal))) continue;
    throw diskError(
      'disk.repair.unfinished',
      `A repair of ${file} was interrupted: undo it first by its record ${record}`,
      { data: { path: file, record } },
    );
  }
}

async function isUnfinished(record: string, signal: AbortSignal): Promise<boolean> {
  const source = await FileSource.open(record, signal);
  try {
    return !(await readUndoHead(source, signal)).end.endsWith('\n');
  } catch (error) {
    // Another program may use the same ending.
    if (isEngineError(error, 'disk.repair.record')) return false;
    throw error;
  } finally {
    await source.close();
  }
}
