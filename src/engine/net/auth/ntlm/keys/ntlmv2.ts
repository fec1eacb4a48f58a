/** Responses and keys of NTLMv2 (MS-NLMP 3.3.2). NTLMv1 is not supported. */
import { Buffer } from 'node:buffer';
import { hmacMd5 } from '../crypto/digests.ts';
import { md4 } from '../crypto/md4.ts';
import { utf16 } from '../messages/text.ts';

const PROOF_LENGTH = 16;
export const CLIENT_CHALLENGE_LENGTH = 8;
/** Version 1, highest version 1, 6 reserved bytes. */
const RESPONSE_HEAD = Buffer.from('0101000000000000', 'hex');
const RESERVED = Buffer.alloc(4);
/** Offset of the attributes in the blob. */
const PAIRS_AT = 28;
/** 100 ns from 1601 to 1970. */
const FILETIME_OF_1970 = 116444736000000000n;

/** Fields of the blob that the proof covers. */
export interface ResponseBlob {
  /** FILETIME, 8 bytes: the server's if it sent one. */
  readonly time: Buffer;
  readonly clientChallenge: Buffer;
  /** Encoded attributes. */
  readonly avPairs: Buffer;
}

/**
 * Returns the key of a user: HMAC-MD5 of the upper-case name and the domain, under the MD4 of the
 * password. The case of the domain is significant.
 */
export function ntowfV2(password: string, user: string, domain: string): Buffer {
  const hash = md4(utf16(password));
  const key = hmacMd5(hash, utf16(upperCase(user) + domain));
  hash.fill(0);
  return key;
}

export function encodeBlob({ time, clientChallenge, avPairs }: ResponseBlob): Buffer {
  return Buffer.concat([RESPONSE_HEAD, time, clientChallenge, RESERVED, avPairs, RESERVED]);
}

/** Returns the proof and its blob, as the message carries them. */
export function ntResponse(key: Buffer, serverChallenge: Buffer, blob: Buffer): Buffer {
  return Buffer.concat([hmacMd5(key, serverChallenge, blob), blob]);
}

/**
 * Splits a response. Returns undefined if it is too short for NTLMv2 or has another version: the
 * response of NTLMv1 has 24 bytes.
 */
export function splitNtResponse(
  response: Buffer,
): { readonly proof: Buffer; readonly blob: Buffer; readonly avPairs: Buffer } | undefined {
  const blob = response.subarray(PROOF_LENGTH);
  if (blob.length < PAIRS_AT + 4 || blob[0] !== 1 || blob[1] !== 1) return undefined;
  return { proof: response.subarray(0, PROOF_LENGTH), blob, avPairs: blob.subarray(PAIRS_AT) };
}

/** Returns the LMv2 response, which servers without timestamp expect. */
export function lmV2Response(
  key: Buffer,
  serverChallenge: Buffer,
  clientChallenge: Buffer,
): Buffer {
  return Buffer.concat([hmacMd5(key, serverChallenge, clientChallenge), clientChallenge]);
}

/** Returns the session base key. NTLMv2 uses it as key exchange key, too. */
export function sessionBaseKey(key: Buffer, proof: Buffer): Buffer {
  return hmacMd5(key, proof);
}

/** Returns a time in milliseconds since 1970 as FILETIME. */
export function fileTime(milliseconds: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(Math.trunc(milliseconds)) * 10000n + FILETIME_OF_1970);
  return bytes;
}

/**
 * Converts to upper case like Windows: one UTF-16 unit for one. `ß` stays, since its upper case has
 * two letters.
 */
function upperCase(text: string): string {
  return text.replaceAll(/[a-z\u0080-\uffff]/g, (char) => {
    const upper = char.toUpperCase();
    return upper.length === char.length ? upper : char;
  });
}
