import assert from 'node:assert/strict';
import { beforeEach, test, type TestContext } from 'node:test';
import type { HostTarget } from '../../../../src/engine/api/host.ts';
import { requests } from '../../../../src/engine/api/methods.ts';
import { hostKey, readHosts } from '../../../../src/extension/settings/hosts.ts';
import { fakeWindow, settled } from '../../../support/extension/extension-window.ts';
import { failure } from '../../../support/extension/fake-engine.ts';
import { giveUpEverywhere } from '../../../support/extension/give-up.ts';
import { hostTest, vmRow } from '../../../support/extension/samples.ts';
import { giveUp, pick, press, type } from '../../../support/vscode/script.ts';
import { workbench } from '../../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const OLD = 'ab'.repeat(32);
const NEW = 'cd'.repeat(32);

/** A window whose engine knows one host: its certificate and the password that it takes. */
async function windowOf(
  t: TestContext,
  host: { fingerprint: string; password: string; trusted?: boolean },
) {
  const window = await fakeWindow(t);
  const state = { ...host };
  const check = ({ target }: { target: HostTarget }): void => {
    if (target.fingerprint !== null && target.fingerprint !== state.fingerprint) {
      throw failure('http.tls.fingerprint', 'another certificate', { permanent: true });
    }
    if (target.fingerprint === null && target.url.startsWith('https:') && state.trusted !== true) {
      throw failure('http.tls.unknownCertificate', 'unknown', { permanent: true });
    }
    if (target.password !== state.password) {
      throw failure('http.auth.failed', 'refused', { permanent: true });
    }
  };
  window.engine
    .on(requests.certificate, () => ({
      fingerprint: state.fingerprint,
      subject: 'hv01',
      issuer: 'hv01',
      validFrom: '2026-01-01T00:00:00Z',
      validTo: '2027-01-01T00:00:00Z',
      trusted: state.trusted === true,
      problem: state.trusted === true ? null : 'DEPTH_ZERO_SELF_SIGNED_CERT',
    }))
    .on(requests.testHost, (params) => {
      check(params);
      return hostTest();
    })
    .on(requests.listVms, (params) => {
      check(params);
      return [vmRow(1)];
    })
    .on(requests.listJobs, () => []);
  return { ...window, state };
}

const USUAL = pick('User and Password');
const ADD = [
  type('https://hv01'),
  USUAL,
  type('Administrator'),
  press('Trust This Certificate'),
  type('right'),
];

test('a host is added by address and user; certificate, then password, then its VMs', async (t) => {
  const { run, services, secrets, engine } = await windowOf(t, {
    fingerprint: OLD,
    password: 'right',
  });
  workbench.play(...ADD);
  await run('refpoint.addHost');
  workbench.assertDone();
  const host = { url: 'https://hv01:5986', user: 'Administrator', fingerprint: OLD };
  assert.deepEqual(readHosts(), [host]);
  assert.deepEqual(
    [...secrets.values],
    [['refpoint.password:https://hv01:5986|administrator|auto', 'right']],
  );
  assert.equal(services.hosts.connected.length, 1);
  const [trust] = workbench.asked.filter(({ modal }) => modal);
  assert.match(trust?.detail ?? '', /SHA-256 fingerprint: abab abab/);
  assert.match(trust?.detail ?? '', /Nothing has been sent yet/);
  // Nothing secret crossed before the certificate was trusted.
  const order = engine.calls.map(({ method }) => method);
  assert.deepEqual(order.slice(0, 4), [
    requests.certificate.method,
    requests.testHost.method,
    requests.testHost.method,
    requests.listVms.method,
  ]);
  const [nobody] = engine.paramsOf(requests.testHost);
  assert.deepEqual([nobody?.target.user, nobody?.target.password], ['', '']);
  assert.equal(workbench.contexts.get('refpoint.connected'), true);
  assert.equal(JSON.stringify(workbench.settings.get('refpoint.hosts')).includes('right'), false);
});

