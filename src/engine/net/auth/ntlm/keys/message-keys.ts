/** Keys that sign and seal messages, from the session key (MS-NLMP 3.4.5). */
import { Buffer } from 'node:buffer';
import { md5 } from '../crypto/digests.ts';
import { hasFlag } from '../messages/flags.ts';

export type Direction = 'client-to-server' | 'server-to-client';

/** Keys of one direction. */
export interface MessageKeys {
  readonly sign: Buffer;
  readonly seal: Buffer;
}

/** Returns the keys of a direction, with extended session security. */
export function messageKeys(sessionKey: Buffer, flags: number, direction: Direction): MessageKeys {
  const derive = (key: Buffer, use: 'signing' | 'sealing'): Buffer =>
    md5(key, Buffer.from(`session key to ${direction} ${use} key magic constant\0`, 'latin1'));
  return {
    sign: derive(sessionKey, 'signing'),
    seal: derive(sessionKey.subarray(0, sealingKeyLength(flags)), 'sealing'),
  };
}

/** Bytes of the session key that the sealing key uses: 128, 56 or 40 bits. */
function sealingKeyLength(flags: number): number {
  if (hasFlag(flags, 'key128')) return 16;
  return hasFlag(flags, 'key56') ? 7 : 5;
}
