import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { REALM, startRealm, USER } from '../../../../support/kerberos/realm.ts';
import {
  EndProcess,
  logIn,
  RemoteError,
  type RemoteEnd,
  type Sealed,
} from '../../../../support/kerberos/remote-end.ts';

const client = {
  role: 'initiator',
  user: `${USER.name}@${REALM}`,
  password: USER.password,
} as const;

/** Two ends of ours that are logged in, and a way to start more of them. */
async function pairs(t: TestContext): Promise<(() => Promise<[RemoteEnd, RemoteEnd]>) | undefined> {
  const realm = await startRealm(t);
  if (realm === undefined) return undefined;
  const ours = EndProcess.ours(t, realm.env);
  return async () => {
    const one = ours.begin(client);
    const other = ours.begin({ role: 'acceptor', keytab: realm.keytab });
    await logIn(one, other);
    return [one, other];
  };
}

test('a sealed message that was altered, replayed, reordered or left out is refused', async (t) => {
  const begin = await pairs(t);
  if (begin === undefined) return;
  const refuses = async (end: RemoteEnd, sealed: Sealed, words: RegExp): Promise<void> => {
    await assert.rejects(end.unseal(sealed), (error) => {
      assert.ok(error instanceof RemoteError);
      assert.equal(error.json.code, 'http.auth.sealed', error.message);
      assert.match(error.json.message, words);
      return true;
    });
  };
  await t.test('altered data', async () => {
    const [one, other] = await begin();
    const { signature, data } = await one.seal('copy the disk');
    await refuses(other, { signature, data: flip(data, 3) }, /signature does not match/);
  });
  await t.test('altered signature', async () => {
    const [one, other] = await begin();
    const { signature, data } = await one.seal('copy the disk');
    for (const at of [0, 2, 8, 20, 59]) {
      const [again, there] = at === 0 ? [one, other] : await begin();
      const sealed = at === 0 ? { signature, data } : await again.seal('copy the disk');
      const changed = { ...sealed, signature: flip(sealed.signature, at) };
      await refuses(there, changed, /A sealed message was refused/);
    }
  });
  await t.test('a signature without the data', async () => {
    const [one, other] = await begin();
    const { signature } = await one.seal('copy the disk');
    await refuses(other, { signature, data: '' }, /A sealed message was refused/);
    const empty = { signature: '', data: Buffer.from('copy the disk').toString('base64') };
    await refuses(other, empty, /A sealed message was refused/);
    const long = Buffer.alloc(5000).toString('base64');
    await refuses(other, { signature: long, data: '' }, /has 5000 bytes/);
  });
  await t.test('replayed', async () => {
    const [one, other] = await begin();
    const sealed = await one.seal('copy the disk');
    assert.equal(await other.unseal(sealed), 'copy the disk');
    await refuses(other, sealed, /received before/);
  });
  await t.test('reordered and left out', async () => {
    const [one, other] = await begin();
    await one.seal('first');
    await refuses(other, await one.seal('second'), /out of order/);
  });
  await t.test('one of its own, sent back', async () => {
    const [one] = await begin();
    await refuses(one, await one.seal('copy the disk'), /A sealed message was refused/);
  });
  await t.test('one of another login', async () => {
    const [one] = await begin();
    const [, other] = await begin();
    await refuses(other, await one.seal('copy the disk'), /signature does not match/);
  });
});

test('a context that is closed, or whose login failed, neither seals nor tells its key', async (t) => {
  const begin = await pairs(t);
  if (begin === undefined) return;
  const [one, other] = await begin();
  const sealed = await one.seal('copy the disk');
  await other.ask({ call: 'close' });
  await other.ask({ call: 'close' });
  const useless = /http\.auth\.token: .* is closed/;
  await assert.rejects(other.unseal(sealed), useless);
  await assert.rejects(other.seal('x'), useless);
  await assert.rejects(other.ask({ call: 'sessionKey' }), useless);
  await assert.rejects(other.ask({ call: 'step', token: 'AAAA' }), useless);
  await assert.rejects(one.ask({ call: 'step', token: 'AAAA' }), /is complete/);
});

test('a token that is not of Kerberos ends the login', async (t) => {
  const realm = await startRealm(t);
  if (realm === undefined) return;
  const ours = EndProcess.ours(t, realm.env);
  for (const bytes of [
    Buffer.from('NTLMSSP\0'),
    Buffer.from('6003', 'hex'),
    Buffer.alloc(300_000),
  ]) {
    const token = bytes.toString('base64');
    const service = ours.begin({ role: 'acceptor', keytab: realm.keytab });
    await assert.rejects(service.ask({ call: 'step', token }), /http\.auth\.token/);
    const one = ours.begin(client);
    await one.ask({ call: 'step' });
    await assert.rejects(one.ask({ call: 'step', token }), /http\.auth\.(token|system)/);
    await assert.rejects(one.seal('x'), /http\.auth\.token: .* not established/);
    await assert.rejects(one.ask({ call: 'step', token }), /http\.auth\.token: .* has failed/);
  }
});

test('a login is bound to the channel of TLS', async (t) => {
  const realm = await startRealm(t);
  if (realm === undefined) return;
  const ours = EndProcess.ours(t, realm.env);
  const binding = (name: string): string =>
    Buffer.from(`tls-server-end-point:${name}`).toString('base64');
  const login = (here: string | undefined, there: string): Promise<unknown> =>
    logIn(
      ours.begin({ ...client, ...(here === undefined ? {} : { channelBinding: here }) }),
      ours.begin({ role: 'acceptor', keytab: realm.keytab, channelBinding: there }),
    );
  await login(binding('one'), binding('one'));
  await assert.rejects(login(binding('another'), binding('one')), /http\.auth\.token/);
});

/** Changes one bit of Base64 data. */
function flip(text: string, at: number): string {
  const bytes = Buffer.from(text, 'base64');
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes.toString('base64');
}
