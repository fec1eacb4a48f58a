/**
 * NEGOTIATE message (type 1, MS-NLMP 2.2.1.1):
 * `signature | u32 1 | u32 flags | field Domain at 16 | field Workstation at 24 | version at 32`.
 * Domain and Workstation are hints that servers ignore.
 */
import type { Buffer } from 'node:buffer';
import { buildMessage, checkHeader, VERSION } from './fields.ts';
import { utf16 } from './text.ts';

const HEADER = 40;
/** Old clients end after the flags. */
const SHORTEST = 16;
const FLAGS_AT = 12;

export function encodeNegotiate(flags: number): Buffer {
  const empty = utf16('');
  const message = buildMessage(1, HEADER, [
    { at: 16, payload: empty },
    { at: 24, payload: empty },
  ]);
  message.writeUInt32LE(flags, FLAGS_AT);
  VERSION.copy(message, 32);
  return message;
}

/** Returns the flags of a message. Throws `http.auth.token`. */
export function parseNegotiate(message: Buffer): { readonly flags: number } {
  checkHeader(message, 1, SHORTEST);
  return { flags: message.readUInt32LE(FLAGS_AT) };
}
