import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { encodeResponse } from '../../../../../src/engine/net/auth/spnego/response-token.ts';
import { krbErrorToken } from '../../../../support/kerberos/krb-error.ts';
import { REALM, startRealm, USER } from '../../../../support/kerberos/realm.ts';
import {
  EndProcess,
  logIn,
  RemoteError,
  type Setup,
} from '../../../../support/kerberos/remote-end.ts';
import { pythonWith } from '../../../../support/process/peers.ts';

const client = {
  role: 'initiator',
  user: `${USER.name}@${REALM}`,
  password: USER.password,
} as const;

/** Files by which plug-ins of mechanisms, such as gss-ntlmssp, are found. */
const NTLM_PLUGIN = '/etc/gss/mech.d/mech.ntlmssp.conf';

const CASES: readonly {
  readonly name: string;
  readonly setup: Partial<Setup>;
  readonly code: string;
  readonly words: RegExp;
}[] = [
  {
    name: 'a wrong password',
    setup: { password: 'not-this-one' },
    code: 'http.auth.failed',
    words: /The password of olga@ORCHARD\.TEST is wrong/,
  },
  {
    name: 'an unknown user',
    setup: { user: `nobody@${REALM}` },
    code: 'http.auth.failed',
    words: /The realm has no user nobody@ORCHARD\.TEST/,
  },
  {
    name: 'an unknown service',
    setup: { host: 'elsewhere.orchard.test' },
    code: 'http.auth.spn',
    words: /The realm has no service HTTP\/elsewhere\.orchard\.test/,
  },
  {
    name: 'an expired password',
    setup: { user: `stale@${REALM}` },
    code: 'http.auth.expired',
    words: /The password of stale@ORCHARD\.TEST has expired/,
  },
  {
    name: 'an expired account',
    setup: { user: `gone@${REALM}` },
    code: 'http.auth.expired',
    words: /The account gone@ORCHARD\.TEST has expired/,
  },
  {
    name: 'a locked account',
    setup: { user: `locked@${REALM}` },
    code: 'http.auth.locked',
    words: /The account locked@ORCHARD\.TEST is locked or disabled/,
  },
  {
    name: 'a realm without a known KDC',
    setup: { user: 'olga@elsewhere.test' },
    code: 'http.auth.kdc',
    words: /No domain controller is known for the realm of olga@elsewhere\.test/,
  },
  {
    name: 'a local account of the host',
    setup: { user: '.\\olga' },
    code: 'http.auth.mechanism',
    words: /\.\\olga is a local account of the host/,
  },
];

test('a login that the KDC refuses has a code and words of its own', async (t) => {
  const realm = await startRealm(t);
  if (realm === undefined) return;
  const { env, kadmin } = realm;
  kadmin(`addprinc -pw ${USER.password} -pwexpire 2001-01-01 stale`);
  kadmin(`addprinc -pw ${USER.password} -expire 2001-01-01 gone`);
  kadmin(`addprinc -pw ${USER.password} -allow_tix locked`);
  const ours = EndProcess.ours(t, env);
  for (const { name, setup, code, words } of CASES) {
    await t.test(name, async () => {
      const end = ours.begin({ ...client, ...setup });
      const error = await refused(end.ask({ call: 'step' }));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, words);
      assert.ok(!error.message.includes(USER.password), 'no password in a message');
    });
  }
});

test('every spelling of a user of the realm logs in', async (t) => {
  const realm = await startRealm(t);
  if (realm === undefined) return;
  const ours = EndProcess.ours(t, realm.env);
  for (const user of ['olga', 'olga@orchard.test', 'ORCHARD.TEST\\olga', 'orchard.test\\olga']) {
    const one = ours.begin({ ...client, user });
    const other = ours.begin({ role: 'acceptor', keytab: realm.keytab });
    assert.equal((await logIn(one, other)).user, `olga@${REALM}`, user);
  }
});

test('an empty ticket cache and an expired ticket are named if no password is given', async (t) => {
  const realm = await startRealm(t);
  if (realm === undefined) return;
  const ours = EndProcess.ours(t, realm.env);
  const begin = async (): Promise<RemoteError['json']> =>
    refused(ours.begin({ role: 'initiator' }).ask({ call: 'step' }));
  const none = await begin();
  assert.equal(none.code, 'http.auth.noTicket', none.message);
  assert.match(none.message, /Run kinit, or give user and password/);
  realm.kinit('-l', '1s');
  await wait(2500);
  const old = await begin();
  assert.equal(old.code, 'http.auth.noTicket', old.message);
});

