import { never } from '../../base/abort.ts';
import { alignUp } from '../../base/range.ts';
import type { ByteStorage } from '../../source/byte-source.ts';
import type { VhdxHeader } from './header.ts';
import { MAX_VIRTUAL_SIZE, MIB } from './layout.ts';
import { decodeLogEntry, type LogRing, type LogWrite } from './log-entry.ts';
import { findActiveSequence, type LogPlace, type LogSequence } from './log-sequence.ts';
import { readExactly } from './read-structures.ts';
import { vhdxError } from './vhdx-errors.ts';

const ZEROS = new Uint8Array(MIB);

/**
 * Applies the active sequence of a log to the file itself (MS-VHDX 2.3.3). Doing it again changes nothing, so
 * a crash in between does no harm as long as the header keeps its LogGuid. Does not flush.
 * Throws `vhdx.log.*`.
 */
export async function recoverLog(storage: ByteStorage, header: VhdxHeader): Promise<void> {
  const ring: LogRing = {
    logGuid: header.logGuid,
    offset: header.logOffset,
    length: header.logLength,
  };
  const sequence = await findSequence(storage, ring);
  if (storage.size < sequence.flushedFileOffset) {
    throw vhdxError(
      'vhdx.log.truncated',
      `the file has ${storage.size} bytes; its log says that it had ${sequence.flushedFileOffset}`,
      { data: { offset: storage.size, expected: sequence.flushedFileOffset } },
    );
  }
  for (const place of sequence.entries) {
    const entry = decodeLogEntry(await readRing(storage, ring, place), ring);
    if ('defect' in entry) {
      throw vhdxError(
        'vhdx.log.corrupt',
        `a log entry changed while it was read: ${entry.defect}`,
        {
          data: { offset: ring.offset + place.offset },
        },
      );
    }
    for (const write of entry.writes) await apply(storage, write);
  }
  await extend(storage, sequence.lastFileOffset);
}

async function findSequence(storage: ByteStorage, ring: LogRing): Promise<LogSequence> {
  const search = findActiveSequence(ring);
  let step = search.next();
  while (step.done !== true) step = search.next(await readRing(storage, ring, step.value));
  return step.value;
}

async function readRing(storage: ByteStorage, ring: LogRing, place: LogPlace): Promise<Uint8Array> {
  const first = Math.min(place.length, ring.length - place.offset);
  const at = ring.offset + place.offset;
  const head = await readExactly(storage, at, first, 'the log', never);
  if (first === place.length) return head;
  const bytes = new Uint8Array(place.length);
  bytes.set(head);
  bytes.set(await readExactly(storage, ring.offset, place.length - first, 'the log', never), first);
  return bytes;
}

async function apply(storage: ByteStorage, write: LogWrite): Promise<void> {
  if (write.kind === 'page') {
    await extend(storage, write.offset + write.bytes.length);
    await storage.write(write.offset, write.bytes, never);
    return;
  }
  // What lies beyond the end of the file becomes zero by extending it.
  const end = Math.min(write.offset + write.length, storage.size);
  for (let at = write.offset; at < end; at += ZEROS.length) {
    await storage.write(at, ZEROS.subarray(0, Math.min(ZEROS.length, end - at)), never);
  }
  await extend(storage, write.offset + write.length);
}

async function extend(storage: ByteStorage, size: number): Promise<void> {
  if (size <= storage.size) return;
  if (size > 2 * MAX_VIRTUAL_SIZE) {
    throw vhdxError(
      'vhdx.log.corrupt',
      `the log wants a file of ${size} bytes, more than any VHDX has`,
      {
        data: { offset: size, expected: 2 * MAX_VIRTUAL_SIZE },
      },
    );
  }
  await storage.resize(alignUp(size, MIB), never);
}
