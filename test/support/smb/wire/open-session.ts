import assert from 'node:assert/strict';
import { splitChain } from '../../../../src/engine/net/smb/codec/protocol/compound.ts';
import { COMMAND, DIALECT, FLAG } from '../../../../src/engine/net/smb/codec/protocol/constants.ts';
import {
  decodeTransform,
  TRANSFORM_BYTES,
} from '../../../../src/engine/net/smb/codec/protocol/transform.ts';
import {
  CIPHER,
  decodeIds,
  SIGNING,
} from '../../../../src/engine/net/smb/codec/session/negotiate-contexts.ts';
import { NEGOTIATE } from '../../../../src/engine/net/smb/codec/session/negotiate.ts';
import { PreauthHash } from '../../../../src/engine/net/smb/crypto/preauth-hash.ts';
import { SessionProtection } from '../../../../src/engine/net/smb/crypto/session-protection.ts';
import type { SeenFrame } from './pcap.ts';
import type { KnownKey } from './tshark.ts';

/**
 * Returns the plain frames of a recorded connection with one session, of which the key is known.
 * Fails if a signature is wrong, or if a frame cannot be decrypted.
 */
export function openSession(frames: readonly SeenFrame[], { sessionKey }: KnownKey): SeenFrame[] {
  const hash = new PreauthHash();
  let facts = { dialect: 0, cipher: 0, signing: 0 };
  let both: Record<SeenFrame['from'], SessionProtection> | undefined;
  return frames.map(({ from, bytes }) => {
    if (bytes[0] === 0xfd) {
      const header = decodeTransform(bytes, bytes.length, 'smb.answer');
      const sealed = [bytes.subarray(TRANSFORM_BYTES)];
      const plain = both?.[from].decrypt(bytes, header, sealed);
      assert.ok(plain !== undefined, 'encrypted before a login');
      return { from, bytes: Buffer.concat(plain) };
    }
    const [first] = splitChain(bytes, 'smb.answer');
    const { command, status, sessionId } = (first as NonNullable<typeof first>).header;
    const isDone = from === 'server' && command === COMMAND.sessionSetup && status === 0;
    if (command === COMMAND.negotiate && from === 'server') facts = factsOf(bytes);
    if (isDone && both === undefined) {
      const input = { ...facts, sessionId, sessionKey, preauthHash: hash.value };
      both = {
        client: new SessionProtection({ ...input, side: 'server' }),
        server: new SessionProtection({ ...input, side: 'client' }),
      };
    }
    if (command <= COMMAND.sessionSetup) hash.add(bytes);
    for (const { header, bytes: message } of splitChain(bytes, 'smb.answer')) {
      if ((header.flags & FLAG.signed) === 0 || both === undefined) continue;
      assert.ok(both[from].verifies([message]), `signature of ${from} ${header.command}`);
    }
    return { from, bytes };
  });
}

function factsOf(bytes: Buffer): { dialect: number; cipher: number; signing: number } {
  const { dialect, contexts } = NEGOTIATE.decodeResponse(bytes);
  if (dialect !== DIALECT.smb311) {
    return { dialect, cipher: CIPHER.aes128Ccm, signing: SIGNING.aesCmac };
  }
  const only = (type: number): number | undefined => {
    const found = contexts.find((each) => each.type === type);
    return found === undefined ? undefined : decodeIds(found.data, 'context', 'smb.answer')[0];
  };
  return { dialect, cipher: only(2) ?? CIPHER.none, signing: only(8) ?? SIGNING.aesCmac };
}

/** Returns the keys of the sessions that smbclient wrote out (`debug encryption = yes`). */
export function keysOf(smbclientText: string): KnownKey[] {
  const dump = (name: string): Buffer[] =>
    [...smbclientText.matchAll(new RegExp(`${name} +\\[0000\\] ((?:[0-9A-F]{2} +)+)`, 'g'))].map(
      ([, digits = '']) => Buffer.from(digits.replaceAll(/ /g, ''), 'hex'),
    );
  const keys = dump('Session Key');
  return dump('Session Id').map((sessionId, at) => ({
    sessionId,
    sessionKey: keys[at] ?? Buffer.alloc(0),
  }));
}
