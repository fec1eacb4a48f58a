import { isEngineError } from '../../../base/errors.ts';
import { NIL_GUID } from '../../../base/guid.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import { ReplayedSource } from '../log/log-replay.ts';
import type { LogSequence } from '../log/log-sequence.ts';
import { HEADER, type ChosenHeader } from '../structures/header.ts';
import { HEADER_OFFSETS } from '../structures/layout.ts';
import type { VhdxDefect } from '../structures/vhdx-defect.ts';

/** Whether the log must be replayed, and the file after that. */
export interface InspectedLog {
  readonly dirty: boolean;
  /** Undefined if there is nothing to replay, or it cannot be replayed. */
  readonly sequence: LogSequence | undefined;
  /** The file after replaying its log in memory; the file itself if that is not possible. */
  readonly source: ByteSource;
  readonly defects: readonly VhdxDefect[];
}

const SECTION = 'MS-VHDX 2.3.3';

export async function inspectLog(
  file: ByteSource,
  chosen: ChosenHeader | undefined,
  signal: AbortSignal,
): Promise<InspectedLog> {
  const dirty = chosen !== undefined && chosen.header.logGuid !== NIL_GUID;
  if (chosen === undefined || !dirty || chosen.header.logLength === 0) {
    return { dirty, sequence: undefined, source: file, defects: [] };
  }
  const { header, slot } = chosen;
  try {
    const source = await ReplayedSource.open(file, header, signal);
    const { sequence, replacedBytes } = source;
    const { length } = sequence.entries;
    const entries = length === 1 ? '1 entry' : `${length} entries`;
    const defect: VhdxDefect = {
      code: 'vhdx.log.dirty',
      severity: 'warning',
      structure: 'the log',
      field: 'LogGuid',
      offset: HEADER_OFFSETS[slot] + HEADER.LogGuid.offset,
      found: header.logGuid,
      expected: 'zero: nothing to replay',
      section: SECTION,
      text:
        `the log holds changes that are not in place yet: ${entries}, ${replacedBytes} bytes. ` +
        'The structures are those after a replay',
    };
    return { dirty, sequence, source, defects: [defect] };
  } catch (error) {
    signal.throwIfAborted();
    if (!isEngineError(error)) throw error;
    const { code, message } = error;
    const defect: VhdxDefect = {
      code,
      error: isEngineError(error, 'vhdx.log.truncated') ? 'vhdx.log.truncated' : 'vhdx.log.corrupt',
      structure: 'the log',
      // A log that cannot be in the file has no place there.
      offset:
        header.logOffset < file.size
          ? header.logOffset
          : HEADER_OFFSETS[slot] + HEADER.LogOffset.offset,
      found: 'no sequence of entries that can be replayed',
      expected: 'the sequence that LogGuid names',
      section: SECTION,
      text: message,
    };
    return { dirty, sequence: undefined, source: file, defects: [defect] };
  }
}
