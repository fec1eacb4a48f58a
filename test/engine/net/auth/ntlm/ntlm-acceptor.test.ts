/** Clients that are older than ours, or hostile, at the service's end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageKeys } from '../../../../../src/engine/net/auth/ntlm/keys/message-keys.ts';
import {
  combineFlags,
  hasFlag,
  type FlagName,
} from '../../../../../src/engine/net/auth/ntlm/messages/flags.ts';
import { Sealing } from '../../../../../src/engine/net/auth/ntlm/sealing.ts';
import { logInByHand } from '../../../../support/auth/hand-made-client.ts';

const WITHOUT_EXCHANGE: readonly FlagName[] = [
  'sign',
  'seal',
  'extendedSessionSecurity',
  'alwaysSign',
  'key128',
];
const flags = (...more: readonly FlagName[]): number => combineFlags(...WITHOUT_EXCHANGE, ...more);

test('a client without key exchange shares the base key and exchanges messages', async () => {
  const { server, key, flags: granted } = await logInByHand({ flags: flags('unicode', 'ntlm') });
  assert.equal(server.user, 'HARBOUR\\mara');
  assert.deepEqual(server.sessionKey(), key);
  const up = messageKeys(key, granted, 'client-to-server');
  const client = new Sealing(up, messageKeys(key, granted, 'server-to-client'), false);
  const message = Buffer.from('<old/>');
  assert.deepEqual(server.unseal(client.seal(message)), message);
  assert.deepEqual(client.unseal(server.seal(message)), message);
});

test('a client that knows OEM text only is answered in OEM, never in both', async () => {
  const oem = await logInByHand({ flags: flags('oem') });
  assert.equal(oem.server.user, 'HARBOUR\\mara');
  assert.ok(hasFlag(oem.flags, 'oem') && !hasFlag(oem.flags, 'unicode'));
  const both = await logInByHand({ flags: flags('oem', 'unicode') });
  assert.equal(both.server.user, 'HARBOUR\\mara');
  assert.ok(!hasFlag(both.flags, 'oem') && hasFlag(both.flags, 'unicode'));
  await assert.rejects(logInByHand({ flags: flags() }), { code: 'http.auth.token' });
});

test('NTLMv1, LM and anonymous logins are refused', async () => {
  const unicode = flags('unicode');
  for (const length of [0, 24, 47]) {
    await assert.rejects(logInByHand({ flags: unicode, ntResponse: Buffer.alloc(length, 1) }), {
      code: 'http.auth.downgrade',
      message: new RegExp(`response of ${length} bytes`),
    });
  }
  const anonymous = logInByHand({ flags: unicode, user: '' });
  await assert.rejects(anonymous, { code: 'http.auth.failed', message: /Anonymous/ });
});

test('a MIC that is announced must be right', async () => {
  const { server } = await logInByHand({ flags: flags('unicode'), mic: 'right' });
  assert.equal(server.user, 'HARBOUR\\mara');
  await assert.rejects(logInByHand({ flags: flags('unicode'), mic: 'wrong' }), {
    code: 'http.auth.downgrade',
    message: /MIC/,
  });
});

test('the case of a user does not matter', async () => {
  const { server } = await logInByHand({ flags: flags('unicode'), user: 'MARA' });
  assert.equal(server.user, 'HARBOUR\\mara');
});
