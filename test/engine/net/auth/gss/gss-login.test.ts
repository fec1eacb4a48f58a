import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REALM, startRealm, USER } from '../../../../support/kerberos/realm.ts';
import { EndProcess, logIn } from '../../../../support/kerberos/remote-end.ts';
import { pythonWith } from '../../../../support/process/peers.ts';

const client = {
  role: 'initiator',
  user: `${USER.name}@${REALM}`,
  password: USER.password,
} as const;

test('Kerberos logs in and seals both ways, between our ends and those of MIT', async (t) => {
  const python = pythonWith(t, 'gssapi');
  const realm = python === undefined ? undefined : await startRealm(t);
  if (python === undefined || realm === undefined) return;
  const { env, keytab } = realm;
  const service = { role: 'acceptor', keytab } as const;
  const ours = EndProcess.ours(t, env);
  const mit = EndProcess.python(t, env, python);
  const pairs = {
    'ours and ours': [ours.begin(client), ours.begin(service)],
    'ours and MIT’s': [ours.begin(client), mit.begin(service)],
    'MIT’s and ours': [mit.begin(client), ours.begin(service)],
    'ours and MIT’s, in SPNEGO': [ours.begin({ ...client, framing: 'spnego' }), mit.begin(service)],
    'ours and ours, in SPNEGO': [
      ours.begin({ ...client, framing: 'spnego' }),
      ours.begin({ ...service, framing: 'spnego' }),
    ],
    'MIT’s and ours, in SPNEGO': [
      mit.begin({ ...client, framing: 'spnego' }),
      ours.begin({ ...service, framing: 'spnego' }),
    ],
    'MIT’s in SPNEGO and ours in the library’s': [
      mit.begin({ ...client, framing: 'spnego' }),
      ours.begin(service),
    ],
  } as const;
  for (const [name, [one, other]] of Object.entries(pairs)) {
    await t.test(name, async () => {
      const { mechanisms, user } = await logIn(one, other);
      assert.deepEqual(mechanisms, ['kerberos', 'kerberos']);
      assert.equal(user, `${USER.name}@${REALM}`);
      for (const text of ['', 'a', `<Pull>${'ü'.repeat(100_000)}</Pull>`]) {
        const sealed = await one.seal(text);
        const data = Buffer.from(sealed.data, 'base64');
        assert.equal(data.length, Buffer.byteLength(text), 'the data keeps its length');
        if (text.length > 8) assert.ok(!data.includes('Pull'), 'the data is encrypted');
        assert.equal(await other.unseal(sealed), text);
        assert.equal(await one.unseal(await other.seal(text)), text);
      }
      const [key, sameKey] = [
        await one.ask({ call: 'sessionKey' }),
        await other.ask({ call: 'sessionKey' }),
      ];
      assert.equal(key.data, sameKey.data);
      assert.equal(Buffer.from(key.data ?? '', 'base64').length, 32);
    });
  }
});

test('Kerberos uses the ticket cache if no password is given', async (t) => {
  const realm = await startRealm(t);
  if (realm === undefined) return;
  realm.kinit();
  const ours = EndProcess.ours(t, realm.env);
  const one = ours.begin({ role: 'initiator' });
  const other = ours.begin({ role: 'acceptor', keytab: realm.keytab });
  const { user } = await logIn(one, other);
  assert.equal(user, `${USER.name}@${REALM}`);
});
