import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { labNode, type Surroundings } from './surroundings.ts';

const HOST = { url: 'https://hv01:5986', user: 'LAB\\admin' };

/** As it is, and as it stands in JSON, in addresses and in headers. */
function forms(secret: string): readonly string[] {
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), base64];
}

export function passwordTests({ suite, services, store, window, processes }: Surroundings): void {
  const { hosts, passwords, context } = services;

  suite.test('a password comes back from the secret storage, for its host only', async () => {
    const password = 'päss "w\\ord" & more';
    await passwords.store(HOST, password);
    assert.equal(await passwords.get({ ...HOST, name: 'another name' }), password);
    assert.equal(await passwords.get({ ...HOST, url: 'HTTPS://HV01:5986' }), password);
    assert.equal(await passwords.get({ ...HOST, url: 'https://hv02:5986' }), undefined);
    assert.equal(await passwords.get({ ...HOST, user: 'LAB\\other' }), undefined);
    await passwords.forget(HOST);
    assert.equal(await passwords.get(HOST), undefined);
  });

  suite.test(
    'no argument of a process, no setting and no file of the store holds one',
    async () => {
      const password = await passwords.get(labNode(services).host);
      assert.ok(password !== undefined && password.length >= 16);
      assert.ok(processes.engines > 0 && processes.started.length > processes.engines);
      const user = path.resolve(context.globalStorageUri.fsPath, '..', '..');
      const texts = [
        processes.started.flatMap(({ args }) => args).join('\n'),
        await readFile(path.join(user, 'settings.json'), 'utf8'),
      ];
      assert.ok(texts[1]?.includes('refpoint.hosts'));
      for (const name of await readdir(store, { recursive: true })) {
        if (name.endsWith('.json')) texts.push(await readFile(path.join(store, name), 'utf8'));
      }
      assert.ok(texts.length > 4, `${texts.length} texts`);
      for (const form of forms(password)) {
        assert.ok(!texts.some((text) => text.includes(form)));
      }
    },
  );

  suite.test('Forget Password takes it out of the storage, and disconnects', async () => {
    const { id, host } = labNode(services);
    const password = await passwords.get(host);
    assert.ok(password);
    window.take();
    await vscode.commands.executeCommand('refpoint.forgetPassword', labNode(services));
    assert.equal(await passwords.get(host), undefined);
    assert.equal(hosts.host(id)?.state, 'disconnected');
    const said = window.take().map(({ text }) => text);
    assert.deepEqual(said, ['The password of Lab host is forgotten.']);
    await passwords.store(host, password);
    await hosts.connect(id, true);
    assert.equal(hosts.host(id)?.state, 'connected');
  });

  suite.test('Stop Lab Host ends it', async () => {
    await vscode.commands.executeCommand('refpoint.stopLab');
    assert.deepEqual(hosts.connected, []);
  });
}
