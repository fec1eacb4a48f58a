import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import type { LogRecord } from '../../../src/engine/base/log.ts';
import type { HttpWsmanClient } from '../../../src/engine/net/wsman/wsman-client.ts';
import { labCertificate } from '../../../src/engine/lab/wsman/certificate.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { tlsRelay } from '../../support/host/tls-relay.ts';
import { all, smallHost, USER } from '../../support/host/small-host.ts';
import { SmallRepository } from '../../support/host/small-repository.ts';
import {
  tamperingProxy,
  type Tampering,
  type TamperingProxy,
} from '../../support/host/tampering-proxy.ts';
import { Secret } from '../../../src/engine/net/auth/contract/secret.ts';

const PASSWORD = 'Grüne-Wiese 77';

interface Scene {
  readonly client: HttpWsmanClient;
  readonly proxy: TamperingProxy;
  readonly log: LogRecord[];
  /** Lists VMs and returns their number. */
  readonly ask: () => Promise<number>;
}

/** A client, somebody in between, and a host that seals. The address is not a loopback address. */
async function scene(t: TestContext, tampering: Tampering): Promise<Scene> {
  const log: LogRecord[] = [];
  const host = await smallHost(t, new SmallRepository(3), {
    password: PASSWORD,
    log: (record) => void log.push(record),
  });
  const proxy = await tamperingProxy(t, host.server.httpPort, tampering);
  const client = host.client({
    url: `http://0.0.0.0:${proxy.port}`,
    credential: { user: USER, password: new Secret(PASSWORD) },
    log: (record) => void log.push(record),
  });
  const ask = async (): Promise<number> =>
    (await all(client.enumerate('Msvm_ComputerSystem', never))).length;
  return { client, proxy, log, ask };
}

const SOAP = { 'content-type': 'application/soap+xml;charset=UTF-8' };
const plainAnswer = (status: number, text: string) => ({
  status,
  headers: SOAP,
  body: Buffer.from(
    `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">${text}</s:Envelope>`,
  ),
});
const flipped = (body: Buffer): Buffer => {
  const copy = Buffer.from(body);
  const at = copy.length - 100;
  copy[at] = (copy[at] ?? 0) ^ 0x10;
  return copy;
};
const isSealed = (headers: object): boolean => /multipart\/encrypted/.test(JSON.stringify(headers));

test('without an attacker, nothing that is sent or received can be read on the way', async (t) => {
  const answers: string[] = [];
  const { ask, proxy, client } = await scene(t, {
    answer: (answer) => {
      answers.push(answer.body.toString('latin1'));
      return answer;
    },
  });
  assert.ok((await ask()) > 0);
  assert.deepEqual(client.security()?.mechanism, 'ntlm');
  assert.equal(client.security()?.sealed, true);
  const whole = [...proxy.heard, ...answers].join('\n');
  assert.ok(whole.length > 4000 && !/Envelope|Msvm_|EXTRA-/.test(whole), 'all of it is sealed');
});

test('answers that are plain, altered, repeated or of another kind are refused', async (t) => {
  let before: Buffer | undefined;
  const attacks: Readonly<Record<string, NonNullable<Tampering['answer']>>> = {
    plain: (answer) => ({ ...answer, ...plainAnswer(200, '<s:Body/>') }),
    'plain fault': (answer) => ({ ...answer, ...plainAnswer(500, '<s:Body/>') }),
    altered: (answer) => ({ ...answer, body: flipped(answer.body) }),
    repeated: (answer) => ({ ...answer, body: before ?? answer.body }),
    empty: (answer) => ({ ...answer, body: Buffer.alloc(0) }),
    cut: (answer) => ({ ...answer, body: answer.body.subarray(0, -40) }),
  };
  for (const [name, attack] of Object.entries(attacks)) {
    let armed = false;
    const { ask } = await scene(t, {
      answer: (answer, at) => {
        if (!isSealed(answer.headers)) return answer;
        if (armed) return attack(answer, at);
        before ??= answer.body;
        return answer;
      },
    });
    before = undefined;
    assert.ok((await ask()) > 0, name);
    armed = true;
    await assert.rejects(ask(), { code: 'http.auth.sealed', message: /0\.0\.0\.0|sealed/ }, name);
  }
});

test('requests that are altered, repeated or in another order are refused by the host', async (t) => {
  let alter = false;
  const altered = await scene(t, {
    request: (body, headers) => (alter && isSealed(headers) ? flipped(body) : body),
  });
  assert.ok((await altered.ask()) > 0);
  alter = true;
  await assert.rejects(altered.ask(), { code: 'http.auth.failed' });

  let repeat = false;
  const replayed = await scene(t, { repeat: () => repeat });
  assert.ok((await replayed.ask()) > 0);
  repeat = true;
  await replayed.ask().catch(() => undefined);
  assert.ok(replayed.proxy.repeated.length > 0);
  for (const status of replayed.proxy.repeated) assert.equal(status, 401);

  let old: Buffer | undefined;
  let swap = false;
  const reordered = await scene(t, {
    request: (body, headers) => {
      if (!isSealed(headers)) return body;
      old ??= body;
      return swap ? old : body;
    },
  });
  assert.ok((await reordered.ask()) > 0);
  swap = true;
  await assert.rejects(reordered.ask(), { code: 'http.auth.failed' });
});

