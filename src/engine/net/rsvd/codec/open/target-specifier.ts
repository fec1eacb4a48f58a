import { Buffer } from 'node:buffer';
import type { Guid } from '../../../../base/guid.ts';
import { CREATE_CONTEXT } from '../../../smb/codec/files/create-context-kinds.ts';
import type { CreateContext } from '../../../smb/codec/files/create-contexts.ts';
import { Fields } from '../../../smb/codec/protocol/fields.ts';
import type { Sender } from '../../../smb/contract/smb-errors.ts';
import { structure } from '../layout/structure.ts';

/*
 * RSVD_TARGET_SPECIFIER_EA: the extended attribute that selects a snapshot, in the context `ExtA` as one
 * FILE_FULL_EA_INFORMATION (MS-FSCC 2.4.15).
 *
 *   u32 next 0, u8 flags, u8 24, u16 24, name with NUL, then the value
 */
const NAME = 'RSVD_TARGET_SPECIFIER_EA';
const NEED_EA = 0x80;
const HEAD = 8;
const VALUE_AT = HEAD + NAME.length + 1;

const VALUE = structure('RSVD_BLOCK_DEVICE_TARGET_SPECIFIER', '2.2.4.34', 24, {
  namespace: [0, 'u32', 'RsvdBlockDeviceTargetNamespace: 0, a snapshot'],
  snapshotType: [4, 'u32', 'SnapshotType: 1 VM, 4 writeable'],
  snapshotId: [8, 'guid', 'SnapshotID'],
});

export interface TargetSpecifier {
  readonly namespace: number;
  readonly snapshotType: number;
  readonly snapshotId: Guid;
}

export function encodeTargetSpecifier(target: TargetSpecifier): CreateContext {
  const data = Buffer.alloc(VALUE_AT + VALUE.size);
  data.writeUInt8(NEED_EA, 4);
  data.writeUInt8(NAME.length, 5);
  data.writeUInt16LE(VALUE.size, 6);
  data.write(NAME, HEAD, 'latin1');
  data.set(VALUE.encode(target), VALUE_AT);
  return { name: CREATE_CONTEXT.extendedAttributes, data };
}

/** Returns the target of a list of attributes; undefined if it has another attribute first. */
export function decodeTargetSpecifier(data: Buffer, sender: Sender): TargetSpecifier | undefined {
  const fields = new Fields(data, 'extended attribute', sender, 0).skip(5);
  const [nameLength, valueLength] = [fields.u8(), fields.u16()];
  const name = fields.bytes(nameLength).toString('latin1');
  if (name.toUpperCase() !== NAME) return undefined;
  return VALUE.decode(fields.skip(1).bytes(valueLength), sender);
}
