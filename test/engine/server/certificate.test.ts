import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ErrorInfo } from '../../../src/engine/api/errors.ts';
import type { HostTarget } from '../../../src/engine/api/host.ts';
import { requests, type Request } from '../../../src/engine/api/methods.ts';
import { afterwards } from '../../support/checks/afterwards.ts';
import { backupOptions, startBackupLab } from '../../support/backup/backup-lab.ts';
import { startEngine, type EngineProcess } from '../../support/process/engine-process.ts';
import { homeOf, startJob, untilJob } from '../../support/process/job-process.ts';
import { listeningTls } from '../../support/host/listening-tls.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';

const PASSWORD = 'Pa55word-of-the-host';

function targetOf(url: string, fingerprint: string | null): HostTarget {
  return {
    url,
    authentication: 'auto',
    user: 'Administrator',
    password: PASSWORD,
    ntlmFallback: true,
    clientCertificate: null,
    fingerprint,
    ca: null,
    timeoutSeconds: 10,
  };
}

async function refusal<P>(
  engine: EngineProcess,
  request: Request<P, unknown>,
  params: P,
): Promise<ErrorInfo> {
  try {
    await engine.request(request, params);
  } catch (error) {
    return (error as { readonly data: ErrorInfo }).data;
  }
  throw new Error(`${request.method} was answered`);
}

/** Everything that is asked of a host. */
const QUESTIONS: readonly ((engine: EngineProcess, target: HostTarget) => Promise<ErrorInfo>)[] = [
  (engine, target) => refusal(engine, requests.testHost, { target }),
  (engine, target) => refusal(engine, requests.listVms, { target }),
  (engine, target) => refusal(engine, requests.showVm, { target, vm: 'vm', stores: [] }),
  (engine, target) =>
    refusal(engine, requests.createReferencePoint, {
      target,
      vm: 'vm',
      consistency: 'crash',
      progressToken: 'p',
    }),
];

test('an unknown certificate is shown, and nothing but the handshake is sent before it is trusted', async (t) => {
  const host = await listeningTls(t);
  const engine = await startEngine(t, { home: await temporaryFolder(t) });
  const { url } = host;
  const shown = await engine.request(requests.certificate, { url, timeoutSeconds: 10 });
  assert.equal(shown.fingerprint, host.fingerprint());
  assert.deepEqual([shown.trusted, shown.problem !== null], [false, true]);
  assert.ok(Date.parse(shown.validTo) > Date.now());
  for (const ask of QUESTIONS) {
    const { code, data, permanent, userFixable } = await ask(engine, targetOf(url, null));
    assert.equal(code, 'http.tls.unknownCertificate');
    assert.equal(data['fingerprint'], host.fingerprint());
    assert.deepEqual([permanent, userFixable], [true, true]);
  }
  assert.ok(host.connections() >= 1 + QUESTIONS.length);
  assert.equal(host.received(), '');
  // Trusted, it gets the login: so the silence before was no accident.
  const trusted = { ...targetOf(url, shown.fingerprint), authentication: 'basic' } as const;
  await refusal(engine, requests.testHost, { target: trusted });
  const basic = Buffer.from(`Administrator:${PASSWORD}`).toString('base64');
  assert.ok(host.received().includes(`Authorization: Basic ${basic}`));
});

test('a changed certificate is refused before any credential is sent, by the engine and by jobs', async (t) => {
  const lab = await startBackupLab(t);
  const host = await listeningTls(t);
  const engine = await startEngine(t, { home: homeOf(lab) });
  const { url } = host;
  const trusted = host.fingerprint();
  await host.renew();
  assert.notEqual(host.fingerprint(), trusted);
  const target = targetOf(url, trusted);
  for (const ask of QUESTIONS) {
    const { code, data, message } = await ask(engine, target);
    assert.equal(code, 'http.tls.fingerprint');
    assert.deepEqual([data['found'], data['expected']], [host.fingerprint(), trusted]);
    assert.ok(message.includes(trusted) && message.includes(host.fingerprint()));
  }
  const store = join(lab.folder, 'store');
  const job = startJob(
    { ...lab, target },
    { kind: 'backup', host: url, vm: 'vm', store, options: backupOptions(lab) },
  );
  assert.equal(await job.closed, 3, job.errors());
  const failed = await untilJob(lab, job.id, 'failed');
  assert.equal(failed.error?.code, 'http.tls.fingerprint');
  assert.ok(host.connections() > QUESTIONS.length);
  assert.equal(host.received(), '', 'not a byte');
});

test('a certificate that changes while the host is connected is met by the next connection', async (t) => {
  const host = await listeningTls(t);
  const engine = await startEngine(t, { home: await temporaryFolder(t) });
  const target = targetOf(host.url, host.fingerprint());
  const first = await refusal(engine, requests.testHost, { target });
  assert.match(first.code, /^http\.lost/, 'trusted: it was spoken to, and hung up');
  const before = host.received();
  await host.renew();
  const second = await refusal(engine, requests.testHost, { target });
  assert.equal(second.code, 'http.tls.fingerprint');
  assert.equal(host.received(), before);
});

test('a host that is down, and one that never shakes hands, are told of in bounded time', async (t) => {
  const engine = await startEngine(t, { home: await temporaryFolder(t) });
  const silent = net.createServer(() => undefined);
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const url = `https://127.0.0.1:${port}`;
  const slow = await refusal(engine, requests.certificate, { url, timeoutSeconds: 1 });
  assert.equal(slow.code, 'http.timeout');
  const held = await refusal(engine, requests.testHost, {
    target: { ...targetOf(url, null), timeoutSeconds: 1 },
  });
  assert.equal(held.code, 'http.timeout');
  silent.close();
  afterwards(t, () => silent.close());
  const down = await refusal(engine, requests.certificate, {
    url: 'https://127.0.0.1:1',
    timeoutSeconds: 10,
  });
  assert.deepEqual([down.code, down.userFixable], ['http.unreachable', true]);
  const bad = await refusal(engine, requests.certificate, { url: 'ftp://hv01', timeoutSeconds: 1 });
  assert.equal(bad.code, 'http.url');
});
