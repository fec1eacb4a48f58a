import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '../../../../../src/engine/net/auth/contract/secret.ts';
import { accountsOf } from '../../../../../src/engine/net/auth/ntlm/accounts.ts';
import { ntlmInitiator } from '../../../../../src/engine/net/auth/ntlm/ntlm-initiator.ts';
import { FLAG } from '../../../../../src/engine/net/auth/ntlm/messages/flags.ts';
import {
  ACCOUNTS,
  clientInput,
  logIn,
  NAMES,
  PASSWORD,
  serverInput,
} from '../../../../support/auth/ntlm-pair.ts';

const binding = (text: string): Buffer => Buffer.from(`tls-server-end-point:${text}`);

/** Clears flags in a message, whose flags are at 12, 20 or 60. */
function withoutFlags(message: Buffer, number: number, flags: number): Buffer {
  const changed = Buffer.from(message);
  const at = [0, 12, 20, 60][number] as number;
  changed.writeUInt32LE((changed.readUInt32LE(at) & ~flags) >>> 0, at);
  return changed;
}

test('a client and a service log in, share a key and exchange sealed messages', async () => {
  const { client, server } = await logIn();
  assert.equal(server.user, 'HARBOUR\\mara');
  assert.deepEqual(client.sessionKey(), server.sessionKey());
  assert.equal(client.sessionKey().length, 16);
  for (let i = 0; i < 3; i++) {
    const request = Buffer.from(`<request number="${i}"/>`);
    const sealed = client.seal(request);
    assert.ok(!sealed.data.includes('request'), 'the data are encrypted');
    assert.deepEqual(server.unseal(sealed), request);
    assert.deepEqual(client.unseal(server.seal(request)), request);
  }
});

test('every spelling of a user finds the account', async () => {
  const spellings: Record<string, string> = {
    'HARBOUR\\mara': 'HARBOUR\\mara',
    'harbour\\MARA': 'HARBOUR\\mara',
    'harbour.test\\mara': 'HARBOUR\\mara',
    'mara@harbour.test': 'HARBOUR\\mara',
    mara: 'HARBOUR\\mara',
    '.\\keeper': 'keeper',
    'KITE\\keeper': 'keeper',
    keeper: 'keeper',
    'Keeper@KITE': 'keeper',
  };
  for (const [spelling, name] of Object.entries(spellings)) {
    const password = name === 'keeper' ? 'another word' : PASSWORD;
    const credential = { user: spelling, password: new Secret(password) };
    const { server } = await logIn(clientInput({ credential }));
    assert.equal(server.user, name, spelling);
  }
});

test('a wrong password, an unknown user and a blocked account are rejected alike', async () => {
  const reasons: string[] = [];
  const attempt = async (user: string, word: string): Promise<void> => {
    const credential = { user, password: new Secret(word) };
    const accounts = accountsOf(NAMES, [
      ...ACCOUNTS,
      { name: 'HARBOUR\\late', password: new Secret(PASSWORD), state: 'expired' },
      { name: 'HARBOUR\\shut', password: new Secret(PASSWORD), state: 'locked' },
      { name: 'HARBOUR\\gone', password: new Secret(PASSWORD), state: 'disabled' },
    ]);
    await assert.rejects(logIn(clientInput({ credential }), serverInput({ accounts })), (error) => {
      const { code, data } = error as { code: string; data: { reason: string } };
      reasons.push(data.reason);
      return code === 'http.auth.failed';
    });
  };
  await attempt('HARBOUR\\mara', `${PASSWORD}!`);
  await attempt('HARBOUR\\nobody', PASSWORD);
  await attempt('OTHER\\mara', PASSWORD);
  await attempt('HARBOUR\\late', PASSWORD);
  await attempt('HARBOUR\\shut', PASSWORD);
  await attempt('HARBOUR\\gone', PASSWORD);
  assert.deepEqual(reasons, ['password', 'unknown', 'unknown', 'expired', 'locked', 'disabled']);
});

test('a client without user name does not log in anonymously', async () => {
  const code = 'http.auth.missing';
  await assert.rejects(logIn(clientInput({ credential: undefined })), { code });
  await assert.rejects(logIn(clientInput({}, 'HARBOUR\\')), { code });
});

test('the client refuses a challenge that lacks a protection', async () => {
  for (const flag of [
    'unicode',
    'sign',
    'seal',
    'extendedSessionSecurity',
    'targetInfo',
    'key128',
  ] as const) {
    const weak = logIn(clientInput(), serverInput(), (message, number) =>
      number === 2 ? withoutFlags(message, 2, FLAG[flag]) : message,
    );
    await assert.rejects(weak, { code: 'http.auth.downgrade', message: /CHALLENGE lacks/ }, flag);
  }
});

test('the service refuses a client that lacks a protection', async () => {
  for (const flag of ['sign', 'seal', 'extendedSessionSecurity', 'key128'] as const) {
    for (const changed of [1, 3]) {
      const weak = logIn(clientInput(), serverInput(), (message, number) =>
        number === changed ? withoutFlags(message, changed, FLAG[flag]) : message,
      );
      await assert.rejects(weak, { code: 'http.auth.downgrade' }, `${flag} in message ${changed}`);
    }
  }
});

test('the MIC reveals a change of any message', async () => {
  const changes: Record<number, number> = {
    1: FLAG.keyExchange,
    2: FLAG.keyExchange,
    3: FLAG.alwaysSign,
  };
  for (const [changed, flag] of Object.entries(changes)) {
    const altered = logIn(clientInput(), serverInput(), (message, number) =>
      number === Number(changed) ? withoutFlags(message, number, flag) : message,
    );
    await assert.rejects(
      altered,
      { code: 'http.auth.downgrade', message: /MIC/ },
      `message ${changed}`,
    );
  }
});

test('a binding to another TLS channel is refused, a missing one only if the service is strict', async () => {
  const channelBinding = binding('ours');
  const bound = clientInput({ channelBinding });
  await logIn(bound, serverInput({ channelBinding, strictBinding: true }));
  const failed = { code: 'http.auth.failed' };
  const theirs = clientInput({ channelBinding: binding('theirs') });
  await assert.rejects(logIn(theirs, serverInput({ channelBinding })), failed);
  await logIn(clientInput(), serverInput({ channelBinding }));
  await assert.rejects(
    logIn(clientInput(), serverInput({ channelBinding, strictBinding: true })),
    failed,
  );
});

test('SMB gets a key from a service that offers no sealing', async () => {
  const { client, server } = await logIn(
    clientInput({ service: 'cifs' }),
    serverInput({ sealing: false }),
    (message) => message,
    {
      sealing: false,
    },
  );
  assert.deepEqual(client.sessionKey(), server.sessionKey());
  assert.throws(() => client.seal(Buffer.from('x')), { code: 'http.auth.unprotected' });
});

test('nothing is sealed before the login or after the end', async () => {
  const early = ntlmInitiator(clientInput());
  assert.throws(() => early.seal(Buffer.from('x')), { code: 'http.auth.token' });
  assert.throws(() => early.sessionKey(), { code: 'http.auth.token' });
  const { client, server } = await logIn();
  await assert.rejects(client.step(Buffer.from('x')), { code: 'http.auth.token' });
  await assert.rejects(server.step(Buffer.from('x')), { code: 'http.auth.token' });
  client.close();
  client.close();
  assert.throws(() => client.seal(Buffer.from('x')), { code: 'http.auth.token' });
});
