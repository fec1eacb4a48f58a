import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import { splitChain } from '../../../../../src/engine/net/smb/codec/protocol/compound.ts';
import { COMMAND, FLAG } from '../../../../../src/engine/net/smb/codec/protocol/constants.ts';
import {
  decodeTransform,
  TRANSFORM_BYTES,
} from '../../../../../src/engine/net/smb/codec/protocol/transform.ts';
import { PreauthHash } from '../../../../../src/engine/net/smb/crypto/preauth-hash.ts';
import { deriveKeys } from '../../../../../src/engine/net/smb/crypto/session-keys.ts';
import { SessionProtection } from '../../../../../src/engine/net/smb/crypto/session-protection.ts';
import { knownSessions, type KnownSession } from '../../../../support/smb/known-sessions.ts';

const sessions = knownSessions();
const SMB_3 = sessions.filter(({ dialect }) => dialect >= 0x300);

/** Hash of 3.1.1 over the messages before the last answer of the login. */
function preauthOf({ messages }: KnownSession): Buffer {
  const hash = new PreauthHash();
  for (const { from, bytes } of messages) {
    const command = bytes.readUInt16LE(12);
    if (bytes[0] !== 0xfe || command > COMMAND.sessionSetup) break;
    const isLast =
      from === 'server' && command === COMMAND.sessionSetup && bytes.readUInt32LE(8) === 0;
    if (isLast) break;
    hash.add(bytes);
  }
  return hash.value;
}

function protectionOf(
  session: KnownSession,
  side: 'client' | 'server',
  nativeCcm?: boolean,
): SessionProtection {
  const setup = session.messages.find(({ bytes }) => bytes[0] === 0xfe && bytes[12] === 1);
  const answer = session.messages.find(
    ({ from, bytes }) => from === 'server' && bytes[0] === 0xfe && bytes[12] === 1,
  );
  assert.ok(setup !== undefined && answer !== undefined);
  return new SessionProtection({
    side,
    sessionId: answer.bytes.readBigUInt64LE(40),
    dialect: session.dialect,
    sessionKey: session.sessionKey,
    preauthHash: session.preauthHash,
    cipher: session.cipherId,
    signing: session.signing,
    ...(nativeCcm === undefined ? {} : { nativeCcm }),
  });
}

test('eleven sessions were recorded', () => {
  assert.equal(sessions.length, 11);
});

test('the hash over the negotiation and the login is that of the recorded session', () => {
  const late = sessions.filter(({ dialect }) => dialect === 0x311);
  assert.ok(late.length >= 7);
  for (const session of late)
    assert.deepEqual(preauthOf(session), session.preauthHash, session.name);
});

test('the keys are those that Samba derived', () => {
  for (const session of SMB_3) {
    const { sessionKey, preauthHash, dialect, cipherId: cipher, keys, name } = session;
    const found = deriveKeys({ sessionKey, preauthHash, dialect, cipher });
    assert.deepEqual(found.signing, keys.sign, name);
    assert.deepEqual(found.clientToServer, keys.c2s, name);
    assert.deepEqual(found.serverToClient, keys.s2c, name);
  }
});

test('every signature that was recorded is right, and no other one is', () => {
  let count = 0;
  for (const session of sessions) {
    for (const { from, bytes } of session.messages) {
      if (bytes[0] !== 0xfe) continue;
      const protection = protectionOf(session, from === 'client' ? 'server' : 'client');
      for (const { header, bytes: message } of splitChain(bytes, 'smb.answer')) {
        if ((header.flags & FLAG.signed) === 0) continue;
        count++;
        assert.ok(protection.verifies([message]), `${session.name} ${header.command}`);
        const parts = [message.subarray(0, 70), message.subarray(70, 71), message.subarray(71)];
        assert.ok(protection.verifies(parts), `${session.name} in parts`);
        const altered = Buffer.from(message);
        altered[message.length - 1] = (altered[message.length - 1] as number) ^ 1;
        assert.ok(!protection.verifies([altered]), `${session.name} altered`);
      }
    }
  }
  assert.ok(count >= 100, `${count} signatures`);
});

for (const nativeCcm of [true, false]) {
  const how = nativeCcm ? 'with the CCM of Node' : 'with CCM made of CTR and CBC';
  test(`every encrypted message that was recorded is decrypted, ${how}`, () => {
    const ciphers = new Set<number>();
    for (const session of SMB_3) {
      for (const { from, bytes } of session.messages) {
        if (bytes[0] !== 0xfd) continue;
        ciphers.add(session.cipherId);
        const side = from === 'client' ? 'server' : 'client';
        const protection = protectionOf(session, side, nativeCcm);
        const header = decodeTransform(bytes, bytes.length, 'smb.answer');
        const body = bytes.subarray(TRANSFORM_BYTES);
        const cut = Math.min(33, body.length);
        const plain = protection.decrypt(bytes, header, [
          body.subarray(0, cut),
          body.subarray(cut),
        ]);
        const chain = splitChain(Buffer.concat(plain), 'smb.answer');
        assert.equal(chain[0]?.header.sessionId, protection.sessionId);
        const altered = Buffer.from(body);
        altered[3] = (altered[3] as number) ^ 0x80;
        assert.throws(
          () => protection.decrypt(bytes, header, [altered]),
          (error: unknown) => isEngineError(error, 'smb.signature'),
        );
      }
    }
    assert.deepEqual(
      [...ciphers].sort((a, b) => a - b),
      [1, 2, 3, 4],
    );
  });

  test(`one end decrypts what the other one encrypts, in pieces of any length, ${how}`, () => {
    for (const session of SMB_3) {
      if (session.cipherId === 0) continue;
      const client = protectionOf(session, 'client', nativeCcm);
      const server = protectionOf(session, 'server', !nativeCcm);
      for (const lengths of [[64], [64, 1, 0, 15, 16, 17], [70_000, 3]]) {
        const pieces = lengths.map((length, at) => Buffer.alloc(length, at + 1));
        const [head, ...body] = client.encrypt(pieces);
        assert.ok(head !== undefined);
        const whole = Buffer.concat([head, ...body]);
        const header = decodeTransform(head, whole.length, 'smb.request');
        assert.deepEqual(
          Buffer.concat(server.decrypt(head, header, body)),
          Buffer.concat(pieces),
          `${session.name} ${lengths.join(' ')}`,
        );
      }
      const nonces = [client.encrypt([Buffer.alloc(9)]), client.encrypt([Buffer.alloc(9)])].map(
        ([head]) => head?.subarray(20, 36).toString('hex'),
      );
      assert.notEqual(nonces[0], nonces[1]);
    }
  });
}
