import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { refusedPasswords } from '../../../../../src/engine/net/auth/refused-passwords.ts';
import { wsmanUrl } from '../../../../../src/engine/net/wsman/address.ts';
import { Secret } from '../../../../../src/engine/net/auth/contract/secret.ts';
import { ntlmInitiator } from '../../../../../src/engine/net/auth/ntlm/ntlm-initiator.ts';
import {
  decodeSealed,
  encodeSealed,
  type PartIndent,
} from '../../../../../src/engine/net/auth/sealed/sealed-multipart.ts';
import { labCertificate } from '../../../../../src/engine/lab/wsman/certificate.ts';
import { afterwards } from '../../../../support/checks/afterwards.ts';
import { temporaryFolder } from '../../../../support/files/temporary-folder.ts';
import {
  PASSWORD,
  smallHost,
  USER,
  type SmallHostOptions,
} from '../../../../support/host/small-host.ts';
import { peer } from '../../../../support/process/peers.ts';
import { SmallRepository } from '../../../../support/host/small-repository.ts';

const IDENTIFY =
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body><i:Identify/></s:Body></s:Envelope>';
const SOAP = 'application/soap+xml;charset=UTF-8';

interface Answer {
  readonly status: number;
  readonly challenges: readonly string[];
  readonly contentType: string;
  readonly body: Buffer;
}

type Send = (body: Buffer | string, headers?: Readonly<Record<string, string>>) => Promise<Answer>;

/** A client's socket, as low as HTTP. */
function socketTo(t: TestContext, url: string): Send {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  afterwards(t, () => agent.destroy());
  return (body, headers = {}) =>
    new Promise((resolve, reject) => {
      const all = { 'content-type': SOAP, ...headers, 'content-length': Buffer.byteLength(body) };
      const request = http.request(
        `${url}/wsman`,
        { method: 'POST', agent, headers: all },
        (got) => {
          const chunks: Buffer[] = [];
          got.on('data', (chunk: Buffer) => chunks.push(chunk));
          got.on('end', () =>
            resolve({
              status: got.statusCode ?? 0,
              challenges: got.headersDistinct['www-authenticate'] ?? [],
              contentType: got.headers['content-type'] ?? '',
              body: Buffer.concat(chunks),
            }),
          );
        },
      );
      request.on('error', reject);
      request.end(body);
    });
}

const context = () =>
  ntlmInitiator({
    credential: { user: USER, password: new Secret(PASSWORD) },
    service: 'HTTP',
    host: 'lab01',
    channelBinding: undefined,
  });

/** Logs in on a socket with raw NTLM and an empty last request; returns the context. */
async function logIn(send: Send): Promise<ReturnType<typeof context>> {
  const client = context();
  const first = await client.step(undefined);
  const challenged = await send('', { authorization: `Negotiate ${base64(first.token)}` });
  assert.equal(challenged.status, 401);
  const [challenge = ''] = challenged.challenges;
  assert.equal(challenged.challenges.length, 1);
  const last = await client.step(Buffer.from(challenge.replace('Negotiate ', ''), 'base64'));
  const done = await send('', { authorization: `Negotiate ${base64(last.token)}` });
  assert.deepEqual([done.status, done.body.length], [200, 0]);
  return client;
}

const base64 = (token: Buffer | undefined): string => (token ?? Buffer.alloc(0)).toString('base64');

function sealedIdentify(client: ReturnType<typeof context>, indent: PartIndent) {
  const plain = Buffer.from(IDENTIFY);
  return encodeSealed({
    protocol: 'spnego',
    indent,
    originalType: SOAP,
    originalLength: plain.length,
    sealed: client.seal(plain),
  });
}

const strict: SmallHostOptions = {
  logins: { offers: ['negotiate', 'kerberos'], unencrypted: 'off' },
};

test('a login belongs to its socket, and answers come in the style of the request', async (t) => {
  const { url } = await smallHost(t, new SmallRepository(1), strict);
  const send = socketTo(t, url);
  const client = await logIn(send);
  for (const indent of ['\t', '', '\t'] as const) {
    const { body, contentType } = sealedIdentify(client, indent);
    const answer = await send(body, { 'content-type': contentType });
    const read = decodeSealed(answer);
    assert.deepEqual([answer.status, read.indent, read.protocol], [200, indent, 'spnego']);
    assert.match(client.unseal(read.sealed).toString(), /17763/);
  }
  const another = await socketTo(t, url)(IDENTIFY);
  assert.deepEqual([another.status, another.challenges], [401, ['Negotiate', 'Kerberos']]);
});

test('a host as installed offers no Basic, and refuses a plain body after a login', async (t) => {
  const { url } = await smallHost(t, new SmallRepository(1), strict);
  const send = socketTo(t, url);
  const token = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');
  const basic = await send(IDENTIFY, { authorization: `Basic ${token}` });
  assert.deepEqual([basic.status, basic.challenges], [401, ['Negotiate', 'Kerberos']]);
  await logIn(send);
  const plain = await send(IDENTIFY);
  assert.deepEqual([plain.status, plain.body.length], [500, 0]);
  const open = await smallHost(t, new SmallRepository(1), {
    logins: { offers: ['negotiate'], unencrypted: 'on' },
  });
  const sendOpen = socketTo(t, open.url);
  await logIn(sendOpen);
  assert.match((await sendOpen(IDENTIFY)).body.toString(), /17763/);
});

