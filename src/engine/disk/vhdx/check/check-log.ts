import type { ByteSource } from '../../../source/byte-source.ts';
import { describeDefect } from '../../inspect/defect.ts';
import { readField } from '../../inspect/fields.ts';
import type { InspectedLog } from '../inspect/inspect-log.ts';
import { decodeLogEntry } from '../log/log-entry.ts';
import type { VhdxHeader } from '../structures/header.ts';
import { MAX_LOG_ENTRY, MIB, PAGE } from '../structures/layout.ts';
import { LOG_ENTRY } from '../structures/log/log-fields.ts';
import type { VhdxDefect } from '../structures/vhdx-defect.ts';

/** Maximum number of bytes of a log that are searched. */
const MAX_SCAN = 16 * MIB;
const ABOUT = { structure: 'the log entry', section: 'MS-VHDX 2.3.2', severity: 'info' } as const;

/**
 * Yields the entries of a dirty log that a replay does not use, although they have its LogGuid: torn
 * by a crash, or older than the replay. An entry that wraps at the end of the ring is not judged.
 */
export async function* checkLog(
  file: ByteSource,
  header: VhdxHeader,
  { dirty, sequence }: InspectedLog,
  signal: AbortSignal,
): AsyncGenerator<VhdxDefect> {
  if (!dirty || sequence === undefined) return;
  const active = new Set(sequence.entries.map(({ offset }) => offset));
  const { logGuid, logOffset, logLength } = header;
  const length = Math.min(logLength, MAX_SCAN, file.size - logOffset);
  const bytes = new Uint8Array(length);
  await file.read(logOffset, bytes, signal);
  const ring = { logGuid, offset: logOffset, length: logLength };
  for (let at = 0; at + PAGE <= length; at += PAGE) {
    const entry = bytes.subarray(at);
    if (active.has(at) || readField(LOG_ENTRY.Signature, entry) !== 'loge') continue;
    if (readField(LOG_ENTRY.LogGuid, entry) !== logGuid) continue;
    const size = readField(LOG_ENTRY.EntryLength, entry);
    if (size > MAX_LOG_ENTRY || at + size > length) continue;
    const decoded = decodeLogEntry(entry.subarray(0, size), ring, logOffset + at);
    const offset = logOffset + at;
    if ('defect' in decoded) {
      yield {
        ...ABOUT,
        code: 'vhdx.log.tornEntry',
        offset,
        found: 'an entry that was not written as a whole',
        expected: 'a valid entry',
        text: `the log entry at ${offset} is not replayed: ${describeDefect(decoded.defect)}`,
      };
    } else {
      yield {
        ...ABOUT,
        code: 'vhdx.log.staleEntry',
        offset,
        found: `sequence number ${decoded.sequenceNumber}`,
        expected: 'an entry of the active sequence',
        text: `the log entry at ${offset} is older than the replay; its changes are in place`,
      };
    }
  }
}
