import assert from 'node:assert/strict';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { never } from '../../../../src/engine/base/abort.ts';
import { basic } from '../../../../src/engine/net/auth/basic/basic.ts';
import {
  HttpConnection,
  type HttpOptions,
} from '../../../../src/engine/net/http/http-connection.ts';
import { Secret } from '../../../../src/engine/net/auth/contract/secret.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';

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
