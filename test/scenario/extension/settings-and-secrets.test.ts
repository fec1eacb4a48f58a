import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import * as vscode from 'vscode';
import { requests } from '../../../src/engine/api/methods.ts';
import { backupOptions } from '../../../src/extension/choices/backup-options.ts';
import { SETTINGS } from '../../../src/extension/contributions/setting-table.ts';
import {
  countWrongHosts,
  hostKey,
  hostLabel,
  readHosts,
  removeHostSetting,
  saveHost,
} from '../../../src/extension/settings/hosts.ts';
import { canonicalUrl } from '../../../src/extension/settings/host-address.ts';
import { requestTimeout } from '../../../src/extension/hosts/connection.ts';
import { Output } from '../../../src/extension/output/output.ts';
import { inertText } from '../../../src/extension/words/inert-text.ts';
import { plainText } from '../../../src/views/common/words/plain-text.ts';
import { Redactor } from '../../../src/extension/output/redactor.ts';
import { readStores } from '../../../src/extension/settings/stores.ts';
import { fakeWindow } from '../../support/extension/extension-window.ts';
import { workbench } from '../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const { Workspace, WorkspaceFolder } = vscode.ConfigurationTarget;

test('no workspace redirects a host, adds a store, or changes how hosts are asked', async (t) => {
  const evil = [{ url: 'https://evil', user: 'Administrator', pathMap: { 'C:\\': '/' } }];
  for (const target of [Workspace, WorkspaceFolder]) {
    workbench.settings.put('refpoint.hosts', evil, target);
    workbench.settings.put('refpoint.stores', ['/evil'], target);
    workbench.settings.put('refpoint.requestTimeout', 3600, target);
    workbench.settings.put('refpoint.trace.server', 'verbose', target);
    workbench.settings.put('refpoint.maxChain', 1, target);
    workbench.settings.put('refpoint.checkTracker', 'off', target);
  }
  workbench.settings.put('refpoint.checkTracker', 'full');
  const { services } = await fakeWindow(t);
  assert.deepEqual(services.hosts.hosts, []);
  assert.deepEqual(readStores(), []);
  const settings = vscode.workspace.getConfiguration('refpoint');
  assert.equal(settings.get('requestTimeout'), 60);
  assert.equal(settings.get('trace.server'), 'off');
  const options = backupOptions({ url: 'https://hv' }, 'auto');
  assert.deepEqual([options.maxChain, options.checkTracker], [60, 'full']);
});

test('settings have the scopes that keep them the person’s own, and none is a secret', () => {
  assert.equal(SETTINGS['refpoint.hosts'].scope, 'application');
  assert.equal(SETTINGS['refpoint.stores'].scope, 'machine');
  assert.doesNotMatch(Object.keys(SETTINGS).join(' '), /password|secret|token/i);
  assert.deepEqual(
    Object.keys(SETTINGS['refpoint.hosts'].items.properties).filter((name) =>
      /pass|secret/i.test(name),
    ),
    [],
  );
});

test('addresses that mean one host are one key, others are not', () => {
  const same = ['https://hv01', 'HTTPS://HV01:5986', 'https://hv01:5986/', 'https://hv01/wsman'];
  assert.deepEqual([...new Set(same.map(canonicalUrl))], ['https://hv01:5986']);
  assert.equal(canonicalUrl('https://hv01:443'), 'https://hv01:443');
  assert.equal(canonicalUrl('http://hv01:80'), 'http://hv01:80');
  assert.equal(canonicalUrl('http://[::1]'), 'http://[::1]:5985');
  const url = 'https://hv01';
  const keys = [
    { url },
    { url, user: 'a' },
    { url, user: 'a', authentication: 'basic' as const },
    { url, user: 'a|basic' },
    { url: 'http://hv01' },
  ].map(hostKey);
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(hostKey({ url, user: 'CORP\\Admin' }), hostKey({ url, user: 'corp\\admin' }));
  assert.equal(hostLabel({ url }), 'hv01:5986');
});

test('settings are written by hand: what is wrong in them breaks nothing and is not lost', async () => {
  const raw = [
    {
      url: 'https://a',
      user: 5,
      name: null,
      pathMap: ['x'],
      authentication: 'guess',
      comment: 'mine',
    },
    { url: 'https://a', name: 'twice' },
    null,
    'https://b',
    { url: 'javascript:alert(1)' },
    { url: 'https://u:p@c', fingerprint: 'AB:CD' },
  ];
  workbench.settings.put('refpoint.hosts', raw);
  assert.deepEqual(readHosts(), [{ url: 'https://a' }, { url: 'https://c', fingerprint: 'abcd' }]);
  assert.equal(countWrongHosts(), 3);
  await saveHost({ url: 'https://d' });
  await removeHostSetting({ url: 'https://c' });
  assert.deepEqual(workbench.settings.get('refpoint.hosts'), [
    ...raw.slice(0, 5),
    { url: 'https://d' },
  ]);
  workbench.settings.put('refpoint.hosts', { not: 'a list' });
  assert.deepEqual(readHosts(), []);
});

