import type { ByteSource } from '../../../source/byte-source.ts';
import type { Findings } from '../../inspect/findings.ts';
import { node, type FieldNode } from '../../inspect/model.ts';
import type { InspectedLog } from '../../vhdx/inspect/inspect-log.ts';
import type { LogSequence } from '../../vhdx/log/log-sequence.ts';
import type { VhdxHeader } from '../../vhdx/structures/header.ts';
import { FIRST_LOGGED_OFFSET } from '../../vhdx/structures/layout.ts';
import { logEntryNodes } from './log-entries.ts';

const HELP =
  'Changes of the tables are written here first, so that a crash leaves them consistent (MS-VHDX 2.3)';

/** Returns the node of the log: whether it must be replayed, and its entries. */
export async function logNode(
  file: ByteSource,
  header: VhdxHeader,
  { dirty, sequence }: InspectedLog,
  findings: Findings,
  signal: AbortSignal,
): Promise<FieldNode> {
  const entries = await logEntryNodes(file, header, sequence, findings, signal);
  const words = sequence === undefined ? 'cannot be replayed' : 'to be replayed';
  const bad = dirty && sequence === undefined;
  const summary: FieldNode[] = [
    node('State', {
      value: dirty ? words : 'clean',
      state: bad ? 'bad' : 'ok',
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
    at: [header.logOffset, header.logLength],
    state: bad ? 'bad' : 'ok',
    help: HELP,
    children: [...summary, ...entries],
  });
}

const countOf = ({ entries: { length } }: LogSequence): string =>
  length === 1 ? '1 entry' : `${length} entries`;
