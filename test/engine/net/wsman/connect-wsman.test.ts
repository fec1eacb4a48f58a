import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { never } from '../../../../src/engine/base/abort.ts';
import { noLog } from '../../../../src/engine/base/log.ts';
import { Secret } from '../../../../src/engine/net/auth/contract/secret.ts';
import { connectWsman, wsmanUrl } from '../../../../src/engine/net/wsman/connect-wsman.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';

const TARGET = {
  url: '',
  credential: { user: 'u', password: new Secret('hidden-word') },
  authentication: 'auto',
  tls: {},
  timeoutSeconds: 5,
  log: noLog,
} as const;

test('a host that offers no Basic is told apart from a wrong password', async (t) => {
  const server = http.createServer((request, response) => {
    request.resume();
    response.writeHead(401, { 'WWW-Authenticate': ['Negotiate', 'Kerberos'] });
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterwards(t, () => {
    server.close();
    server.closeAllConnections();
  });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/wsman`);
  const client = connectWsman({ ...TARGET, url: url.origin });
  await assert.rejects(client.identify(never), {
    code: 'http.auth.scheme',
    message: /Negotiate or Kerberos/,
    data: { url: url.href, offered: ['Negotiate', 'Kerberos'] },
  });
});

test('Basic over plain HTTP goes to this machine only', () => {
  assert.throws(() => connectWsman({ ...TARGET, url: 'http://hv01:5985' }), {
    code: 'http.auth.plain',
    message: /https:\/\/hv01:5986/,
  });
  assert.throws(() => connectWsman({ ...TARGET, url: 'http://127.evil.example' }), {
    code: 'http.auth.plain',
  });
  assert.ok(connectWsman({ ...TARGET, url: 'http://hv01:5985', credential: undefined }));
  for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '[::1]', 'LOCALHOST'])
    assert.ok(connectWsman({ ...TARGET, url: `http://${host}:5985` }), host);
  for (const host of ['127.0.0.1.example', 'localhost.example', '[::2]', '128.0.0.1'])
    assert.throws(() => connectWsman({ ...TARGET, url: `http://${host}:5985` }), {
      code: 'http.auth.plain',
    });
});

test('a scheme that is not there yet is refused by name', () => {
  assert.throws(() => connectWsman({ ...TARGET, url: 'https://hv01', authentication: 'ntlm' }), {
    code: 'http.auth.scheme',
    message: /ntlm/,
  });
});

test('addresses are completed with the port and path of WinRM', () => {
  const url = (text: string): string => wsmanUrl(text).href;
  assert.equal(url('https://hv01'), 'https://hv01:5986/wsman');
  assert.equal(url('http://localhost'), 'http://localhost:5985/wsman');
  assert.equal(url('http://[::1]'), 'http://[::1]:5985/wsman');
  assert.equal(url('https://hv01:443/'), 'https://hv01/wsman');
  assert.equal(url('https://hv01:8443/other?a=:1'), 'https://hv01:8443/other?a=:1');
  for (const text of ['', 'hv01', 'ftp://hv01', 'https://']) {
    assert.throws(() => wsmanUrl(text), { code: 'http.url' }, text);
  }
  assert.throws(
    () => wsmanUrl('https://me:hidden-word@hv01'),
    (error: Error & { code: string }) => {
      assert.equal(error.code, 'http.url');
      assert.ok(!inspect(error).split('\n    at ')[0]?.includes('hidden-word'));
      return true;
    },
  );
});

test('a password in an address that is none is not repeated', () => {
  assert.throws(
    () => wsmanUrl('ftp://me:hidden-word@hv01'),
    (error: Error & { data: unknown }) =>
      !`${error.message}${JSON.stringify(error.data)}`.includes('hidden-word'),
  );
});
