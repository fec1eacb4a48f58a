import { Buffer } from 'node:buffer';
import type { Sender } from '../../../smb/contract/smb-errors.ts';
import { decodeName, encodeName } from '../layout/name-part.ts';
import { structure } from '../layout/structure.ts';

const CONVERT = structure('SVHDX_META_OPERATION_CONVERT_TO_VHDSET', '2.2.4.17.3', 4, {
  nameLength: [0, 'u32', 'DestinationVhdSetNameLength in bytes, its NUL included'],
});

/** @param name file name beside the disk, ends with `.vhds` */
export function encodeConvert(name: string): Buffer {
  const text = encodeName(name);
  return Buffer.concat([CONVERT.encode({ nameLength: text.length }), text]);
}

/** Returns the name; empty if none was sent. */
export function decodeConvert(bytes: Buffer, sender: Sender): string {
  const { nameLength } = CONVERT.decode(bytes, sender);
  return decodeName(bytes, CONVERT.size, nameLength, sender);
}
