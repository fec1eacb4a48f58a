import type { Buffer } from 'node:buffer';
import { named, type Fact } from '../../../smb/client/record/fact-lines.ts';
import { removed } from '../../../smb/client/record/command-words.ts';
import { decodeChanges } from '../../codec/changes/query-changes.ts';
import { SNAPSHOT_TYPE } from '../../codec/meta/create-snapshot.ts';
import {
  creationTime,
  decodeSnapshotList,
  OPTIMIZE_NEEDED,
  SET_INFORMATION,
  SET_QUERY,
  SNAPSHOT_ENTRY,
} from '../../codec/snapshots/set-information.ts';
import { structureFacts } from './structure-facts.ts';

/** Maximum number of snapshots and ranges in the facts of one answer. */
const MAX_SHOWN = 20;

/** Facts of VHDSET_QUERY_INFORMATION, with the reader of its answer, whose form the request decides. */
export function setQueryFacts(payload: Buffer): {
  facts: Fact[];
  name: string;
  answer: (payload: Buffer) => Fact[];
} {
  const query = SET_QUERY.decode(payload, 'smb.request');
  const name = named(query.type, SET_INFORMATION);
  const snapshotType = query.snapshotType === 0 ? '0' : named(query.snapshotType, SNAPSHOT_TYPE);
  const facts = structureFacts(SET_QUERY, query, { type: name, snapshotType });
  return { facts, name, answer: (found) => answerFacts(query.type, found) };
}

function answerFacts(type: number, payload: Buffer): Fact[] {
  const { snapshotEntry, cdpRoot, optimizeNeeded } = SET_INFORMATION;
  if (type === snapshotEntry || type === cdpRoot) {
    const entry = SNAPSHOT_ENTRY.decode(payload, 'smb.answer');
    const created = new Date(creationTime(entry.created));
    const time = Number.isNaN(created.getTime()) ? String(entry.created) : created.toISOString();
    return structureFacts(SNAPSHOT_ENTRY, entry, { created: time });
  }
  if (type === optimizeNeeded) {
    return structureFacts(OPTIMIZE_NEEDED, OPTIMIZE_NEEDED.decode(payload, 'smb.answer'));
  }
  const { count, ids } = decodeSnapshotList(payload, 'smb.answer');
  return [
    ['NumberOfSnapshots', String(count)],
    ['SnapshotIds', ids === undefined ? 'a larger buffer is needed' : shown(ids)],
  ];
}

/** Facts of the answer of QUERY_VIRTUAL_DISK_CHANGES: places of changes, not their contents. */
export function changesFacts(payload: Buffer): Fact[] {
  const { processed, ranges } = decodeChanges(payload, 'smb.answer');
  const bytes = ranges.reduce((sum, { length }) => sum + length, 0);
  return [
    ['ProcessedByteLength', `${processed} bytes`],
    ['RangeCount', `${ranges.length}, ${bytes} bytes in all`],
    ['ranges', shown(ranges.map(({ start, length }) => `${length} bytes at ${start}`))],
  ];
}

function shown(values: readonly string[]): string {
  if (values.length === 0) return 'none';
  return [...values.slice(0, MAX_SHOWN), ...(values.length > MAX_SHOWN ? ['…'] : [])].join(', ');
}

/** Stands in for a payload without a decoder. */
export const removedPayload = (payload: Buffer): Fact[] =>
  payload.length === 0 ? [] : [['payload', removed(payload.length)]];
