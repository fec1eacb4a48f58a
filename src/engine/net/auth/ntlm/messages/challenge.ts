/**
 * CHALLENGE message (type 2, MS-NLMP 2.2.1.2): `signature | u32 2 | field TargetName at 12 |
 * u32 flags at 20 | 8 bytes challenge | 8 reserved | field TargetInfo at 40 | version at 48`.
 */
import type { Buffer } from 'node:buffer';
import { encodeAvPairs, parseAvPairs, type AvPairs } from './av-pairs.ts';
import { buildMessage, checkHeader, readField, VERSION } from './fields.ts';
import { decodeName, encodeName } from './text.ts';

const HEADER = 56;
/** Without version. */
const SHORTEST = 48;
export const CHALLENGE_LENGTH = 8;

export interface Challenge {
  readonly flags: number;
  /** Eight random bytes of the server. */
  readonly serverChallenge: Buffer;
  readonly targetName: string;
  /** Empty if the server does not send any. */
  readonly targetInfo: AvPairs;
}

export function encodeChallenge(challenge: Challenge): Buffer {
  const { flags, serverChallenge, targetName, targetInfo } = challenge;
  const message = buildMessage(2, HEADER, [
    { at: 12, payload: encodeName(targetName, flags) },
    { at: 40, payload: encodeAvPairs(targetInfo) },
  ]);
  message.writeUInt32LE(flags, 20);
  serverChallenge.copy(message, 24);
  VERSION.copy(message, 48);
  return message;
}

/** Reads a message. Throws `http.auth.token`. */
export function parseChallenge(message: Buffer): Challenge {
  checkHeader(message, 2, SHORTEST);
  const flags = message.readUInt32LE(20);
  const targetInfo = readField(message, 2, 40, 'TargetInfo', SHORTEST);
  return {
    flags,
    serverChallenge: message.subarray(24, 24 + CHALLENGE_LENGTH),
    targetName: decodeName(readField(message, 2, 12, 'TargetName', SHORTEST), flags),
    targetInfo: targetInfo.length === 0 ? new Map() : parseAvPairs(targetInfo),
  };
}
