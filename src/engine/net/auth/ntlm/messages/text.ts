import { Buffer } from 'node:buffer';
import { hasFlag } from './flags.ts';

/** Encodes text as UTF-16LE. */
export function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le');
}

/** Decodes UTF-16LE. A last odd byte is ignored. */
export function fromUtf16(bytes: Buffer): string {
  return bytes.toString('utf16le');
}

/**
 * Decodes a name: UTF-16LE, or OEM text if the message does not have the flag UNICODE. The OEM
 * code page of the sender is unknown; names beyond ASCII are UNCONFIRMED.
 */
export function decodeName(bytes: Buffer, flags: number): string {
  return hasFlag(flags, 'unicode') ? fromUtf16(bytes) : bytes.toString('latin1');
}

/** Encodes a name as {@link decodeName} reads it. */
export function encodeName(text: string, flags: number): Buffer {
  return hasFlag(flags, 'unicode') ? utf16(text) : Buffer.from(text, 'latin1');
}
