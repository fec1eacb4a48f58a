import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { noLog } from '../../../../src/engine/base/log.ts';
import { Secret } from '../../../../src/engine/net/auth/contract/secret.ts';
import { connectWsman } from '../../../../src/engine/net/wsman/connect-wsman.ts';
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

const BASIC = { ...TARGET, authentication: 'basic' } as const;

test('Basic over plain HTTP goes to this machine only', () => {
  assert.throws(() => connectWsman({ ...BASIC, url: 'http://hv01:5985' }), {
    code: 'http.auth.plain',
    message: /https:\/\/hv01:5986/,
  });
  assert.throws(() => connectWsman({ ...BASIC, url: 'http://127.evil.example' }), {
    code: 'http.auth.plain',
  });
  assert.ok(connectWsman({ ...BASIC, url: 'http://hv01:5985', credential: undefined }));
  for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '[::1]', 'LOCALHOST'])
    assert.ok(connectWsman({ ...BASIC, url: `http://${host}:5985` }), host);
  for (const host of ['127.0.0.1.example', 'localhost.example', '[::2]', '128.0.0.1'])
    assert.throws(() => connectWsman({ ...BASIC, url: `http://${host}:5985` }), {
      code: 'http.auth.plain',
    });
});

test('a login by certificate needs HTTPS and a certificate', () => {
  const target = { ...TARGET, authentication: 'certificate' } as const;
  const tls = { cert: 'PEM', key: 'PEM' };
  assert.throws(() => connectWsman({ ...target, url: 'https://hv01' }), {
    code: 'http.auth.missing',
    message: /no certificate and key/,
  });
  assert.throws(() => connectWsman({ ...target, url: 'http://hv01', tls }), {
    code: 'http.auth.missing',
    message: /without TLS/,
  });
  assert.ok(connectWsman({ ...target, url: 'https://hv01', tls }));
});
