import { Buffer } from 'node:buffer';
import type { Guid } from '../../../../base/guid.ts';
import type { Sender } from '../../../smb/contract/smb-errors.ts';
import { decodeName, encodeName } from '../layout/name-part.ts';
import { structure } from '../layout/structure.ts';

const EXTRACT = structure('SVHDX_META_OPERATION_EXTRACT', '2.2.4.17.2', 48, {
  snapshotType: [0, 'u32', 'SnapshotType'],
  flags: [8, 'u32', 'Flags: 1 deletes the VHD Set when it is closed'],
  sourceId: [12, 'guid', 'SourceSnapshotId'],
  limitId: [28, 'guid', 'SourceLimitSnapshotId; zero: the whole disk'],
  nameLength: [44, 'u32', 'DestinationVhdNameLength in bytes, its NUL included'],
});

export interface Extract {
  readonly snapshotType: number;
  readonly flags: number;
  readonly sourceId: Guid;
  readonly limitId: Guid;
  /** File name beside the set; empty if none was sent. */
  readonly name: string;
}

export function encodeExtract({ name, ...values }: Extract): Buffer {
  const text = encodeName(name);
  return Buffer.concat([EXTRACT.encode({ ...values, nameLength: text.length }), text]);
}

export function decodeExtract(bytes: Buffer, sender: Sender): Extract {
  const { nameLength, ...values } = EXTRACT.decode(bytes, sender);
  return { ...values, name: decodeName(bytes, EXTRACT.size, nameLength, sender) };
}
