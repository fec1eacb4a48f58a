import assert from 'node:assert/strict';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { never } from '../../../../src/engine/base/abort.ts';
import { noLog } from '../../../../src/engine/base/log.ts';
import { basic, isLoopback } from '../../../../src/engine/net/auth/basic/basic.ts';
import {
  HttpConnection,
  type HttpOptions,
} from '../../../../src/engine/net/http/http-connection.ts';
import { Secret } from '../../../../src/engine/net/auth/secret.ts';
import { connectWsman, wsmanUrl } from '../../../../src/engine/net/wsman/connect-wsman.ts';
import { afterwards } from '../../../support/afterwards.ts';

const credential = { user: 'u', password: new Secret('hidden-word') };

async function listening(t: TestContext, server: net.Server): Promise<URL> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => sockets.add(socket));
  afterwards(t, () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/wsman`);
}

function connection(t: TestContext, url: URL, more: Partial<HttpOptions> = {}): HttpConnection {
  const made = new HttpConnection({
    url,
    credential,
    schemes: [basic],
    tls: {},
    timeoutSeconds: 10,
    connections: 2,
    maxBody: 1000,
    ...more,
  });
  afterwards(t, () => made.close());
  return made;
}

const post = (made: HttpConnection) => made.post(Buffer.from('<a/>'), 'text/xml', never);

test('an answer of the largest size is read, one byte more is refused', async (t) => {
  let size = 1000;
  const server = http.createServer((request, response) => {
    request.resume();
    response.end('x'.repeat(size));
  });
  const made = connection(t, await listening(t, server));
  assert.equal((await post(made)).body.length, 1000);
  size = 1001;
  await assert.rejects(post(made), { code: 'http.tooLarge' });
  size = 3;
  assert.equal((await post(made)).body.length, 3);
});

test('connections are kept and used again', async (t) => {
  const ports = new Set<number | undefined>();
  const server = http.createServer((request, response) => {
    ports.add(request.socket.remotePort);
    request.resume();
    response.end();
  });
  const made = connection(t, await listening(t, server));
  for (let i = 0; i < 5; i++) await post(made);
  assert.equal(ports.size, 1);
});

test('a host that sends a byte now and then does not get more time', async (t) => {
  const server = http.createServer((request, response) => {
    request.resume();
    response.writeHead(200);
    const timer = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(timer));
  });
  const made = connection(t, await listening(t, server), { timeoutSeconds: 0.3 });
  await assert.rejects(post(made), { code: 'http.timeout' });
});

test('an answer that breaks off is lost, not short', async (t) => {
  const server = net.createServer((socket) => {
    socket.once('data', () => {
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
    });
    socket.on('error', () => undefined);
  });
  const made = connection(t, await listening(t, server));
  await assert.rejects(post(made), { code: 'http.lost' });
});

test('what is not HTTP is a lost connection, whose error does not hold the password', async (t) => {
  const server = net.createServer((socket) => {
    socket.once('data', () => socket.end('220 smtp ready\r\n'));
    socket.on('error', () => undefined);
  });
  const made = connection(t, await listening(t, server));
  await assert.rejects(post(made), (error: Error & { code: string }) => {
    assert.equal(error.code, 'http.lost');
    const text = inspect(error, { depth: 10, showHidden: true });
    assert.ok(!text.includes('hidden-word'));
    assert.ok(!text.includes(Buffer.from('u:hidden-word').toString('base64')));
    return true;
  });
});

test('the schemes that a host offers are told', async (t) => {
  const server = http.createServer((request, response) => {
    request.resume();
    response.writeHead(401, {
      'WWW-Authenticate': ['Negotiate', 'Kerberos', 'Basic realm="WSMAN"'],
    });
    response.end();
  });
  const url = await listening(t, server);
  const made = connection(t, url);
  await assert.rejects(post(made), {
    code: 'http.auth.failed',
    data: { url: url.href, offered: ['Negotiate', 'Kerberos', 'Basic'] },
  });
});

test('a host that offers no Basic is told apart from a wrong password', async (t) => {
  const server = http.createServer((request, response) => {
    request.resume();
    response.writeHead(401, { 'WWW-Authenticate': ['Negotiate', 'Kerberos'] });
    response.end();
  });
  const url = await listening(t, server);
  const client = connectWsman({ ...TARGET, url: url.origin });
  await assert.rejects(client.identify(never), {
    code: 'http.auth.scheme',
    message: /Negotiate or Kerberos/,
    data: { url: url.href, offered: ['Negotiate', 'Kerberos'] },
  });
});

const TARGET = {
  url: '',
  credential,
  authentication: 'auto',
  tls: {},
  timeoutSeconds: 5,
  log: noLog,
} as const;

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
    assert.ok(isLoopback(host), host);
  for (const host of ['127.0.0.1.example', 'localhost.example', '[::2]', '128.0.0.1', ''])
    assert.ok(!isLoopback(host), host);
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

test('a scheme that is not there yet is refused by name', () => {
  assert.throws(() => connectWsman({ ...TARGET, url: 'https://hv01', authentication: 'ntlm' }), {
    code: 'http.auth.scheme',
    message: /ntlm/,
  });
});

test('a password is hidden in every printed form', () => {
  const secret = new Secret('hidden-word');
  const forms = [
    String(secret),
    secret.toString(),
    JSON.stringify({ secret }),
    inspect({ secret }, { depth: 5, showHidden: true }),
    Object.keys(secret).join(),
  ];
  assert.ok(
    forms.every((form) => !form.includes('hidden-word')),
    forms.join('\n'),
  );
  assert.equal(secret.reveal(), 'hidden-word');
});