test('a server that answers without a login hears no request, and is not believed', async (t) => {
  const answers = {
    success: plainAnswer(200, '<s:Body/>'),
    fault: plainAnswer(500, '<s:Body><s:Fault/></s:Body>'),
    'login of a guest': { status: 200, headers: {}, body: Buffer.alloc(0) },
  };
  for (const [name, answer] of Object.entries(answers)) {
    for (const from of [0, 1]) {
      const { ask, proxy } = await scene(t, {
        request: (body, _headers, at) => (at < from ? body : answer),
      });
      await assert.rejects(ask(), { code: 'http.auth.peer' }, name);
      for (const text of proxy.heard) assert.doesNotMatch(text, /Envelope|Msvm_/);
    }
    // After the client's proof its request is out, sealed: the answer must be sealed as well.
    const late = await scene(t, { request: (body, _headers, at) => (at < 2 ? body : answer) });
    await assert.rejects(late.ask(), { code: 'http.auth.sealed' }, name);
  }
});

test('a redirect is refused, and its goal never visited', async (t) => {
  const goal = await tamperingProxy(t, 1, {});
  const location = `http://127.0.0.1:${goal.port}/wsman`;
  for (const from of [0, 1, 2]) {
    for (const status of [301, 302, 307, 308]) {
      const { ask } = await scene(t, {
        request: (body, _headers, at) =>
          at < from ? body : { status, headers: { location }, body: Buffer.from('<s:Envelope/>') },
      });
      await assert.rejects(ask(), { code: 'http.status', message: /redirect/ });
    }
  }
  assert.deepEqual(goal.heard, []);
});

test('offers from which the strong schemes were removed do not make the client weaker', async (t) => {
  const { ask, proxy } = await scene(t, {
    answer: (answer) => ({ ...answer, headers: { 'www-authenticate': ['Basic realm="WSMAN"'] } }),
  });
  await assert.rejects(ask(), { code: 'http.auth.scheme', message: /Basic/ });
  for (const text of proxy.heard) assert.doesNotMatch(text, /authorization|Envelope/i);
});

test('somebody in between with a certificate of his own gets nothing, or a login that is bound to his', async (t) => {
  const own = await labCertificate(await temporaryFolder(t), 'LAB01', never);
  const other = await labCertificate(await temporaryFolder(t), 'LAB01', never);
  const repository = new SmallRepository(3);
  const host = await smallHost(t, repository, { https: own, logins: { offers: ['negotiate'] } });
  const relay = await tlsRelay(t, host.server.httpsPort ?? 0, other);
  const url = `https://localhost:${relay.port}`;
  await assert.rejects(host.client({ url, tls: { ca: own.certificate } }).identify(never), {
    code: 'http.tls.unknownCertificate',
  });
  await assert.rejects(
    host.client({ url, tls: { fingerprint: own.fingerprint } }).identify(never),
    {
      code: 'http.tls.fingerprint',
    },
  );
  assert.equal(relay.heard(), 0, 'nothing was sent');
  // Even a client that trusts him by mistake: the host refuses a login for another channel.
  const fooled = host.client({ url, authentication: 'ntlm', tls: { ca: other.certificate } });
  await assert.rejects(fooled.identify(never), { code: 'http.auth.failed' });
  assert.ok(relay.heard() > 0);
  const right = host.client({
    url: `https://localhost:${host.server.httpsPort}`,
    authentication: 'ntlm',
    tls: { ca: own.certificate },
  });
  assert.match((await right.identify(never)).productVersion, /17763/);
});

test('no log, message or traffic of all this holds the password', async (t) => {
  const scenes = [
    await scene(t, {}),
    await scene(t, { answer: (answer) => ({ ...answer, body: flipped(answer.body) }) }),
    await scene(t, { request: () => plainAnswer(200, `<x>${PASSWORD}</x>`) }),
  ];
  const texts: string[] = [];
  for (const { ask, client, log, proxy } of scenes) {
    await ask().catch((error: unknown) => texts.push(String(error), JSON.stringify(error)));
    await client.identify(never).catch((error: unknown) => texts.push(String(error)));
    texts.push(...log.map((record) => JSON.stringify(record)), ...proxy.heard);
  }
  assert.ok(texts.length > 20);
  const whole = texts.join('\n');
  for (const secret of spellings(PASSWORD)) assert.ok(!whole.includes(secret), secret);
});

/** The password as text and in every encoding in which a protocol could carry it. */
function spellings(password: string): string[] {
  const bare = (text: string, encoding: 'utf8' | 'latin1' | 'utf16le'): string[] => {
    const bytes = Buffer.from(text, encoding);
    return [
      bytes.toString('latin1'),
      bytes.toString('hex'),
      bytes.toString('base64').replace(/=+$/, ''),
    ];
  };
  return [
    password,
    encodeURIComponent(password),
    JSON.stringify(password).slice(1, -1),
    ...(['utf8', 'latin1', 'utf16le'] as const).flatMap((encoding) => [
      ...bare(password, encoding),
      ...bare(`${USER}:${password}`, encoding),
    ]),
  ];
}
