import { guidFromBytes, NIL_GUID } from '../../../base/guid.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import type { VhdxHeader } from '../../vhdx/structures/header.ts';
import { MIB, PAGE } from '../../vhdx/structures/layout.ts';
import { decodeLogEntry } from '../../vhdx/log/log-entry.ts';
import type { LogSequence } from '../../vhdx/log/log-sequence.ts';
import { fieldNodes } from '../model/fields.ts';
import type { Findings } from '../model/findings.ts';
import { load } from '../model/load.ts';
import { MAX_LISTED, moreNode, node, type FieldNode, type NodeState } from '../model/model.ts';
import { DATA_DESCRIPTOR, LOG_ENTRY, ZERO_DESCRIPTOR } from './vhdx-fields.ts';

/** Maximum number of bytes that are searched: logs of writers are one or a few MiB long. */
const MAX_SCAN = 16 * MIB;
const MAX_DESCRIPTORS = 16;
const LOGE = 0x65676f6c;
const HEADER = 64;
const DESCRIPTOR = 32;

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
  let found = 0;
  for (let at = 0; at < length; at += MIB) {
    const size = Math.min(MIB, length - at);
    const place = header.logOffset + at;
    const { bytes } = await load(file, place, size, 'the log', findings, signal);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let page = 0; page + PAGE <= bytes.length; page += PAGE) {
      if (view.getUint32(page, true) !== LOGE) continue;
      found++;
      if (nodes.length >= MAX_LISTED) continue;
      const part = bytes.subarray(page);
      nodes.push(entryNode(part, place + page, header, active.has(at + page)));
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
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(8, true);
  const count = view.getUint32(24, true);
  const { state, words } = judge(bytes, length, header, active);
  return node(`Entry ${view.getBigUint64(16, true)}`, {
    value: words,
    at: [offset, Math.max(PAGE, Math.min(length, bytes.length))],
    state,
    help: 'A log entry: changes that belong together (MS-VHDX 2.3.1)',
    children: [
      ...fieldNodes(LOG_ENTRY, bytes.subarray(0, HEADER), offset, {
        Checksum: active ? 'ok' : 'none',
      }),
      ...descriptorNodes(bytes, offset, count),
    ],
  });
}

function judge(
  bytes: Uint8Array,
  length: number,
  header: VhdxHeader,
  active: boolean,
): { readonly state: NodeState; readonly words: string } {
  if (active) return { state: 'ok', words: 'to be replayed' };
  const own = guidFromBytes(bytes.subarray(32, 48)) === header.logGuid;
  if (!own || header.logGuid === NIL_GUID) return { state: 'old', words: 'left over' };
  // An entry that continues behind the bytes read is not checked here; the search for the active
  // sequence did that.
  if (length > bytes.length) return { state: 'old', words: 'not part of the active sequence' };
  const ring = { logGuid: header.logGuid, offset: header.logOffset, length: header.logLength };
  const entry = decodeLogEntry(bytes.subarray(0, length), ring);
  return 'defect' in entry
    ? { state: 'bad', words: `not valid: ${entry.defect}` }
    : { state: 'old', words: 'not part of the active sequence' };
}

function descriptorNodes(bytes: Uint8Array, offset: number, count: number): readonly FieldNode[] {
  const there = Math.min(count, Math.floor((bytes.length - HEADER) / DESCRIPTOR));
  const nodes: FieldNode[] = [];
  for (let i = 0; i < Math.min(there, MAX_DESCRIPTORS); i++) {
    const at = HEADER + i * DESCRIPTOR;
    const part = bytes.subarray(at, at + DESCRIPTOR);
    const zero = part[0] === 'z'.charCodeAt(0);
    const children = fieldNodes(zero ? ZERO_DESCRIPTOR : DATA_DESCRIPTOR, part, offset + at);
    const target = children.find(({ label }) => label === 'FileOffset')?.value ?? '';
    nodes.push(
      node(`Descriptor ${i + 1}`, {
        value: `${zero ? 'zeros' : 'page'} at ${target}`,
        at: [offset + at, DESCRIPTOR],
        help: 'One change (MS-VHDX 2.3.1.2, 2.3.1.3)',
        children,
      }),
    );
  }
  return [...nodes, ...moreNode(there - nodes.length)];
}