test('giving up while a host is added leaves no password, and no host before both its facts are known', async (t) => {
  const { run, secrets } = await windowOf(t, { fingerprint: OLD, password: 'right' });
  await giveUpEverywhere(
    ADD,
    async () => {
      workbench.settings.put('refpoint.hosts', []);
      await run('refpoint.addHost');
    },
    () => assert.equal(secrets.values.size, 0),
  );
  workbench.settings.put('refpoint.hosts', []);
  for (const steps of [[giveUp()], [type('hv01'), giveUp()], [type('hv01'), USUAL, giveUp()]]) {
    workbench.play(...steps);
    await run('refpoint.addHost');
    assert.deepEqual(readHosts(), []);
  }
});

test('a wrong password is asked for again at once, and only the right one is kept', async (t) => {
  const { run, secrets } = await windowOf(t, {
    fingerprint: OLD,
    password: 'right',
    trusted: true,
  });
  workbench.play(
    type('https://hv01'),
    USUAL,
    type('admin'),
    type('', /needed/),
    type('wrong'),
    type('right'),
  );
  await run('refpoint.addHost');
  workbench.assertDone();
  const boxes = workbench.asked.filter(({ password }) => password);
  assert.match(boxes[0]?.detail ?? '', /secret storage/);
  assert.match(boxes.at(-1)?.detail ?? '', /refused user or password/);
  assert.deepEqual([...secrets.values.values()], ['right']);
  assert.equal(
    readHosts()[0]?.fingerprint,
    undefined,
    'authorities vouch for it: nothing is pinned',
  );
});

