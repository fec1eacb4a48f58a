import { Buffer } from 'node:buffer';
import { Fields } from '../../../smb/codec/protocol/fields.ts';
import type { Sender } from '../../../smb/contract/smb-errors.ts';

/** Maximum bytes of a file name, its NUL included. */
const MAX_NAME_BYTES = 2 * 32_768;

/** Returns a file name as UTF-16LE with a NUL, as it follows a structure. */
export const encodeName = (name: string): Buffer => Buffer.from(`${name}\0`, 'utf16le');

/**
 * Decodes a file name of `length` bytes behind a structure; the NUL is optional. Throws the code of the
 * sender.
 */
export function decodeName(
  bytes: Uint8Array,
  offset: number,
  length: number,
  sender: Sender,
): string {
  const fields = new Fields(bytes, 'file name', sender, Math.min(offset, bytes.length));
  const text = fields.text(offset, length, 'the name', MAX_NAME_BYTES);
  return text.split('\0', 1)[0] ?? '';
}