test('a message that was sealed before, altered, or sealed for another protocol ends the login', async (t) => {
  const { url } = await smallHost(t, new SmallRepository(1), strict);
  const send = socketTo(t, url);
  const spoil: readonly ((body: Buffer) => Buffer)[] = [
    (body) => body,
    (body) => Buffer.from(body.map((byte, at) => (at === body.length - 60 ? byte ^ 1 : byte))),
    (body) =>
      Buffer.from(body.toString('latin1').replace('HTTP-SPNEGO', 'HTTP-Kerberos'), 'latin1'),
    () => Buffer.from('no part of anything'),
  ];
  for (const [at, change] of spoil.entries()) {
    const client = await logIn(send);
    const { body, contentType } = sealedIdentify(client, '\t');
    const headers = { 'content-type': contentType };
    if (at === 0) assert.equal((await send(body, headers)).status, 200);
    assert.equal((await send(change(body), headers)).status, 401, String(at));
    const next = sealedIdentify(client, '\t');
    assert.equal((await send(next.body, headers)).status, 401, 'the login is forgotten');
  }
});

test('each fault of the wire gives the client one precise error, and the next request a new login', async (t) => {
  const damages = ['garbage', 'altered', 'plain', 'replayed'] as const;
  for (const damage of damages) {
    let armed = false;
    const host = await smallHost(t, new SmallRepository(1), {
      faults: {
        damage: () => {
          const now = armed ? damage : undefined;
          armed = false;
          return now;
        },
      },
    });
    const client = host.client();
    await client.identify(never);
    armed = true;
    await assert.rejects(client.identify(never), { code: 'http.auth.sealed' }, damage);
    assert.match((await client.identify(never)).productVersion, /17763/);
  }
  const once = { left: 0 };
  const host = await smallHost(t, new SmallRepository(1), {
    faults: { before: async () => (once.left-- > 0 ? 'unauthorized' : 'pass') },
  });
  const client = host.client();
  await client.identify(never);
  once.left = 1;
  assert.match((await client.identify(never)).productVersion, /17763/, 'logged in again');
  once.left = 2;
  await assert.rejects(client.identify(never), { code: 'http.auth.failed' });
});

test('a locked account and a fault inside of a sealed message are told', async (t) => {
  let locked = true;
  const host = await smallHost(t, new SmallRepository(1), {
    faults: { locked: () => locked, before: async () => 'fault' },
  });
  const client = host.client();
  await assert.rejects(client.identify(never), {
    code: 'http.auth.failed',
    message: /NTLM does not tell whether the account is locked/,
  });
  locked = false;
  await assert.rejects(client.identify(never), {
    code: 'http.auth.failed',
    message: /was not sent again/,
  });
  // A person asks for it.
  const credential = { user: USER, password: new Secret(PASSWORD) };
  refusedPasswords.forget({ url: wsmanUrl(host.url), credential });
  await assert.rejects(client.identify(never), {
    code: 'wsman.fault.internal',
  });
  assert.equal(client.security()?.sealed, true);
});

/** A certificate for logging in, signed by itself. */
async function userCertificate(t: TestContext, openssl: string) {
  const folder = await temporaryFolder(t);
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  execFileSync(
    openssl,
    [
      ...['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
      ...['-subj', '/CN=backup', '-addext', 'extendedKeyUsage=clientAuth'],
      ...['-keyout', key, '-out', certificate],
    ],
    { stdio: 'pipe' },
  );
  return { key: await readFile(key, 'utf8'), certificate: await readFile(certificate, 'utf8') };
}

test('a client certificate of the trusted authority logs in over HTTPS, another one does not', async (t) => {
  const server = await labCertificate(await temporaryFolder(t), 'LAB01', never);
  const openssl = peer(t, 'openssl');
  if (openssl === undefined) return;
  const user = await userCertificate(t, openssl);
  const stranger = await userCertificate(t, openssl);
  const host = await smallHost(t, new SmallRepository(1), {
    https: { ...server, clientAuthority: user.certificate },
    logins: { offers: ['negotiate'] },
  });
  const url = `https://localhost:${host.server.httpsPort}`;
  const connect = (shown: { readonly certificate: string; readonly key: string }) =>
    host.client({
      url,
      credential: undefined,
      authentication: 'certificate',
      tls: { ca: server.certificate, cert: shown.certificate, key: shown.key },
    });
  const client = connect(user);
  assert.match((await client.identify(never)).productVersion, /17763/);
  assert.equal(client.security()?.mechanism, 'certificate');
  await assert.rejects(connect(stranger).identify(never), {
    code: 'http.auth.failed',
    message: /client certificate/,
  });
});