test('a host that is not there is reported before a password is asked for', async (t) => {
  const { run, engine } = await windowOf(t, { fingerprint: OLD, password: 'right' });
  engine.fail(requests.testHost, failure('http.unreachable', 'hv01:5985: connection refused'));
  workbench.play(type('hv01'), USUAL, type('admin'), press('Prepare the Host…'));
  await run('refpoint.addHost');
  await settled();
  workbench.assertDone();
  assert.match(workbench.said('error')[0] ?? '', /cannot be reached.*connection refused/);
  const [shown] = workbench.ran.filter(({ id }) => id === 'markdown.showPreview');
  assert.match(String(shown?.args[0]), /#httpunreachable$/);
});

test('a password that is tried is in no output, whether the host takes it or not', async (t) => {
  const { run, services, engine } = await windowOf(t, {
    fingerprint: OLD,
    password: 'right-one',
    trusted: true,
  });
  engine.on(requests.testHost, ({ target }) => {
    services.output.engine.info(`login failed for ${target.user}:${target.password}`);
    if (target.password !== 'right-one') throw failure('http.auth.failed', 'refused');
    return hostTest();
  });
  workbench.play(type('hv01'), USUAL, type('admin'), type('wrong-one'), type('right-one'));
  await run('refpoint.addHost');
  workbench.assertDone();
  const text = [...workbench.outputs.values()].flat().join('\n');
  assert.ok((text.match(/login failed for admin:•••/g)?.length ?? 0) >= 2);
  assert.doesNotMatch(text, /-one/);
});

test('a host that is in the list already is not added again, and keeps what it has', async (t) => {
  const { run } = await windowOf(t, { fingerprint: OLD, password: 'right', trusted: true });
  const host = { name: 'Mine', url: 'https://hv01', user: 'admin', pathMap: { 'C:\\VMs': '/mnt' } };
  workbench.settings.put('refpoint.hosts', [host]);
  workbench.play(type('https://HV01'), USUAL, type('ADMIN'), type('right'));
  await run('refpoint.addHost');
  workbench.assertDone();
  assert.deepEqual(readHosts(), [host]);
  assert.match(workbench.said()[0] ?? '', /in the list already/);
});

test('what cannot be an address is said while one types', async (t) => {
  const { run } = await windowOf(t, { fingerprint: OLD, password: 'right', trusted: true });
  const wrong = [
    '',
    'ht tp://x',
    'ftp://hv01',
    'https://user:pw@hv01',
    'https://hv01/other',
    'https://hv01?x',
  ];
  workbench.play(...wrong.map((text) => type(text, /./)), giveUp());
  await run('refpoint.addHost');
  workbench.assertDone();
  const right: readonly (readonly [string, string])[] = [
    ['hv01', 'http://hv01:5985'],
    ['hv01.corp.example', 'http://hv01.corp.example:5985'],
    ['HV01:5986', 'https://hv01:5986'],
    ['https://hv01', 'https://hv01:5986'],
    ['http://hv01:80', 'http://hv01:80'],
    ['[::1]:5985', 'http://[::1]:5985'],
    ['fe80::1', 'http://[fe80::1]:5985'],
    ['10.0.0.5', 'http://10.0.0.5:5985'],
  ];
  for (const [text, url] of right) {
    workbench.settings.put('refpoint.hosts', []);
    workbench.play(type(text), USUAL, type('a'), giveUp());
    await run('refpoint.addHost');
    assert.equal(readHosts()[0]?.url, url);
    workbench.script.reset();
  }
  const users = [' ', 'a:b', 'a\u0000'].map((text) => type(text, /./));
  workbench.play(type('hv01'), USUAL, ...users, type('CORP\\admin'), giveUp());
  await run('refpoint.addHost');
  workbench.assertDone();
});

test('another address drops certificate and password of the old one, and asks for both again', async (t) => {
  const { run, secrets, services } = await windowOf(t, { fingerprint: OLD, password: 'right' });
  workbench.play(...ADD);
  await run('refpoint.addHost');
  workbench.play(
    pick('Address'),
    type('https://hv02'),
    press('Trust This Certificate'),
    type('right'),
  );
  await run('refpoint.editHost');
  workbench.assertDone();
  assert.deepEqual(readHosts(), [
    { url: 'https://hv02:5986', user: 'Administrator', fingerprint: OLD },
  ]);
  assert.deepEqual(
    [...secrets.values.keys()],
    ['refpoint.password:https://hv02:5986|administrator|auto'],
  );
  assert.equal(services.hosts.hosts.length, 1);
});

test('another user keeps the certificate and drops the password', async (t) => {
  const { run, secrets } = await windowOf(t, { fingerprint: OLD, password: 'right' });
  workbench.play(...ADD);
  await run('refpoint.addHost');
  workbench.play(pick('User'), type('other'), giveUp());
  await run('refpoint.editHost');
  workbench.assertDone();
  assert.equal(readHosts()[0]?.fingerprint, OLD);
  assert.equal(readHosts()[0]?.user, 'other');
  assert.equal(secrets.values.size, 0);
});

test('another name keeps everything else', async (t) => {
  const { run, secrets, services } = await windowOf(t, { fingerprint: OLD, password: 'right' });
  workbench.play(...ADD);
  await run('refpoint.addHost');
  workbench.play(pick('Name'), type('Berlin'));
  await run('refpoint.editHost');
  workbench.assertDone();
  assert.equal(readHosts()[0]?.name, 'Berlin');
  assert.equal(readHosts()[0]?.fingerprint, OLD);
  assert.equal(secrets.values.size, 1);
  assert.equal(services.hosts.connected.length, 1);
});

test('folders of the host are mapped, changed and forgotten', async (t) => {
  const { run } = await windowOf(t, { fingerprint: OLD, password: 'right', trusted: true });
  workbench.settings.put('refpoint.hosts', [{ url: 'https://hv01', user: 'a' }]);
  const local = process.platform === 'win32' ? 'D:\\vms' : '/mnt/vms';
  workbench.play(
    pick(/^Folders of the Host/),
    type('C:\\VMs', /= between/),
    type('VMs = /mnt', /Windows path/),
    type('C:\\VMs = relative', /whole path/),
    type(`C:\\VMs = ${local}`),
  );
  await run('refpoint.editHost');
  assert.deepEqual(readHosts()[0]?.pathMap, { 'C:\\VMs': local });
  workbench.play(pick(/^Folders of the Host/), pick(/^C:\\VMs/), type(''));
  await run('refpoint.editHost');
  assert.equal(readHosts()[0]?.pathMap, undefined);
  workbench.play(pick('Folder for Exports'), type('/srv', /Windows path/), type('D:\\Exports'));
  await run('refpoint.editHost');
  assert.equal(readHosts()[0]?.exportDirectory, 'D:\\Exports');
  workbench.assertDone();
});

test('giving up while a host is edited changes nothing', async (t) => {
  const { run } = await windowOf(t, { fingerprint: OLD, password: 'right' });
  const host = { url: 'https://hv01', user: 'a', fingerprint: OLD };
  workbench.settings.put('refpoint.hosts', [host]);
  for (const label of ['Address', 'User', 'Name', 'Folder for Exports', 'Password']) {
    await giveUpEverywhere(
      [pick(label), type('x')],
      () => run('refpoint.editHost'),
      () => assert.deepEqual(readHosts(), [host]),
    );
  }
});

test('a certificate that changed is refused with what to do; reviewed, the new one is trusted', async (t) => {
  const { run, state, services, engine } = await windowOf(t, {
    fingerprint: OLD,
    password: 'right',
  });
  workbench.play(...ADD);
  await run('refpoint.addHost');
  const [node] = services.hosts.hosts;
  assert.ok(node);
  services.hosts.disconnect(node.id);
  state.fingerprint = NEW;
  workbench.play(press('Review Certificate…'), press('Trust This Certificate'));
  const before = engine.calls.length;
  await run('refpoint.connect');
  await settled();
  workbench.assertDone();
  const [error] = workbench.said('error');
  assert.match(error ?? '', /not the one that was trusted. Nothing was sent/);
  const review = workbench.asked.findLast(({ modal }) => modal);
  assert.match(review?.text ?? '', /another one than before/);
  assert.match(review?.detail ?? '', /Trusted until now: abab/);
  assert.match(review?.detail ?? '', /fingerprint: cdcd/);
  assert.equal(readHosts()[0]?.fingerprint, NEW);
  assert.equal(services.hosts.connected.length, 1);
  assert.ok(engine.calls.length > before);
});

test('a changed certificate that nobody trusts stays refused', async (t) => {
  const { run, state, services } = await windowOf(t, { fingerprint: OLD, password: 'right' });
  workbench.play(...ADD);
  await run('refpoint.addHost');
  services.hosts.disconnect(services.hosts.hosts[0]?.id ?? '');
  state.fingerprint = NEW;
  workbench.play(press('Review Certificate…'), giveUp());
  await run('refpoint.connect');
  await settled();
  workbench.assertDone();
  assert.equal(readHosts()[0]?.fingerprint, OLD);
  assert.equal(services.hosts.connected.length, 0);
});

test('certificates that authorities vouch for are looked at once in a window', async (t) => {
  const { run, engine, services } = await windowOf(t, {
    fingerprint: OLD,
    password: 'right',
    trusted: true,
  });
  workbench.play(type('https://hv01'), USUAL, type('a'), type('right'));
  await run('refpoint.addHost');
  for (let i = 0; i < 5; i++) await services.hosts.refresh();
  assert.equal(engine.count(requests.certificate), 1);
});

test('two things that need a password at once ask once', async (t) => {
  const { services, engine } = await windowOf(t, {
    fingerprint: OLD,
    password: 'right',
    trusted: true,
  });
  const host = { url: 'https://hv01', user: 'a' };
  workbench.settings.put('refpoint.hosts', [host]);
  workbench.play(type('right'));
  const both = await Promise.all([1, 2].map(() => services.connections.target(host, true)));
  assert.deepEqual(
    both.map((target) => target?.password),
    ['right', 'right'],
  );
  const tried = engine.paramsOf(requests.testHost).filter(({ target }) => target.user !== '');
  assert.equal(tried.length, 1);
  workbench.assertDone();
});

test('two things that need the same certificate trusted at once ask once', async (t) => {
  const { services } = await windowOf(t, { fingerprint: OLD, password: 'right' });
  const host = { url: 'https://hv01', user: 'a' };
  workbench.settings.put('refpoint.hosts', [host]);
  await services.passwords.store(host, 'right');
  workbench.play(press('Trust This Certificate'));
  const both = await Promise.all([1, 2].map(() => services.connections.target(host, true)));
  assert.deepEqual(
    both.map((target) => target?.fingerprint),
    [OLD, OLD],
  );
  workbench.assertDone();
});

test('a password is forgotten by its command and with its host', async (t) => {
  const { run, secrets, services } = await windowOf(t, { fingerprint: OLD, password: 'right' });
  workbench.play(...ADD);
  await run('refpoint.addHost');
  await run('refpoint.forgetPassword');
  assert.equal(secrets.values.size, 0);
  assert.equal(services.hosts.connected.length, 0);
  workbench.play(type('right'));
  await run('refpoint.connect');
  assert.equal(secrets.values.size, 1);
  workbench.play(giveUp());
  await run('refpoint.removeHost');
  assert.equal(readHosts().length, 1);
  workbench.play(press('Remove'));
  await run('refpoint.removeHost');
  assert.match(workbench.asked.at(-1)?.detail ?? '', /no backup is touched/);
  assert.deepEqual(readHosts(), []);
  assert.equal(secrets.values.size, 0);
  workbench.assertDone();
});

test('a host of the same address and another user has its own password', async (t) => {
  const { services, secrets } = await windowOf(t, { fingerprint: OLD, password: 'right' });
  const a = { url: 'https://hv01', user: 'a' };
  await services.passwords.store(a, 'secret');
  assert.equal(await services.passwords.get({ ...a, user: 'b' }), undefined);
  assert.equal(await services.passwords.get({ ...a, authentication: 'basic' }), undefined);
  assert.equal(await services.passwords.get({ ...a, url: 'https://hv02' }), undefined);
  assert.equal(
    await services.passwords.get({ ...a, name: 'renamed', url: 'HTTPS://HV01:5986' }),
    'secret',
  );
  assert.equal(secrets.values.size, 1);
  assert.notEqual(hostKey({ url: 'https://hv01:443' }), hostKey(a));
});

test('without a host or a connection, commands say so and offer the way', async (t) => {
  const { run } = await windowOf(t, { fingerprint: OLD, password: 'right' });
  workbench.play(press('Add Host…'), giveUp());
  await run('refpoint.connect');
  workbench.assertDone();
  workbench.settings.put('refpoint.hosts', [{ url: 'http://localhost' }]);
  for (const id of ['refpoint.findVm', 'refpoint.backup', 'refpoint.queryChanges']) {
    workbench.script.reset();
    await run(id);
    // The only host is connected to, and why it is not is what the person needs.
    assert.match(workbench.said()[0] ?? '', /refused the user or the password/, id);
    assert.equal(workbench.said().length, 1, id);
  }
  workbench.script.reset();
  await run('refpoint.disconnect');
  assert.deepEqual(workbench.said(), ['No host is connected.']);
});

test('what helps a VM whose host is in trouble is about that host, and asks for none', async (t) => {
  const { run } = await windowOf(t, { fingerprint: OLD, password: 'right', trusted: true });
  const hosts = [
    { url: 'http://localhost', name: 'a' },
    { url: 'http://127.0.0.1', name: 'b' },
  ];
  workbench.settings.put('refpoint.hosts', hosts);
  const vm = { kind: 'vm', id: 'v', host: hosts[1], lab: false, row: vmRow(1), twin: false };
  workbench.play(pick('Name'), type('c'));
  await run('refpoint.editHost', vm);
  workbench.assertDone();
  assert.deepEqual(
    readHosts().map(({ name }) => name),
    ['a', 'c'],
  );
});

test('a view that is hidden and cannot be shown takes nothing from a connection', async (t) => {
  const { run, services, hosts } = await windowOf(t, { fingerprint: OLD, password: 'right' });
  hosts.reveal = async () => {
    throw new Error('there is no such view');
  };
  workbench.play(...ADD);
  await run('refpoint.addHost');
  workbench.assertDone();
  assert.equal(services.hosts.connected.length, 1);
  assert.deepEqual(workbench.said('error'), []);
});
