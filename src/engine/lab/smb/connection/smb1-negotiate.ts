import { DIALECT } from '../../../net/smb/codec/protocol/constants.ts';

/*
 * NEGOTIATE of SMB 1 (MS-CIFS 2.2.4.52.1), with which a client may ask whether a server knows SMB 2:
 *   FF 'SMB', u8 command 0x72, 27 bytes; u8 words, 0; u16 bytes; per dialect u8 2 and a text with a zero
 */

const HEADER = 32;
const NEGOTIATE = 0x72;
const DIALECT_MARK = 2;
const MAX_DIALECTS = 64;

export const isSmb1 = (frame: Buffer): boolean =>
  frame.length > HEADER && frame.readUInt32BE(0) === 0xff53_4d42;

/**
 * Returns the dialect that answers the negotiation; undefined if the client does not know SMB 2, or the
 * message is anything else.
 */
export function dialectOfSmb1(frame: Buffer): number | undefined {
  if (!isSmb1(frame) || frame[4] !== NEGOTIATE || frame[HEADER] !== 0) return undefined;
  if (frame.length < HEADER + 3) return undefined;
  const length = frame.readUInt16LE(HEADER + 1);
  const bytes = frame.subarray(HEADER + 3, HEADER + 3 + length);
  const names: string[] = [];
  for (let at = 0; at < bytes.length && names.length < MAX_DIALECTS;) {
    const end = bytes.indexOf(0, at);
    if (bytes[at] !== DIALECT_MARK || end < 0) return undefined;
    names.push(bytes.toString('latin1', at + 1, end));
    at = end + 1;
  }
  if (names.includes('SMB 2.???')) return DIALECT.wildcard;
  return names.includes('SMB 2.002') ? DIALECT.smb202 : undefined;
}
