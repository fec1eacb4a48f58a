import { Buffer } from 'node:buffer';
import type { Sender } from '../../contract/smb-errors.ts';
import { Fields } from './fields.ts';

/*
 * The header of an encrypted message (MS-SMB2 2.2.41). The ciphertext follows.
 *
 *    0  FD 'SMB'          36  u32 size of the plain message
 *    4  tag, 16 bytes     42  u16 flags, 1 = encrypted
 *   20  nonce, 16 bytes   44  u64 session
 *
 * Bytes 20 to 51 are authenticated, not encrypted.
 */

export const TRANSFORM_BYTES = 52;
const PROTOCOL_ID = 0x424d_53fd;
const AUTHENTICATED_OFFSET = 20;
const ENCRYPTED = 1;

export interface TransformHeader {
  /** Tag of the ciphertext, 16 bytes. */
  readonly signature: Uint8Array;
  /** 16 bytes; a cipher uses the first 11 (CCM) or 12 (GCM). */
  readonly nonce: Uint8Array;
  /** Bytes of the plain message. */
  readonly originalSize: number;
  readonly sessionId: bigint;
}

export function encodeTransform(header: TransformHeader): Buffer {
  const bytes = Buffer.alloc(TRANSFORM_BYTES);
  bytes.writeUInt32LE(PROTOCOL_ID, 0);
  bytes.set(header.signature, 4);
  bytes.set(header.nonce, 20);
  bytes.writeUInt32LE(header.originalSize, 36);
  bytes.writeUInt16LE(ENCRYPTED, 42);
  bytes.writeBigUInt64LE(header.sessionId, 44);
  return bytes;
}

/**
 * Decodes the header at the start of an encrypted message of `length` bytes in all. Throws the
 * code of the sender, also if the size of the plain message is not that of the ciphertext.
 */
export function decodeTransform(
  bytes: Uint8Array,
  length: number,
  sender: Sender,
): TransformHeader {
  const fields = new Fields(bytes, 'SMB transform header', sender, 0);
  const protocol = fields.u32();
  if (protocol !== PROTOCOL_ID) throw fields.wrong("it does not begin with FD 'SMB'");
  const [signature, nonce] = [fields.bytes(16), fields.bytes(16)];
  const originalSize = fields.u32();
  const flags = fields.skip(2).u16();
  const sessionId = fields.u64();
  if (flags !== ENCRYPTED) throw fields.wrong(`Flags is ${flags}, expected ${ENCRYPTED}`);
  if (originalSize !== length - TRANSFORM_BYTES) {
    throw fields.wrong(
      `OriginalMessageSize is ${originalSize}, expected ${length - TRANSFORM_BYTES}`,
    );
  }
  return { signature, nonce, originalSize, sessionId };
}

/** Returns the authenticated part of the header. */
export const transformAad = (header: Buffer): Buffer =>
  header.subarray(AUTHENTICATED_OFFSET, TRANSFORM_BYTES);
