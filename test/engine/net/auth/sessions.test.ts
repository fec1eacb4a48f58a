import assert from 'node:assert/strict';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { basic } from '../../../../src/engine/net/auth/basic/basic.ts';
import type { AuthScheme, AuthSession } from '../../../../src/engine/net/auth/contract/scheme.ts';
import { Secret } from '../../../../src/engine/net/auth/contract/secret.ts';
import {
  HttpConnection,
  type HttpOptions,
} from '../../../../src/engine/net/http/http-connection.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';
import { ThreeLegHost, threeLegScheme } from '../../../support/host/three-leg-scheme.ts';

const PASSWORD = 'pass-word';

async function connected(
  t: TestContext,
  host: { readonly server: net.Server },
  more: Partial<HttpOptions> = {},
): Promise<{ ask: (text: string) => Promise<string>; pool: HttpConnection }> {
  await new Promise<void>((resolve) => host.server.listen(0, '127.0.0.1', resolve));
  const pool = new HttpConnection({
    url: new URL(`http://127.0.0.1:${(host.server.address() as AddressInfo).port}/wsman`),
    credential: { user: 'u', password: new Secret(PASSWORD) },
    schemes: [threeLegScheme()],
    tls: {},
    timeoutSeconds: 10,
    connections: 2,
    maxBody: 10_000,
    ...more,
  });
  afterwards(t, async () => {
    await pool.close();
    host.server.close();
    if (host.server instanceof http.Server) host.server.closeAllConnections();
  });
  const ask = async (text: string): Promise<string> =>
    (await pool.post(Buffer.from(text), 'text/xml', never)).body.toString();
  return { ask, pool };
}

const shown = (host: ThreeLegHost): string[] => host.seen.map((each) => each.shown);

test('a scheme of several legs logs in once on each connection, and its requests are sealed', async (t) => {
  const host = new ThreeLegHost(PASSWORD);
  const { ask } = await connected(t, host);
  assert.equal(await ask('one'), 're: one');
  assert.equal(await ask('two'), 're: two');
  assert.deepEqual(shown(host), ['Negotiate hello', `Negotiate proof n0 ${PASSWORD}`, '']);
  assert.deepEqual(await Promise.all([ask('three'), ask('four'), ask('five')]), [
    're: three',
    're: four',
    're: five',
  ]);
  assert.equal(shown(host).filter((each) => each === 'Negotiate hello').length, 2);
  assert.equal(new Set(host.seen.map(({ socket }) => socket)).size, 2);
  const bodies = host.seen.map(({ body }) => body).join('\n');
  assert.doesNotMatch(bodies, /one|two|three|four|five/);
});

test('a host that forgot a session is logged in to again, once', async (t) => {
  const host = new ThreeLegHost(PASSWORD);
  const { ask } = await connected(t, host);
  await ask('one');
  host.forget = true;
  assert.equal(await ask('two'), 're: two');
  assert.equal(shown(host).filter((each) => each.startsWith('Negotiate proof')).length, 2);
});

test('a wrong password is shown once', async (t) => {
  const host = new ThreeLegHost('another');
  const { ask } = await connected(t, host);
  await assert.rejects(ask('one'), { code: 'http.auth.failed' });
  assert.equal(shown(host).filter((each) => each.startsWith('Negotiate proof')).length, 1);
});

test('of several schemes the host is asked what it offers, before anything of a request is sent', async (t) => {
  const schemes = [threeLegScheme(), basic];
  const host = new ThreeLegHost(PASSWORD, ['Basic realm="WSMAN", Negotiate']);
  const { ask } = await connected(t, host, { schemes });
  assert.deepEqual(await Promise.all([ask('one'), ask('two')]), ['re: one', 're: two']);
  const bare = host.seen.filter((each) => !/proof/.test(each.shown));
  assert.ok(bare.length >= 2 && bare.every(({ body }) => body === ''));
  assert.ok(!shown(host).some((each) => each.startsWith('Basic')), 'the preferred one was taken');
});

test('a host that offers none of several schemes is told apart from a wrong password', async (t) => {
  const host = new ThreeLegHost(PASSWORD, ['Kerberos']);
  const { ask } = await connected(t, host, { schemes: [threeLegScheme(), basic] });
  await assert.rejects(ask('one'), { code: 'http.auth.scheme', message: /Kerberos/ });
  assert.deepEqual(shown(host), ['']);
});

test('a connection that is lost within a login is logged in to from the beginning', async (t) => {
  const host = new ThreeLegHost(PASSWORD);
  host.hangUp = 1;
  const { ask } = await connected(t, host);
  assert.equal(await ask('one'), 're: one');
  assert.deepEqual(
    host.seen.map((each) => [each.socket, each.shown]),
    [
      [0, 'Negotiate hello'],
      [1, 'Negotiate hello'],
      [1, `Negotiate proof n1 ${PASSWORD}`],
    ],
  );
});

test('a host that loses each connection within the login is given up', async (t) => {
  const host = new ThreeLegHost(PASSWORD);
  host.hangUp = 1000;
  const { ask } = await connected(t, host);
  await assert.rejects(ask('one'), { code: 'http.auth.failed', message: /tokens/ });
  assert.ok(host.seen.length < 20);
});

test('a session ends with its connection', async (t) => {
  const ended: string[] = [];
  let heard = (): void => undefined;
  const first = new Promise<void>((resolve) => (heard = resolve));
  const scheme = threeLegScheme((nonce) => {
    ended.push(nonce);
    heard();
  });
  const host = new ThreeLegHost(PASSWORD);
  const { ask, pool } = await connected(t, host, { schemes: [scheme] });
  await ask('one');
  host.server.closeIdleConnections();
  await first;
  assert.equal(await ask('two'), 're: two');
  assert.deepEqual(ended, ['n0']);
  await pool.close();
  assert.deepEqual(ended, ['n0', 'n1']);
});

test('an answer that comes before the request, while the login waits, is not believed', async (t) => {
  const forged = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 6\r\n\r\nforged');
  });
  const scheme = threeLegScheme();
  const slow: AuthScheme = {
    ...scheme,
    begin: (connection) => {
      const session = scheme.begin(connection);
      // A login by Kerberos waits for the key distribution center.
      const next: AuthSession['next'] = async (token) => {
        await sleep(100);
        return session.next(token);
      };
      return Object.create(session, { next: { value: next } }) as AuthSession;
    },
  };
  const { ask } = await connected(t, { server: forged }, { schemes: [slow] });
  await assert.rejects(ask('one'), { code: 'http.auth.peer', message: /200 before the login/ });
});

test('an answer of the transport, such as 503, does not say that the password is right', async (t) => {
  const host = new ThreeLegHost('another');
  const { ask } = await connected(t, host);
  host.starting = true;
  await ask('one');
  host.starting = false;
  await Promise.allSettled([ask('two'), ask('three'), ask('four')]);
  assert.equal(shown(host).filter((each) => /proof/.test(each)).length, 1);
});

test('a login that a starting service did not continue begins anew with the next request', async (t) => {
  const host = new ThreeLegHost(PASSWORD);
  const { ask } = await connected(t, host);
  host.starting = true;
  assert.equal(await ask('one'), '');
  host.starting = false;
  assert.equal(await ask('two'), 're: two');
});
