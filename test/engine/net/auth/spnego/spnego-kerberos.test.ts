/** Our SPNEGO around Kerberos, with MIT's SPNEGO at the other end and a KDC. */
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

test('Kerberos is negotiated with MIT in both roles; NTLM is left if the service lacks it', async (t) => {
  const python = pythonWith(t, 'gssapi');
  const realm = python === undefined ? undefined : await startRealm(t);
  if (python === undefined || realm === undefined) return;
  // The plug-in for NTLM is hidden: MIT must select the second mechanism of our list.
  const env = { ...realm.env, GSS_MECH_CONFIG: '/dev/null' };
  const service = { role: 'acceptor', keytab: realm.keytab } as const;
  const ours = EndProcess.ours(t, env);
  const mit = EndProcess.python(t, env, python);
  const pairs = {
    'ours and MIT’s': [ours.begin({ ...client, framing: 'spnego' }), mit.begin(service)],
    'MIT’s and ours': [
      mit.begin({ ...client, framing: 'spnego' }),
      ours.begin({ ...service, framing: 'spnego' }),
    ],
    'ours, which prefers NTLM, and MIT’s': [
      ours.begin({ ...client, framing: 'any' }),
      mit.begin(service),
    ],
    'ours, which prefers NTLM, and ours': [
      ours.begin({ ...client, framing: 'any' }),
      ours.begin({ ...service, framing: 'spnego' }),
    ],
    'ours without SPNEGO and ours': [
      ours.begin(client),
      ours.begin({ ...service, framing: 'spnego' }),
    ],
  } as const;
  for (const [name, [one, other]] of Object.entries(pairs)) {
    await t.test(name, async () => {
      const { mechanisms, user } = await logIn(one, other);
      assert.deepEqual(mechanisms, ['kerberos', 'kerberos']);
      assert.equal(user, `${USER.name}@${REALM}`);
      assert.equal(await other.unseal(await one.seal('<Get/>')), '<Get/>');
      assert.equal(await one.unseal(await other.seal('<Answer/>')), '<Answer/>');
    });
  }
});