test('a refusal of the service is read from its number', async (t) => {
  const realm = await startRealm(t);
  if (realm === undefined) return;
  const ours = EndProcess.ours(t, realm.env);
  const answers = {
    37: ['http.auth.clock', /The clock of this computer differs/],
    41: ['http.auth.peer', /The host cannot decrypt the ticket of HTTP\/localhost/],
  } as const;
  for (const [number, [code, words]] of Object.entries(answers)) {
    const token = krbErrorToken(Number(number), REALM);
    const rejection = encodeResponse({ state: 'reject', token: Buffer.from(token, 'base64') });
    const forms = { kerberos: token, spnego: rejection.toString('base64') } as const;
    for (const framing of ['kerberos', 'spnego'] as const) {
      const one = ours.begin({ ...client, framing });
      await one.ask({ call: 'step' });
      const error = await refused(one.ask({ call: 'step', token: forms[framing] }));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, words);
    }
  }
});

test('a service refuses a token that is late, one that it knows, and one for another key', async (t) => {
  const realm = await startRealm(t, 'clockskew = 1');
  if (realm === undefined) return;
  const { env, keytab, kadmin } = realm;
  const ours = EndProcess.ours(t, env);
  const service = { role: 'acceptor', keytab } as const;
  const begin = async (): Promise<string | undefined> =>
    (await ours.begin(client).ask({ call: 'step' })).token;
  const accept = (token: string | undefined): Promise<unknown> =>
    ours.begin(service).ask({ call: 'step', token });
  const token = await begin();
  await accept(token);
  assert.equal((await refused(accept(token))).code, 'http.auth.token', 'replayed');
  const old = await begin();
  // A token that arrives late looks like one from a clock that is behind.
  await wait(3000);
  const late = await refused(accept(old));
  assert.equal(late.code, 'http.auth.clock', late.message);
  kadmin('cpw -randkey HTTP/localhost');
  assert.equal((await refused(accept(await begin()))).code, 'http.auth.token', 'another key');
});

test('a KDC whose clock is an hour ahead refuses the password with the reason', async (t) => {
  const realm = await startRealm(t, 'kdc_timesync = 0', '+1h');
  if (realm === undefined) return;
  const ours = EndProcess.ours(t, realm.env);
  for (const framing of ['kerberos', 'spnego'] as const) {
    const error = await refused(ours.begin({ ...client, framing }).ask({ call: 'step' }));
    assert.equal(error.code, 'http.auth.clock', error.message);
    assert.match(error.message, /clock of this computer differs/i);
  }
});

test('a client that takes the time from a KDC which is wrong is refused by the service', async (t) => {
  const python = pythonWith(t, 'gssapi');
  const realm = await startRealm(t, 'kdc_timesync = 1', '+1h');
  if (python === undefined || realm === undefined) return;
  const { env, keytab } = realm;
  const ours = EndProcess.ours(t, env);
  const mit = EndProcess.python(t, env, python);
  const service = { role: 'acceptor', keytab } as const;
  const token = async (): Promise<string | undefined> =>
    (await ours.begin(client).ask({ call: 'step' })).token;
  const error = await refused(ours.begin(service).ask({ call: 'step', token: await token() }));
  assert.equal(error.code, 'http.auth.clock', error.message);
  const theirs = mit.begin(service).ask({ call: 'step', token: await token() });
  await assert.rejects(theirs, /skew|not yet valid/i);
});

test('Kerberos never becomes NTLM, at either end', async (t) => {
  const python = pythonWith(t, 'gssapi');
  const realm = await startRealm(t);
  if (python === undefined || realm === undefined) return;
  if (!existsSync(NTLM_PLUGIN)) {
    if (process.env['REFPOINT_REQUIRE_PEERS'] === '1') assert.fail('needs gss-ntlmssp');
    return t.skip('needs gss-ntlmssp');
  }
  const { env, keytab } = realm;
  const ours = EndProcess.ours(t, env);
  const mit = EndProcess.python(t, env, python);
  const wrong = { ...client, password: 'not-this-one' } as const;
  // MIT's SPNEGO does what ours must not do: this proves that the plug-in is there.
  const falling = mit.begin({ ...wrong, framing: 'any' });
  const { token = '' } = await falling.ask({ call: 'step' });
  assert.ok(Buffer.from(token, 'base64').includes('NTLMSSP'), 'MIT falls back to NTLM');
  const service = ours.begin({ role: 'acceptor', keytab });
  const error = await refused(service.ask({ call: 'step', token }));
  assert.match(error.code, /^http\.auth\.(token|mechanism)$/, error.message);
  const own = await refused(ours.begin({ ...wrong, framing: 'spnego' }).ask({ call: 'step' }));
  assert.equal(own.code, 'http.auth.failed', own.message);
});

async function refused(work: Promise<unknown>): Promise<RemoteError['json']> {
  try {
    await work;
  } catch (error) {
    if (error instanceof RemoteError) return error.json;
    throw error;
  }
  assert.fail('expected an error');
}
