import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { never } from '../../../../src/engine/base/abort.ts';
import type { LogRecord } from '../../../../src/engine/base/log.ts';
import { basic } from '../../../../src/engine/net/auth/basic/basic.ts';
import { authError } from '../../../../src/engine/net/auth/contract/auth-errors.ts';
import type { AuthScheme } from '../../../../src/engine/net/auth/contract/scheme.ts';
import { Secret } from '../../../../src/engine/net/auth/contract/secret.ts';
import { ntlm } from '../../../../src/engine/net/auth/negotiate/ntlm.ts';
import { HttpConnection } from '../../../../src/engine/net/http/http-connection.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';
import {
  PASSWORD,
  smallHost,
  USER,
  type SmallHostOptions,
} from '../../../support/host/small-host.ts';
import { SmallRepository } from '../../../support/host/small-repository.ts';
import { tamperingProxy } from '../../../support/host/tampering-proxy.ts';

const IDENTIFY = Buffer.from(
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body><i:Identify/></s:Body></s:Envelope>',
);

/** Kerberos whose first step fails as the system reported. */
const failing = (code: Parameters<typeof authError>[0], counted?: false): AuthScheme => ({
  ...ntlm,
  name: 'kerberos',
  words: ['Negotiate', 'Kerberos'],
  provesPassword: false,
  begin: () => {
    throw authError(
      code,
      `Kerberos reports ${code}`,
      counted === false ? { data: { counted } } : {},
    );
  },
});

/** Password of an account, which changes. */
class ChangingSecret extends Secret {
  value = PASSWORD;

  override reveal(): string {
    return this.value;
  }
}

/** A pool for a host that counts the proofs of passwords which it receives. */
async function pool(
  t: TestContext,
  schemes: readonly AuthScheme[],
  { password = PASSWORD, ...options }: SmallHostOptions = {},
) {
  const log: LogRecord[] = [];
  const expected = new ChangingSecret(PASSWORD);
  const logins = { ...options.logins, password: expected };
  const { server } = await smallHost(t, new SmallRepository(1), { ...options, logins });
  const proxy = await tamperingProxy(t, server.httpPort, {});
  const connection = new HttpConnection({
    url: new URL(`http://127.0.0.1:${proxy.port}/wsman`),
    credential: { user: USER, password: new Secret(password) },
    schemes,
    tls: {},
    timeoutSeconds: 10,
    connections: 4,
    maxBody: 100_000,
    log: (record) => void log.push(record),
  });
  afterwards(t, () => connection.close());
  const ask = async (): Promise<number> =>
    (await connection.post(IDENTIFY, 'application/soap+xml;charset=UTF-8', never)).status;
  /** NTLM's third message, or Basic. */
  const proofs = (): number =>
    proxy.heard.filter((text) => /TlRMTVNTUAAD|Basic [A-Za-z0-9+/]/.test(text)).length;
  /** The account gets another password, and the host closes its connections. */
  const change = async (next: string): Promise<void> => {
    expected.value = next;
    proxy.drop();
    await delay(100);
  };
  return { ask, proofs, connection, log, change };
}

test('NTLM follows Kerberos if no password was checked, with the reason as a warning', async (t) => {
  for (const code of [
    'http.auth.kdc',
    'http.auth.library',
    'http.auth.spn',
    'http.auth.noTicket',
    'http.auth.clock',
  ] as const) {
    const { ask, connection, log } = await pool(t, [failing(code), ntlm, basic]);
    assert.equal(await ask(), 200);
    const { fallback, ...security } = connection.security ?? { fallback: null };
    assert.deepEqual(security, { mechanism: 'ntlm', sealed: true });
    assert.equal(fallback, `Kerberos reports ${code}`);
    const warnings = log.filter(({ level }) => level === 'warn');
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]?.message ?? '', new RegExp(code));
  }
  const unknown = await pool(t, [failing('http.auth.failed', false), ntlm]);
  assert.equal(
    await unknown.ask(),
    200,
    'the realm does not know the user: an account of the host',
  );
});

test('no scheme follows a key distribution center that rejected the password or the account', async (t) => {
  for (const code of ['http.auth.failed', 'http.auth.locked', 'http.auth.expired'] as const) {
    const { ask, proofs } = await pool(t, [failing(code), ntlm, basic]);
    await assert.rejects(ask(), { code });
    assert.equal(proofs(), 0);
  }
});

test('no scheme follows a host that did not prove its identity, or a changed negotiation', async (t) => {
  for (const code of ['http.auth.peer', 'http.auth.downgrade'] as const) {
    const { ask, proofs } = await pool(t, [failing(code), ntlm, basic]);
    await assert.rejects(ask(), { code });
    assert.equal(proofs(), 0);
  }
});

test('a wrong password is proven once, however many requests wait and schemes are left', async (t) => {
  for (const schemes of [[ntlm, basic], [ntlm], [basic]]) {
    const { ask, proofs } = await pool(t, schemes, { password: 'wrong' });
    const results = await Promise.allSettled([ask(), ask(), ask(), ask(), ask(), ask()]);
    for (const each of results) {
      assert.equal(
        each.status === 'rejected' && (each.reason as { code: string }).code,
        'http.auth.failed',
      );
    }
    assert.equal(proofs(), 1);
    // Neither a later request nor another pool of the process proves it again.
    await assert.rejects(ask(), { code: 'http.auth.failed', message: /was not sent again/ });
    assert.equal(proofs(), 1);
  }
});

test('a host that refuses NTLM before it checks a password is said so; Basic follows if it may', async (t) => {
  const faults = { ntlmDisabled: () => true };
  const only = await pool(t, [ntlm], { faults });
  await assert.rejects(only.ask(), { code: 'http.auth.scheme', message: /NTLM.*switched off/ });
  const both = await pool(t, [ntlm, basic], { faults });
  assert.equal(await both.ask(), 200);
  assert.equal(both.connection.security?.mechanism, 'basic');
});

test('requests that follow an accepted login run at the same time', async (t) => {
  const { ask, connection } = await pool(t, [ntlm]);
  assert.deepEqual(await Promise.all(Array.from({ length: 12 }, ask)), Array<number>(12).fill(200));
  assert.equal(connection.security?.fallback, null);
});

test('after a password change the old one is proven once, whatever connections were open', async (t) => {
  const { ask, proofs, change } = await pool(t, [ntlm]);
  assert.deepEqual(await Promise.all(Array.from({ length: 8 }, ask)), Array<number>(8).fill(200));
  const before = proofs();
  await change('New-Password-1');
  const results = await Promise.allSettled(Array.from({ length: 8 }, ask));
  const codes = results.map((each) =>
    each.status === 'rejected' ? (each.reason as { code: string }).code : 'answered',
  );
  assert.deepEqual(codes, Array<string>(8).fill('http.auth.failed'));
  assert.equal(proofs() - before, 1);
  await assert.rejects(ask(), { code: 'http.auth.failed' });
  assert.equal(proofs() - before, 1);
});
