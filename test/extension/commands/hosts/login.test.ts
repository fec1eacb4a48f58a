import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, test, type TestContext } from 'node:test';
import * as vscode from 'vscode';
import type { HostTarget } from '../../../../src/engine/api/host.ts';
import { requests } from '../../../../src/engine/api/methods.ts';
import { waysFor } from '../../../../src/extension/hosts/login/login-ways.ts';
import { readHosts } from '../../../../src/extension/settings/hosts.ts';
import { fakeWindow, settled } from '../../../support/extension/extension-window.ts';
import { failure } from '../../../support/extension/fake-engine.ts';
import { hostTest, vmRow } from '../../../support/extension/samples.ts';
import { choose, click, giveUp, pick, type } from '../../../support/vscode/script.ts';
import { workbench } from '../../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const PASSPHRASE = 'the-keys-own';

/** A window whose engine accepts what `accepts` does, over any certificate. */
async function windowOf(t: TestContext, accepts: (target: HostTarget) => boolean = () => true) {
  const window = await fakeWindow(t);
  const check = ({ target }: { target: HostTarget }): void => {
    if (!accepts(target)) throw failure('http.auth.failed', 'refused', { permanent: true });
  };
  window.engine
    .on(requests.certificate, () => ({
      fingerprint: 'ab'.repeat(32),
      subject: 'hv01',
      issuer: 'hv01',
      validFrom: '2026-01-01T00:00:00Z',
      validTo: '2027-01-01T00:00:00Z',
      trusted: true,
      problem: null,
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
  return window;
}

const passwordBoxes = (): number => workbench.asked.filter(({ password }) => password).length;
const lastTarget = (window: Awaited<ReturnType<typeof windowOf>>): HostTarget | undefined =>
  window.engine.paramsOf(requests.listVms).at(-1)?.target;

test('each address offers the ways that can be used with it; sspi is of Windows', () => {
  const names = (url: string, platform: NodeJS.Platform): string =>
    waysFor(url, platform)
      .map(({ name }) => name)
      .join(' ');
  assert.equal(names('http://hv01:5985', 'linux'), 'auto kerberos ntlm');
  assert.equal(names('http://hv01:5985', 'win32'), 'auto sspi kerberos ntlm');
  assert.equal(names('http://127.0.0.1:5985', 'darwin'), 'auto kerberos ntlm basic');
  assert.equal(names('https://hv01:5986', 'linux'), 'auto kerberos ntlm basic certificate');
});

test('Kerberos without a user takes the ticket of this machine: nothing is asked for', async (t) => {
  const window = await windowOf(t);
  workbench.play(type('hv01'), pick('Kerberos Only'), type(''));
  await window.run('refpoint.addHost');
  workbench.assertDone();
  assert.equal(passwordBoxes(), 0);
  assert.deepEqual(readHosts(), [{ url: 'http://hv01:5985', authentication: 'kerberos' }]);
  const { user, password, authentication } = lastTarget(window) ?? {};
  assert.deepEqual(
    { user, password, authentication },
    {
      user: '',
      password: '',
      authentication: 'kerberos',
    },
  );
  assert.equal(window.services.hosts.connected.length, 1);
});

test('Kerberos with a user takes an empty password as well; NTLM does not', async (t) => {
  const window = await windowOf(t);
  workbench.play(type('hv01'), pick('Kerberos Only'), type('a@CORP'), type(''));
  await window.run('refpoint.addHost');
  workbench.assertDone();
  assert.match(workbench.asked.at(-1)?.detail ?? '', /ticket of this machine/);
  assert.equal(lastTarget(window)?.password, '');
  await window.services.hosts.refresh();
  assert.equal(passwordBoxes(), 1, 'the empty one is remembered');
  workbench.play(type('hv02'), pick('NTLM Only'), type('a'), type('', /needed/), giveUp());
  await window.run('refpoint.addHost');
  workbench.assertDone();
});

test('a client certificate is two files in the settings, and its passphrase a secret', async (t) => {
  const window = await windowOf(t, ({ password }) => password === PASSPHRASE);
  const file = (name: string): string => join(window.folder, name);
  // A file that was chosen has its drive in lower case, as VS Code writes it.
  const chosen = vscode.Uri.file(file('me.pem')).fsPath;
  await writeFile(file('me.pem'), '-----BEGIN CERTIFICATE-----\n');
  await writeFile(file('me.key'), '-----BEGIN ENCRYPTED PRIVATE KEY-----\n');
  workbench.play(
    type('https://hv01'),
    pick('Client Certificate'),
    type('me.pem', /whole path/),
    click('Choose a File…'),
    choose(file('me.pem')),
    type(file('me.key')),
    type('wrong'),
    type(PASSPHRASE),
  );
  await window.run('refpoint.addHost');
  workbench.assertDone();
  assert.deepEqual(readHosts(), [
    {
      url: 'https://hv01:5986',
      authentication: 'certificate',
      certificateFile: chosen,
      keyFile: file('me.key'),
    },
  ]);
  assert.deepEqual(lastTarget(window)?.clientCertificate, {
    certificateFile: chosen,
    keyFile: file('me.key'),
  });
  assert.deepEqual([...window.secrets.values.values()], [PASSPHRASE]);
  assert.ok(!JSON.stringify(workbench.settings.get('refpoint.hosts')).includes(PASSPHRASE));
});

test('a key without a passphrase is asked for none', async (t) => {
  const window = await windowOf(t);
  const key = join(window.folder, 'me.key');
  await writeFile(key, '-----BEGIN PRIVATE KEY-----\n');
  workbench.play(type('https://hv01'), pick('Client Certificate'), type(key), type(key));
  await window.run('refpoint.addHost');
  workbench.assertDone();
  assert.equal(passwordBoxes(), 0);
  assert.equal(window.services.hosts.connected.length, 1);
});

test('another login drops what the old one needed, the password with it', async (t) => {
  const window = await windowOf(t);
  workbench.play(type('https://hv01'), pick('User and Password'), type('admin'), type('right'));
  await window.run('refpoint.addHost');
  assert.equal(window.secrets.values.size, 1);
  workbench.play(pick('Login'), pick('Kerberos Only'), type(''));
  await window.run('refpoint.editHost');
  workbench.assertDone();
  assert.deepEqual(readHosts(), [{ url: 'https://hv01:5986', authentication: 'kerberos' }]);
  assert.equal(window.secrets.values.size, 0);
});

test('an address that would send a password readable is refused where the login needs https', async (t) => {
  const window = await windowOf(t);
  const host = { url: 'https://hv01', user: 'a', authentication: 'basic' };
  workbench.settings.put('refpoint.hosts', [host]);
  workbench.play(pick('Address'), type('http://hv01', /needs https/), giveUp());
  await window.run('refpoint.editHost');
  workbench.assertDone();
  assert.deepEqual(readHosts(), [host]);
});

test('an authority of the person’s own vouches: its file is read, and no certificate is asked about', async (t) => {
  const window = await windowOf(t);
  const ca = join(window.folder, 'ca.pem');
  await writeFile(ca, 'the authority');
  workbench.settings.put('refpoint.hosts', [{ url: 'hv01', user: 'a', caFile: ca }]);
  const [host] = readHosts();
  assert.ok(host);
  assert.equal(host.url, 'https://hv01');
  await window.services.passwords.store(host, 'right');
  await window.run('refpoint.connect');
  assert.equal(lastTarget(window)?.ca, 'the authority');
  assert.equal(window.engine.count(requests.certificate), 0);
});

test('an authority whose file is gone is named, and nothing is sent', async (t) => {
  const window = await windowOf(t);
  const ca = join(window.folder, 'gone.pem');
  workbench.settings.put('refpoint.hosts', [
    { url: 'hv01', authentication: 'kerberos', caFile: ca },
  ]);
  await window.run('refpoint.connect');
  await settled();
  assert.match(workbench.said('error')[0] ?? '', /authority cannot be read.*gone\.pem/);
  assert.equal(window.engine.count(requests.listVms), 0);
});

test('a setting forbids NTLM after Kerberos', async (t) => {
  const window = await windowOf(t);
  workbench.settings.put('refpoint.hosts', [{ url: 'hv01', authentication: 'kerberos' }]);
  await window.run('refpoint.connect');
  assert.equal(lastTarget(window)?.ntlmFallback, true);
  workbench.settings.put('refpoint.ntlmFallback', false);
  await window.services.hosts.refresh();
  assert.equal(lastTarget(window)?.ntlmFallback, false);
});

test('while a host is added, the box of its address opens the page that prepares it', async (t) => {
  const window = await windowOf(t);
  workbench.play(click('How to Prepare a Host'), type('hv01'), giveUp());
  await window.run('refpoint.addHost');
  workbench.assertDone();
  const [shown] = workbench.ran.filter(({ id }) => id === 'markdown.showPreview');
  assert.match(String(shown?.args[0]), /\/docs\/prepare-a-host\.md$/);
});

test('an error opens the page at its own entry', async (t) => {
  const window = await windowOf(t);
  await window.run('refpoint.prepareHost', { code: 'http.auth.noTicket' });
  const [shown] = workbench.ran.filter(({ id }) => id === 'markdown.showPreview');
  assert.match(String(shown?.args[0]), /prepare-a-host\.md#httpauthnoticket$/);
});

test('a passphrase that does not open the key is not kept', async (t) => {
  const window = await windowOf(t);
  const key = join(window.folder, 'me.key');
  await writeFile(key, '-----BEGIN ENCRYPTED PRIVATE KEY-----\n');
  window.engine.on(requests.testHost, ({ target: { clientCertificate } }) => {
    if (clientCertificate === null) throw failure('http.auth.missing', 'requires credentials');
    throw failure('internal', 'bad decrypt');
  });
  workbench.play(type('https://hv01'), pick('Client Certificate'), type(key), type(key), type('x'));
  await window.run('refpoint.addHost');
  await settled();
  workbench.assertDone();
  assert.equal(window.secrets.values.size, 0);
  assert.equal(window.services.hosts.connected.length, 0);
});
