import { Buffer } from 'node:buffer';
import type { Guid } from '../../../../base/guid.ts';
import { Fields } from '../../../smb/codec/protocol/fields.ts';
import type { Sender } from '../../../smb/contract/smb-errors.ts';
import { written } from '../../../smb/codec/protocol/body.ts';
import { structure } from '../layout/structure.ts';

export const SET_INFORMATION = {
  snapshotList: 2,
  snapshotEntry: 5,
  optimizeNeeded: 8,
  cdpRoot: 9,
  cdpActive: 0x0a,
  cdpInactive: 0x0c,
} as const;

/** Request of VHDSET_QUERY_INFORMATION. */
export const SET_QUERY = structure('SVHDX_VHDSET_QUERY_INFORMATION_REQUEST', '2.2.4.19', 24, {
  type: [0, 'u32', 'VHDSetInformationType'],
  snapshotType: [4, 'u32', 'SnapshotType'],
  snapshotId: [8, 'guid', 'SnapshotId'],
});

const LIST = structure('VHDSET_SNAPSHOT_LIST_RESPONSE', '2.2.4.20', 16, {
  type: [0, 'u32', 'VHDSetInformationType'],
  isComplete: [8, 'u8', 'ResponseComplete: the ids follow'],
  count: [12, 'u32', 'NumberOfSnapshots'],
});

/** Answer about one snapshot. */
export const SNAPSHOT_ENTRY = structure('VHDSET_SNAPSHOT_ENTRY_RESPONSE', '2.2.4.21', 72, {
  type: [0, 'u32', 'VHDSetInformationType'],
  created: [8, 'u64', 'SnapshotCreationTime; its unit is UNCONFIRMED'],
  snapshotType: [16, 'u32', 'SnapshotType'],
  isValid: [20, 'u32', 'IsValidSnapshot'],
  snapshotId: [24, 'guid', 'SnapshotId'],
  parentId: [40, 'guid', 'ParentSnapshotId; zero for VM snapshots'],
  logId: [56, 'guid', 'LogFileId; zero for VM snapshots'],
});

/** Answer whether optimizing would free space. */
export const OPTIMIZE_NEEDED = structure('VHDSET_OPTIMIZE_NEEDED_RESPONSE', '2.2.4.22', 12, {
  type: [0, 'u32', 'VHDSetInformationType'],
  isNeeded: [8, 'u32', 'OptimizeNeeded'],
});

export interface SnapshotList {
  /** Number of snapshots, also if their ids did not fit. */
  readonly count: number;
  /** undefined: a larger buffer is needed. */
  readonly ids: readonly Guid[] | undefined;
}

export const listBytes = (count: number): number => LIST.size + 16 * count;

export function encodeSnapshotList({ count, ids }: SnapshotList): Buffer {
  // The server's text says that the type is always 2.
  const type = SET_INFORMATION.snapshotList;
  const head = LIST.encode({ type, isComplete: ids === undefined ? 0 : 1, count });
  const tail = written(16 * (ids?.length ?? 0), (to) => {
    for (const id of ids ?? []) to.guid(id);
  });
  return Buffer.concat([head, tail]);
}

/** Decodes a list. Throws the code of the sender if fewer ids follow than it counts. */
export function decodeSnapshotList(bytes: Buffer, sender: Sender): SnapshotList {
  const { isComplete, count } = LIST.decode(bytes, sender);
  if (isComplete === 0) return { count, ids: undefined };
  const fields = new Fields(bytes, LIST.name, sender, LIST.size);
  if (fields.remaining < 16 * count) {
    throw fields.wrong(`${count} snapshots in ${fields.remaining} bytes`);
  }
  return { count, ids: Array.from({ length: count }, () => fields.guid()) };
}

/** FILETIMEs of this century are above it, milliseconds since 1970 far below. */
const FILETIME_FROM = 10n ** 17n;
const FILETIME_EPOCH_MS = 11_644_473_600_000n;

/**
 * Returns a creation time in milliseconds since 1970. The specification says that this is its unit,
 * other decoders read a FILETIME: its magnitude decides (UNCONFIRMED).
 */
export function creationTime(value: bigint): number {
  const ms = value >= FILETIME_FROM ? value / 10_000n - FILETIME_EPOCH_MS : value;
  return Number(BigInt.asIntN(53, ms));
}

/** Returns the FILETIME of milliseconds since 1970. */
export const fileTimeOf = (ms: number): bigint => (BigInt(ms) + FILETIME_EPOCH_MS) * 10_000n;
