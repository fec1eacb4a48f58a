import { Buffer } from 'node:buffer';
import type { StartLength } from '../../../../base/range.ts';
import { Fields } from '../../../smb/codec/protocol/fields.ts';
import { written } from '../../../smb/codec/protocol/body.ts';
import type { Sender } from '../../../smb/contract/smb-errors.ts';
import { structure } from '../layout/structure.ts';

/** Request of QUERY_VIRTUAL_DISK_CHANGES. */
export const QUERY_CHANGES = structure(
  'SVHDX_TUNNEL_QUERY_VIRTUAL_DISK_CHANGES_REQUEST',
  '2.2.4.37',
  56,
  {
    targetId: [0, 'guid', 'TargetSnapshotId: the newer snapshot'],
    limitId: [16, 'guid', 'LimitSnapshotId: the older snapshot'],
    snapshotType: [32, 'u32', 'SnapshotType: 1'],
    offset: [40, 'size', 'ByteOffset'],
    length: [48, 'size', 'ByteLength'],
  },
);

const HEAD = structure('SVHDX_TUNNEL_QUERY_VIRTUAL_DISK_CHANGES_REPLY', '2.2.4.38', 16, {
  processed: [0, 'size', 'ProcessedByteLength'],
  count: [8, 'u32', 'RangeCount'],
});
/** Bytes of a range: offset, length, reserved. */
const RANGE_BYTES = 24;

export interface QueriedChanges {
  /** Bytes of the disk, from the offset of the request, that the answer covers. */
  readonly processed: number;
  readonly ranges: readonly StartLength[];
}

/** Number of ranges that fit into a buffer, without the tunnel header. */
export const rangesIn = (bytes: number): number =>
  Math.max(0, Math.floor((bytes - HEAD.size) / RANGE_BYTES));

export function encodeChanges({ processed, ranges }: QueriedChanges): Buffer {
  const list = written(RANGE_BYTES * ranges.length, (to) => {
    for (const { start, length } of ranges) to.u64(start).u64(length).u64(0);
  });
  return Buffer.concat([HEAD.encode({ processed, count: ranges.length }), list]);
}

/** Decodes an answer. Throws the code of the sender if fewer ranges follow than it counts. */
export function decodeChanges(bytes: Buffer, sender: Sender): QueriedChanges {
  const { processed, count } = HEAD.decode(bytes, sender);
  const fields = new Fields(bytes, HEAD.name, sender, HEAD.size);
  if (fields.remaining < RANGE_BYTES * count) {
    throw fields.wrong(`${count} ranges in ${fields.remaining} bytes`);
  }
  const ranges = Array.from({ length: count }, () => {
    const start = fields.size('ByteOffset');
    const length = fields.size('ByteLength');
    fields.skip(8);
    return { start, length };
  });
  return { processed, ranges };
}
