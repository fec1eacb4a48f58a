/** Published values of MS-NLMP 4.2. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rc4 } from '../../../../../src/engine/net/auth/ntlm/crypto/rc4.ts';
import { messageKeys } from '../../../../../src/engine/net/auth/ntlm/keys/message-keys.ts';
import * as v2 from '../../../../../src/engine/net/auth/ntlm/keys/ntlmv2.ts';
import { parseAuthenticate } from '../../../../../src/engine/net/auth/ntlm/messages/authenticate.ts';
import { encodeAvPairs } from '../../../../../src/engine/net/auth/ntlm/messages/av-pairs.ts';
import {
  encodeChallenge,
  parseChallenge,
} from '../../../../../src/engine/net/auth/ntlm/messages/challenge.ts';
import { utf16 } from '../../../../../src/engine/net/auth/ntlm/messages/text.ts';
import { Sealing } from '../../../../../src/engine/net/auth/ntlm/sealing.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

const FLAGS = 0xe28a8233;
const SERVER_CHALLENGE = hex('0123456789abcdef');
const CLIENT_CHALLENGE = Buffer.alloc(8, 0xaa);
const SESSION_KEY = Buffer.alloc(16, 0x55);

/** CHALLENGE message of 4.2.4.3. */
const CHALLENGE = hex(`
  4e544c4d53535000 02000000 0c000c00 38000000 33828ae2 0123456789abcdef 0000000000000000
  24002400 44000000 060070170000000f 530065007200760065007200
  02000c00 44006f006d00610069006e00 01000c00 530065007200760065007200 00000000`);

/** AUTHENTICATE message of 4.2.4.3. It has no MIC. */
const AUTHENTICATE = hex(`
  4e544c4d53535000 03000000 18001800 6c000000 54005400 84000000 0c000c00 48000000
  08000800 54000000 10001000 5c000000 10001000 d8000000 358288e2 0501280a0000000f
  44006f006d00610069006e00 5500730065007200 43004f004d0050005500540045005200
  86c35097ac9cec102554764a57cccc19 aaaaaaaaaaaaaaaa
  68cd0ab851e51c96aabc927bebef6a1c 0101000000000000 0000000000000000 aaaaaaaaaaaaaaaa 00000000
  02000c00 44006f006d00610069006e00 01000c00 530065007200760065007200 00000000 00000000
  c5dad2544fc979909 4ce1ce90bc9d03e`);

const KEY = v2.ntowfV2('Password', 'User', 'Domain');
const BLOB = v2.encodeBlob({
  time: Buffer.alloc(8),
  clientChallenge: CLIENT_CHALLENGE,
  avPairs: encodeAvPairs(
    new Map([
      [2, utf16('Domain')],
      [1, utf16('Server')],
    ]),
  ),
});

test('NTLMv2 gives the published keys and responses (4.2.4.1, 4.2.4.2)', () => {
  assert.deepEqual(KEY, hex('0c868a403bfd7a93a3001ef22ef02e3f'));
  const response = v2.ntResponse(KEY, SERVER_CHALLENGE, BLOB);
  assert.deepEqual(response.subarray(0, 16), hex('68cd0ab851e51c96aabc927bebef6a1c'));
  const base = v2.sessionBaseKey(KEY, response.subarray(0, 16));
  assert.deepEqual(base, hex('8de40ccadbc14a82f15cb0ad0de95ca3'));
  assert.deepEqual(new Rc4(base).update(SESSION_KEY), hex('c5dad2544fc9799094ce1ce90bc9d03e'));
  const lm = v2.lmV2Response(KEY, SERVER_CHALLENGE, CLIENT_CHALLENGE);
  assert.deepEqual(lm, hex('86c35097ac9cec102554764a57cccc19 aaaaaaaaaaaaaaaa'));
});

test('the published messages are read (4.2.4.3)', () => {
  const challenge = parseChallenge(CHALLENGE);
  assert.equal(challenge.flags, FLAGS);
  assert.equal(challenge.targetName, 'Server');
  assert.deepEqual(challenge.serverChallenge, SERVER_CHALLENGE);
  assert.deepEqual([...challenge.targetInfo.keys()], [2, 1]);
  const read = parseAuthenticate(AUTHENTICATE, challenge.flags);
  assert.deepEqual([read.domain, read.user, read.workstation], ['Domain', 'User', 'COMPUTER']);
  assert.deepEqual(read.ntResponse, v2.ntResponse(KEY, SERVER_CHALLENGE, BLOB));
  assert.deepEqual(read.lmResponse, v2.lmV2Response(KEY, SERVER_CHALLENGE, CLIENT_CHALLENGE));
  assert.deepEqual(read.encryptedSessionKey, hex('c5dad2544fc9799094ce1ce90bc9d03e'));
});

test('the published CHALLENGE is written, except for the version', () => {
  const written = encodeChallenge(parseChallenge(CHALLENGE));
  CHALLENGE.copy(written, 48, 48, 56);
  assert.deepEqual(written, CHALLENGE);
});

test('a message is sealed as published, with key exchange and 128 bits (4.2.4.4)', () => {
  const keys = messageKeys(SESSION_KEY, FLAGS, 'client-to-server');
  assert.deepEqual(keys.seal, hex('59f600973cc4960a25480a7c196e4c58'));
  assert.deepEqual(keys.sign, hex('4788dc861b4782f35d43fd98fe1a2d39'));
  const { signature, data } = new Sealing(keys, keys, true).seal(utf16('Plaintext'));
  assert.deepEqual(data, hex('54e50165bf1936dc996020c1811b0f06fb5f'));
  assert.deepEqual(signature, hex('010000007fb38ec5c55d497600000000'));
});

test('a message is sealed as published, without key exchange and with 56 bits (4.2.3.4)', () => {
  const exported = hex('eb93429a8bd952f8b89c55b87f475edc');
  const keys = messageKeys(exported, 0x820a8233, 'client-to-server');
  assert.deepEqual(keys.seal, hex('04dd7f014d8504d265a25cc86a3a7c06'));
  assert.deepEqual(keys.sign, hex('60e799be5c72fc92922ae8ebe961fb8d'));
  const { signature, data } = new Sealing(keys, keys, false).seal(utf16('Plaintext'));
  assert.deepEqual(data, hex('a02372f6530273f3aa1eb90190ce5200c99d'));
  assert.deepEqual(signature, hex('01000000ff2aeb52f681793a00000000'));
});

test('a key of 40 bits uses five bytes of the session key', () => {
  const first = messageKeys(hex('0102030405060708090a0b0c0d0e0f10'), 0, 'server-to-client');
  const second = messageKeys(hex('0102030405ffffffffffffffffffffff'), 0, 'server-to-client');
  assert.deepEqual(first.seal, second.seal);
  assert.notDeepEqual(first.sign, second.sign);
});
