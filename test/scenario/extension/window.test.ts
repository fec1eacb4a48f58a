import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { requests } from '../../../src/engine/api/methods.ts';
import { COMMANDS, type CommandSpec } from '../../../src/extension/contributions/command-table.ts';
import { CONTEXT_KEYS } from '../../../src/extension/contributions/view-table.ts';
import { fakeWindow } from '../../support/extension/extension-window.ts';
import { job, vmRow } from '../../support/extension/samples.ts';
import { sourceFiles } from '../../support/repo/source-files.ts';
import { pick } from '../../support/vscode/script.ts';
import { workbench } from '../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const HOST = { url: 'http://127.0.0.1:5985' };

test('every command of the table is there, and goes when the extension goes', async (t) => {
  const { close } = await fakeWindow(t);
  assert.deepEqual([...workbench.commands.keys()].sort(), Object.keys(COMMANDS).sort());
  close();
  assert.deepEqual([...workbench.commands.keys()], []);
});

test('menus and welcome texts are told what there is', async (t) => {
  const { engine, services, hosts } = await fakeWindow(t);
  engine.on(requests.listVms, () => [vmRow(1)]).on(requests.listJobs, () => [job('1')]);
  const keys = (): Record<string, unknown> => Object.fromEntries(workbench.contexts);
  assert.deepEqual(Object.keys(keys()).sort(), [...CONTEXT_KEYS].sort());
  const { 'refpoint.onWindows': onWindows, ...others } = keys();
  assert.equal(onWindows, process.platform === 'win32');
  assert.ok(Object.values(others).every((value) => value === false));
  workbench.settings.put('refpoint.hosts', [{ ...HOST, lab: '/lab' }]);
  workbench.settings.put('refpoint.stores', ['/a']);
  assert.deepEqual(
    Object.entries(keys())
      .filter(([key, value]) => value === true && key !== 'refpoint.onWindows')
      .map(([key]) => key)
      .sort(),
    ['refpoint.hasDisconnectedHosts', 'refpoint.hasHosts', 'refpoint.hasLab', 'refpoint.hasStores'],
  );
  const [root] = await hosts.rows();
  assert.ok(root);
  await hosts.expand(root.node);
  await services.jobs.look();
  for (const key of ['connected', 'labRunning', 'hasJobs', 'hasRunningJobs']) {
    assert.equal(keys()[`refpoint.${key}`], true, key);
  }
  assert.equal(keys()['refpoint.hasDisconnectedHosts'], false);
  const before = workbench.ran.filter(({ id }) => id === 'setContext').length;
  await services.hosts.refresh();
  await services.jobs.look();
  assert.equal(
    workbench.ran.filter(({ id }) => id === 'setContext').length,
    before,
    'only what changed',
  );
});

test('what works with VMs is in the palette as soon as a host is in the list, connected or not', () => {
  const table: Readonly<Record<string, CommandSpec>> = COMMANDS;
  const of = (condition: string): readonly string[] =>
    Object.entries(table)
      .filter(([, { palette }]) => palette === condition)
      .map(([id]) => id.replace('refpoint.', ''));
  assert.deepEqual(of('refpoint.connected'), ['disconnect']);
  for (const id of ['backup', 'export', 'cleanUp', 'findVm', 'queryChanges', 'showFindings']) {
    assert.ok(of('refpoint.hasHosts').includes(id), id);
  }
  assert.deepEqual(of('refpoint.hasLab'), ['addLabVm', 'writeInGuest', 'stopLab']);
});

test('a command of the palette connects to the hosts whose passwords are kept, and offers the others', async (t) => {
  const hosts = [
    { name: 'kept', url: 'http://127.0.0.1:5985', user: 'a' },
    { name: 'other', url: 'http://127.0.0.1:5986', user: 'b' },
  ];
  workbench.settings.put('refpoint.hosts', hosts);
  const { engine, services, run, hosts: view } = await fakeWindow(t);
  engine.on(requests.listVms, ({ target }) => [vmRow(1, { name: `vm of ${target.user}` })]);
  const [kept] = hosts;
  assert.ok(kept);
  await services.passwords.store(kept, 'secret');
  await view.rows();
  workbench.play(pick('vm of a'));
  await run('refpoint.findVm');
  workbench.assertDone();
  assert.deepEqual(workbench.asked[0]?.rows, [
    `vm of a |  | ${vmRow(1).id}`,
    'Connect to other… |  | ',
  ]);
  assert.equal(services.hosts.connected.length, 1);
});

test('what other callers give a command is no row, and breaks nothing', async (t) => {
  const { run } = await fakeWindow(t);
  for (const odd of [5, 'x', {}, { kind: 'host' }, { kind: 'evil', id: 'x' }, [1, 2], null]) {
    workbench.script.reset();
    await run('refpoint.connect', odd, odd);
    assert.deepEqual(workbench.said('error'), [], JSON.stringify(odd));
  }
});

test('everything that is said, asked or shown goes through the places that make names harmless', () => {
  const files = sourceFiles('src/extension');
  assert.ok(files.length >= 60, `${files.length} files`);
  const allowed: Readonly<Record<string, RegExp>> = {
    'src/extension/ask/messages.ts': /show\w+Message|withProgress/,
    'src/extension/ask/choose.ts': /showQuickPick/,
    'src/extension/ask/ask-text.ts': /showInputBox|createInputBox/,
    'src/extension/ask/ask-folder.ts': /createInputBox/,
    'src/extension/commands/backup/pick-plan.ts': /createQuickPick/,
    'src/extension/ask/show-plan.ts': /createQuickPick/,
    // Its title is that of the view: no name is in it.
    'src/extension/hosts/connect-host.ts': /withProgress/,
    // A question of the editor of disk images, which makes its names harmless itself.
    'src/extension/panels/anatomy/open-parent.ts': /showWarningMessage/,
  };
  const found = files.flatMap(({ path, text }) =>
    Array.from(
      text.matchAll(
        /window\s*\.\s*(show(?:Information|Warning|Error)Message|showQuickPick|showInputBox|createQuickPick|createInputBox|withProgress)/g,
      ),
      ([, name = '']) => ({ path, name }),
    ),
  );
  assert.ok(found.length >= 8, `${found.length} places`);
  assert.deepEqual(
    found.filter(({ path, name }) => allowed[path]?.test(name) !== true),
    [],
  );
});
