/**
 * AUTHENTICATE message (type 3, MS-NLMP 2.2.1.3): `signature | u32 3 | fields LmResponse at 12,
 * NtResponse 20, Domain 28, User 36, Workstation 44, EncryptedRandomSessionKey 52 | u32 flags at 60 |
 * version 64 | 16 bytes MIC 72`. Old clients omit the MIC, and older ones the version.
 */
import { Buffer } from 'node:buffer';
import { buildMessage, checkHeader, messageError, readField, VERSION } from './fields.ts';
import { decodeName, encodeName } from './text.ts';

const FLAGS_AT = 60;
const MIC_AT = 72;
const MIC_LENGTH = 16;
const HEADER = MIC_AT + MIC_LENGTH;
/** Without version and MIC. */
const SHORTEST = 64;
/** Maximum length of a name in bytes. A user name has at most 256 characters, a domain 255. */
const MAX_NAME = 1024;

export interface Authenticate {
  readonly flags: number;
  readonly domain: string;
  readonly user: string;
  readonly workstation: string;
  readonly lmResponse: Buffer;
  readonly ntResponse: Buffer;
  /** Session key, encrypted; empty without key exchange. */
  readonly encryptedSessionKey: Buffer;
}

/** Encodes a message. Its MIC is zero, as the MIC's computation requires. */
export function encodeAuthenticate(fields: Authenticate): Buffer {
  const { flags } = fields;
  const message = buildMessage(3, HEADER, [
    { at: 28, payload: encodeName(fields.domain, flags) },
    { at: 36, payload: encodeName(fields.user, flags) },
    { at: 44, payload: encodeName(fields.workstation, flags) },
    { at: 12, payload: fields.lmResponse },
    { at: 20, payload: fields.ntResponse },
    { at: 52, payload: fields.encryptedSessionKey },
  ]);
  message.writeUInt32LE(flags, FLAGS_AT);
  VERSION.copy(message, 64);
  return message;
}

/**
 * Reads a message. Throws `http.auth.token`.
 * @param charset flags that tell how names are encoded; the server decided it in its CHALLENGE.
 */
export function parseAuthenticate(message: Buffer, charset: number): Authenticate {
  checkHeader(message, 3, SHORTEST);
  const field = (at: number, name: string): Buffer => readField(message, 3, at, name, SHORTEST);
  const nameAt = (at: number, name: string): string => {
    const bytes = field(at, name);
    if (bytes.length > MAX_NAME) {
      throw messageError(3, `${name} has ${bytes.length} bytes; at most ${MAX_NAME} are allowed`);
    }
    return decodeName(bytes, charset);
  };
  return {
    flags: message.readUInt32LE(FLAGS_AT),
    lmResponse: field(12, 'LmResponse'),
    ntResponse: field(20, 'NtResponse'),
    domain: nameAt(28, 'DomainName'),
    user: nameAt(36, 'UserName'),
    workstation: nameAt(44, 'Workstation'),
    encryptedSessionKey: field(52, 'EncryptedRandomSessionKey'),
  };
}

/** Writes the MIC into a message. */
export function setMic(message: Buffer, mic: Buffer): void {
  mic.copy(message, MIC_AT, 0, MIC_LENGTH);
}

/**
 * Returns the MIC of a message, and the message with its MIC zeroed. Throws `http.auth.token` if the
 * message is too short for a MIC.
 */
export function takeMic(message: Buffer): { readonly mic: Buffer; readonly without: Buffer } {
  checkHeader(message, 3, HEADER);
  const without = Buffer.from(message);
  without.fill(0, MIC_AT, HEADER);
  return { mic: message.subarray(MIC_AT, HEADER), without };
}
