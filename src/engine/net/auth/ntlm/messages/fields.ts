/**
 * Header and fields of NTLM messages (MS-NLMP 2.2). All numbers are little-endian. A field is
 * `u16 length | u16 maximum length | u32 offset` and refers to the payload after the fixed header.
 * Every length and offset is checked against the message before it is used.
 */
import { Buffer } from 'node:buffer';
import { authError } from '../../contract/auth-errors.ts';

const SIGNATURE = Buffer.from('NTLMSSP\0', 'latin1');

/** Maximum length of a message: longer ones do not occur, since a field has at most 65,535 bytes. */
const MAX_MESSAGE = 0x10000;

/** Version of the sender: 10.0, build 17763, NTLM revision 15. Debugging only (MS-NLMP 2.2.2.10). */
export const VERSION = Buffer.from('0a0063450000000f', 'hex');

export type MessageType = 1 | 2 | 3;

const TYPE_NAMES = ['', 'NEGOTIATE', 'CHALLENGE', 'AUTHENTICATE'] as const;

/** Whether a token is an NTLM message that is not wrapped in SPNEGO. */
export function isNtlmMessage(token: Uint8Array): boolean {
  return SIGNATURE.equals(token.subarray(0, SIGNATURE.length));
}

/** Returns an `http.auth.token` error that names the message. */
export function messageError(type: MessageType, found: string): Error {
  const message = `NTLM ${TYPE_NAMES[type]} message`;
  return authError('http.auth.token', `Invalid ${message}: ${found}`, {
    data: { structure: message, found },
  });
}

/**
 * Checks signature, type and length of a message. Throws `http.auth.token`.
 * @param headerLength length of the shortest valid header, in bytes.
 */
export function checkHeader(message: Buffer, type: MessageType, headerLength: number): void {
  if (!isNtlmMessage(message)) {
    throw messageError(type, 'it does not begin with “NTLMSSP”');
  }
  if (message.length < headerLength || message.length > MAX_MESSAGE) {
    throw messageError(
      type,
      `expected ${headerLength} to ${MAX_MESSAGE} bytes, found ${message.length}`,
    );
  }
  const found = message.readUInt32LE(8);
  if (found !== type) throw messageError(type, `expected type ${type}, found ${found}`);
}

/**
 * Returns the payload of the field at offset `at`, as a view. An empty field may have any offset.
 * Throws `http.auth.token` if the payload does not lie between the header and the message's end.
 */
export function readField(
  message: Buffer,
  type: MessageType,
  at: number,
  name: string,
  headerLength: number,
): Buffer {
  const length = message.readUInt16LE(at);
  if (length === 0) return message.subarray(0, 0);
  const offset = message.readUInt32LE(at + 4);
  if (offset < headerLength || offset + length > message.length) {
    throw messageError(
      type,
      `${name} has ${length} bytes at ${offset}; expected a place between ${headerLength} and ${message.length}`,
    );
  }
  return message.subarray(offset, offset + length);
}

/** A field to write: the place of its descriptor, and its payload. */
export interface FieldToWrite {
  readonly at: number;
  readonly payload: Buffer;
}

/** Returns a message with its header, and the payloads of the fields in the given order. */
export function buildMessage(
  type: MessageType,
  headerLength: number,
  fields: readonly FieldToWrite[],
): Buffer {
  const total = fields.reduce((sum, { payload }) => sum + payload.length, headerLength);
  const message = Buffer.alloc(total);
  SIGNATURE.copy(message);
  message.writeUInt32LE(type, 8);
  let offset = headerLength;
  for (const { at, payload } of fields) {
    message.writeUInt16LE(payload.length, at);
    message.writeUInt16LE(payload.length, at + 2);
    message.writeUInt32LE(offset, at + 4);
    payload.copy(message, offset);
    offset += payload.length;
  }
  return message;
}