test('passwords are taken out of every channel, in every form in which they cross', async (t) => {
  const { services } = await fakeWindow(t);
  const secret = 'pä"ss\\w/0rd\n';
  const host = { url: 'https://hv', user: 'admin' };
  await services.passwords.store(host, secret);
  const { output } = services;
  const basic = Buffer.from(`admin:${secret}`).toString('base64');
  const shapes: readonly unknown[] = [
    `login ${secret}`,
    JSON.stringify({ params: { target: { password: secret } } }),
    JSON.stringify({ nested: JSON.stringify({ password: secret }) }),
    `Authorization: Basic ${basic}`,
    encodeURIComponent(secret),
    new Error(`refused ${secret}`),
    { password: secret },
  ];
  for (const channel of [output.engine, output.exchanges, output.trace]) {
    for (const shape of shapes) channel.info(shape as string);
    channel.error(new Error(secret), { a: secret });
    channel.appendLine(secret);
  }
  output.record({ level: 'debug', area: 'x', message: secret, data: JSON.stringify({ secret }) });
  const all = [...workbench.outputs.values()].flat();
  assert.ok(all.length >= 3 * shapes.length);
  for (const line of all) {
    for (const form of [secret, 'ss\\\\w', basic, encodeURIComponent(secret)]) {
      assert.equal(line.includes(form), false, line);
    }
  }
});

test('a password that nobody has learnt is taken out of fields that are named so', () => {
  const redactor = new Redactor();
  const unknown = 'never "seen" \\ before';
  const json = JSON.stringify({ user: 'a', password: unknown, after: 'kept' });
  assert.equal(redactor.clean(json), '{"user":"a","password":"•••","after":"kept"}');
  const nested = JSON.stringify({ text: json });
  assert.ok(!redactor.clean(nested).includes('seen'));
  assert.ok(redactor.clean(nested).includes('kept'));
  assert.equal(redactor.clean('"passwordless": "x"'), '"passwordless": "x"');
});

test('fields named so lose their value at any depth of escapes, and only that', () => {
  const redactor = new Redactor();
  for (const secret of ['x', '\\', '\\\\', '"', '\\"', '"\\', 'a"b\\c\n"', '", "after": "', '']) {
    let text = JSON.stringify({ before: 'B\\', password: secret, after: 'A"' });
    let expected = JSON.stringify({ before: 'B\\', password: '•••', after: 'A"' });
    for (let depth = 0; depth < 3; depth++) {
      assert.equal(redactor.clean(text), expected, `${depth}: ${secret}`);
      text = JSON.stringify({ text, last: 'L' });
      expected = JSON.stringify({ text: expected, last: 'L' });
    }
  }
  assert.equal(redactor.clean('"password":"never ended \\'), '"password":"•••');
  assert.equal(redactor.clean('"password" : 7'), '"password" : 7');
});

test('a text that a hostile host made long takes no time, and is cut', () => {
  const redactor = new Redactor();
  redactor.learn('s3cret');
  const begun = performance.now();
  for (const part of ['\\"password\\":\\"', '"password":"', '"password"', '\\', '"password" ']) {
    const text = part.repeat(4_000_000 / part.length);
    assert.ok(redactor.clean(text).length < 300_000);
  }
  const long = `"password":"${'a'.repeat(9_000_000)}`;
  assert.equal(redactor.clean(long), '"password":"•••');
  // Minutes to hours where it is not linear.
  assert.ok(performance.now() - begun < 20_000);
  const cut = redactor.clean(`${'x'.repeat(256 * 1024 - 3)}s3cret${'y'.repeat(99)}`);
  assert.match(cut, /x•••… \+99$/);
});

test('of two secrets one of which holds the other, neither leaves a trace', () => {
  const redactor = new Redactor();
  redactor.learn('abc');
  redactor.learn('abcdef');
  assert.equal(redactor.clean('abcdef abc'), '••• •••');
  redactor.learn('');
  assert.equal(redactor.clean('x'), 'x');
});

test('output pops up by nothing but its command', () => {
  const output = new Output();
  output.record({ level: 'error', area: 'x', message: 'y', data: '' });
  output.exchange({ host: 'h', action: 'a', milliseconds: 1, outcome: 'ok' });
  assert.deepEqual(workbench.ran, []);
  output.engine.show();
  assert.equal(workbench.ran.length, 1);
});

test('plain text shows what cannot be seen, inert text also takes meaning away', () => {
  assert.equal(plainText('a\u202Eb\u0000c\nd'), 'a\\u{202e}b\\u{0}c\\u{a}d');
  assert.equal(plainText('ä€😀'), 'ä€😀');
  assert.equal(plainText('x'.repeat(1000)).length, 501);
  assert.equal(inertText('$(sync~spin) [a](command:b)'), '$ (sync~spin) [a] (command:b)');
});

test('a window without hosts asks nothing of anybody and starts no engine', async (t) => {
  const { engine } = await fakeWindow(t);
  assert.deepEqual(engine.calls, []);
  assert.deepEqual(workbench.asked, []);
  assert.equal(engine.count(requests.listJobs), 0);
});

test('numbers and words of the settings that are out of bounds are brought into them', () => {
  for (const [value, timeout, chain] of [
    ['abc', 60, 60],
    [-1, 5, 1],
    [1e9, 3600, 256],
    [Number.NaN, 60, 60],
    [90, 90, 90],
  ] as const) {
    workbench.settings.put('refpoint.requestTimeout', value);
    workbench.settings.put('refpoint.maxChain', value);
    workbench.settings.put('refpoint.checkTracker', value);
    const { maxChain, checkTracker } = backupOptions({ url: 'https://hv' }, 'auto');
    assert.deepEqual([requestTimeout(), maxChain, checkTracker], [timeout, chain, 'sample']);
  }
  workbench.settings.put('refpoint.checkTracker', 'off');
  assert.equal(backupOptions({ url: 'https://hv' }, 'auto').checkTracker, 'off');
});
