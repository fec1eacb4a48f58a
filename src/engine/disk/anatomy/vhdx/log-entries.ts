import { NIL_GUID } from '../../../base/guid.ts';
import { isEngineError } from '../../../base/errors.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import { describeDefect, type Defect } from '../../inspect/defect.ts';
import { fieldNodes } from '../../inspect/field-nodes.ts';
import { readField, sizeOf } from '../../inspect/fields.ts';
import type { Findings } from '../../inspect/findings.ts';
import { MAX_LISTED, moreNode, node, type FieldNode, type NodeState } from '../../inspect/model.ts';
import { decodeLogEntry } from '../../vhdx/log/log-entry.ts';
import type { LogSequence } from '../../vhdx/log/log-sequence.ts';
import type { VhdxHeader } from '../../vhdx/structures/header.ts';
import { MIB, PAGE } from '../../vhdx/structures/layout.ts';
import {
  DATA_DESCRIPTOR,
  LOG_ENTRY,
  ZERO_DESCRIPTOR,
} from '../../vhdx/structures/log/log-fields.ts';

/** Maximum number of bytes that are searched: logs of writers are one or a few MiB long. */
const MAX_SCAN = 16 * MIB;
const MAX_DESCRIPTORS = 16;
const LOGE = 0x65676f6c;
const HEADER = sizeOf(LOG_ENTRY);
const DESCRIPTOR = sizeOf(DATA_DESCRIPTOR);

/** Returns the entries found in the log, including stale ones. */
export async function logEntryNodes(
  file: ByteSource,
  header: VhdxHeader,
  sequence: LogSequence | undefined,
  findings: Findings,
  signal: AbortSignal,
): Promise<readonly FieldNode[]> {
  const active = new Set(sequence?.entries.map(({ offset }) => offset));
  const length = Math.min(header.logLength, MAX_SCAN, Math.max(0, file.size - header.logOffset));
  const nodes: FieldNode[] = [];
  const bytes = Buffer.alloc(Math.min(MIB, length));
  let found = 0;
  for (let at = 0; at < length; at += MIB) {
    const part = bytes.subarray(0, Math.min(MIB, length - at));
    const place = header.logOffset + at;
    try {
      await file.read(place, part, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isEngineError(error)) throw error;
      findings.caught(error, place);
      continue;
    }
    for (let page = 0; page + PAGE <= part.length; page += PAGE) {
      if (part.readUInt32LE(page) !== LOGE) continue;
      found++;
      if (nodes.length >= MAX_LISTED) continue;
      nodes.push(entryNode(part.subarray(page), place + page, header, active.has(at + page)));
    }
  }
  return [...nodes, ...moreNode(found - nodes.length)];
}

function entryNode(
  bytes: Uint8Array,
  offset: number,
  header: VhdxHeader,
  active: boolean,
): FieldNode {
  const length = readField(LOG_ENTRY.EntryLength, bytes);
  const count = readField(LOG_ENTRY.DescriptorCount, bytes);
  const { state, words, defects } = judge(bytes, offset, length, header, active);
  return node(`Entry ${readField(LOG_ENTRY.SequenceNumber, bytes)}`, {
    value: words,
    at: [offset, Math.max(PAGE, Math.min(length, bytes.length))],
    state,
    help: 'A log entry: changes that belong together (MS-VHDX 2.3.1)',
    children: [
      ...fieldNodes(LOG_ENTRY, bytes.subarray(0, HEADER), offset, defects),
      ...descriptorNodes(bytes, offset, count, defects),
    ],
  });
}

interface Judgement {
  readonly state: NodeState;
  readonly words: string;
  readonly defects: readonly Defect[];
}

function judge(
  bytes: Uint8Array,
  offset: number,
  length: number,
  header: VhdxHeader,
  active: boolean,
): Judgement {
  const about = (state: NodeState, words: string): Judgement => ({ state, words, defects: [] });
  if (active) return about('ok', 'to be replayed');
  const own = readField(LOG_ENTRY.LogGuid, bytes) === header.logGuid;
  if (!own || header.logGuid === NIL_GUID) return about('old', 'left over');
  // An entry that continues behind the bytes read is not checked here; the search for the active
  // sequence did that.
  if (length > bytes.length) return about('old', 'not part of the active sequence');
  const ring = { logGuid: header.logGuid, offset: header.logOffset, length: header.logLength };
  const entry = decodeLogEntry(bytes.subarray(0, length), ring, offset);
  if (!('defect' in entry)) return about('old', 'not part of the active sequence');
  const words = `not valid: ${describeDefect(entry.defect)}`;
  return { state: 'bad', words, defects: [entry.defect] };
}

function descriptorNodes(
  bytes: Uint8Array,
  offset: number,
  count: number,
  defects: readonly Defect[],
): readonly FieldNode[] {
  const there = Math.min(count, Math.floor((bytes.length - HEADER) / DESCRIPTOR));
  const nodes: FieldNode[] = [];
  for (let i = 0; i < Math.min(there, MAX_DESCRIPTORS); i++) {
    const at = HEADER + i * DESCRIPTOR;
    const part = bytes.subarray(at, at + DESCRIPTOR);
    const zero = readField(ZERO_DESCRIPTOR.Signature, part) === 'zero';
    const table = zero ? ZERO_DESCRIPTOR : DATA_DESCRIPTOR;
    nodes.push(
      node(`Descriptor ${i + 1}`, {
        value: `${zero ? 'zeros' : 'page'} at ${readField(DATA_DESCRIPTOR.FileOffset, part)}`,
        at: [offset + at, DESCRIPTOR],
        help: 'One change (MS-VHDX 2.3.1.2, 2.3.1.3)',
        children: fieldNodes(table, part, offset + at, defects),
      }),
    );
  }
  return [...nodes, ...moreNode(there - nodes.length)];
}
