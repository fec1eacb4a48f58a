import { NIL_GUID } from '../../../base/guid.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import { FIRST_LOGGED_OFFSET, HEADER_OFFSETS } from '../../vhdx/structures/layout.ts';
import { ReplayedSource } from '../../vhdx/log/log-replay.ts';
import type { LogSequence } from '../../vhdx/log/log-sequence.ts';
import type { Findings } from '../model/findings.ts';
import type { HeadAnatomy } from './head.ts';
import { logEntryNodes } from './log-entries.ts';
import { node, type FieldNode } from '../model/model.ts';

export interface LogAnatomy {
  readonly node: FieldNode | undefined;
  /** The file after replaying its log in memory; the file itself if there is nothing to replay. */
  readonly source: ByteSource;
}

const HELP =
  'Changes of the tables are written here first, so that a crash leaves them consistent (MS-VHDX 2.3)';

/**
 * Reads the log: whether it must be replayed, and its entries. Skips a log that cannot be replayed.
 */
export async function logAnatomy(
  file: ByteSource,
  { header, slot }: HeadAnatomy,
  findings: Findings,
  signal: AbortSignal,
): Promise<LogAnatomy> {
  if (header === undefined || slot === undefined || header.logLength === 0) {
    return { node: undefined, source: file };
  }
  const { logOffset, logLength, logGuid } = header;
  const dirty = logGuid !== NIL_GUID;
  const guidAt = HEADER_OFFSETS[slot] + 48;
  let source = file;
  let sequence: LogSequence | undefined;
  if (dirty) {
    try {
      const replayed = await ReplayedSource.open(file, header, signal);
      source = replayed;
      sequence = replayed.sequence;
      findings.add(
        'anatomy.log.dirty',
        'warning',
        `the log holds changes that are not in place yet: ${countOf(sequence)}, ` +
          `${replayed.replacedBytes} bytes. The structures show the state after them; the bytes are those of the file`,
        guidAt,
      );
    } catch (error) {
      findings.caught(error, logOffset);
    }
  } else if (logOffset + logLength > file.size) {
    findings.add(
      'vhdx.truncated',
      'error',
      `the log lies at [${logOffset}, ${logOffset + logLength}); the file ends at ${file.size}`,
      logOffset,
    );
  }
  const entries = await logEntryNodes(file, header, sequence, findings, signal);
  return { node: logNode(header, dirty, sequence, entries), source };
}

function logNode(
  { logOffset, logLength }: { readonly logOffset: number; readonly logLength: number },
  dirty: boolean,
  sequence: LogSequence | undefined,
  entries: readonly FieldNode[],
): FieldNode {
  const words = sequence === undefined ? 'cannot be replayed' : 'to be replayed';
  const summary: FieldNode[] = [
    node('State', {
      value: dirty ? words : 'clean',
      state: dirty && sequence === undefined ? 'bad' : 'ok',
      help: 'If the LogGuid in the current header is not zero, entries must be replayed (MS-VHDX 2.3.3)',
    }),
  ];
  if (sequence !== undefined) {
    summary.push(
      node('Active sequence', {
        value: `${countOf(sequence)}, the last with number ${sequence.sequenceNumber}`,
        help: `Entries that follow one another without a gap (MS-VHDX 2.3.2). Changes lie at ${FIRST_LOGGED_OFFSET} or later`,
      }),
    );
  }
  return node('Log', {
    value: dirty ? words : 'clean',
    at: [logOffset, logLength],
    state: dirty && sequence === undefined ? 'bad' : 'ok',
    help: HELP,
    children: [...summary, ...entries],
  });
}

const countOf = ({ entries: { length } }: LogSequence): string =>
  length === 1 ? '1 entry' : `${length} entries`;
