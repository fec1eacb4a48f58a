import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import net from 'node:net';
import { join } from 'node:path';
import { beforeEach, test, type TestContext } from 'node:test';
import { readHosts } from '../../../../src/extension/settings/hosts.ts';
import { listLabVms } from '../../../../src/extension/lab/lab.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';
import { runCliJson } from '../../../support/process/cli-io.ts';
import { untilEnded } from '../../../support/process/engine-process.ts';
import { settled, type ExtensionWindow } from '../../../support/extension/extension-window.ts';
import { realWindow } from '../../../support/process/real-window.ts';
import { giveUp, pick, press, type } from '../../../support/vscode/script.ts';
import { workbench } from '../../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

/** The lab gets a small VM first, so that no test but the first waits for the sample. */
async function withSmallVm(t: TestContext) {
  const window = await realWindow(t);
  const folder = labFolder(window.services);
  await mkdir(folder, { recursive: true });
  await runCliJson(['lab', 'add-vm', '--dir', folder, '--name', 'small', '--size', '8M']);
  return window;
}

/** Folder of the lab that all windows share. */
const labFolder = ({ context }: ExtensionWindow['services']): string =>
  join(context.globalStorageUri.fsPath, 'lab');

async function labPid({ services }: ExtensionWindow): Promise<number> {
  const lock = JSON.parse(await readFile(join(labFolder(services), 'lab.lock'), 'utf8')) as {
    readonly pid: number;
  };
  return lock.pid;
}

test('Start Lab Host makes a lab with a filled sample VM, its own entry with folders, and shows it', async (t) => {
  const window = await realWindow(t);
  const { run, services, secrets, hosts } = window;
  await run('refpoint.startLab');
  workbench.assertDone();
  const [host, ...more] = readHosts();
  assert.equal(more.length, 0);
  assert.equal(host?.name, 'Lab host');
  assert.match(host.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(host.lab, labFolder(services));
  assert.deepEqual(Object.keys(host.pathMap ?? {}), ['C:\\Lab', 'D:\\Lab']);
  assert.equal(secrets.values.size, 1);
  const [password = ''] = secrets.values.values();
  assert.ok(password.length >= 20);
  assert.equal(JSON.stringify(host).includes(password), false);
  const [root] = await hosts.rows();
  assert.equal(root?.item.description, 'lab · 1 VM');
  const [vm] = await hosts.rows(root?.node);
  assert.equal(vm?.item.label, 'sample-vm');
  assert.equal(workbench.contexts.get('refpoint.labRunning'), true);
  const [made] = await listLabVms(services);
  assert.equal(made?.disks[0]?.virtualSize, 512 * 2 ** 20);
  assert.ok(workbench.progress.some(({ where, ended }) => where === 'notification' && ended));
});

test('a lab that was stopped starts again where it was: port, password, VMs', async (t) => {
  const window = await withSmallVm(t);
  const { run, services, secrets } = window;
  await run('refpoint.startLab');
  const [before] = readHosts();
  const password = [...secrets.values];
  await run('refpoint.stopLab');
  assert.equal(services.hosts.connected.length, 0);
  assert.equal(workbench.contexts.get('refpoint.labRunning'), false);
  await run('refpoint.startLab');
  workbench.assertDone();
  assert.deepEqual(readHosts(), [before]);
  assert.deepEqual([...secrets.values], password);
  assert.deepEqual(
    services.hosts.vms(services.hosts.hosts[0]?.id ?? '').map(({ row }) => row.name),
    ['small'],
  );
});

test('after a reload of the window the lab is seen without a question', async (t) => {
  const first = await withSmallVm(t);
  await first.run('refpoint.startLab');
  first.close();
  const second = await realWindow(t, first);
  const [root] = await second.hosts.rows();
  const [vm] = await second.hosts.rows(root?.node);
  assert.equal(vm?.item.label, 'small');
  const pid = await labPid(second);
  await second.run('refpoint.startLab');
  assert.equal(await labPid(second), pid, 'the running one is found');
  workbench.assertDone();
  assert.deepEqual(workbench.asked, []);
});

test('two windows that start the lab at once share one', async (t) => {
  const first = await withSmallVm(t);
  const firstCommands = new Map(workbench.commands);
  workbench.commands.clear();
  const second = await realWindow(t, first);
  await Promise.all([
    firstCommands.get('refpoint.startLab')?.(),
    workbench.commands.get('refpoint.startLab')?.(),
  ]);
  assert.equal(first.services.hosts.connected.length, 1);
  assert.equal(second.services.hosts.connected.length, 1);
  assert.equal(readHosts().length, 1);
  assert.deepEqual(workbench.said('error'), []);
});

test('a lab that died says so with Start Lab Host, which starts it again', async (t) => {
  const window = await withSmallVm(t);
  const { run, services, hosts } = window;
  await run('refpoint.startLab');
  const pid = await labPid(window);
  process.kill(pid, 'SIGKILL');
  await untilEnded(pid);
  await services.hosts.refresh();
  const [root] = await hosts.rows();
  const [row] = await hosts.rows(root?.node);
  assert.equal(row?.item.label, 'The host cannot be reached.');
  assert.equal(row?.item.command?.command, 'refpoint.startLab');
  assert.equal(workbench.contexts.get('refpoint.labRunning'), false);
  workbench.play(press('Start Lab Host'));
  await run('refpoint.connect', root?.node);
  for (let i = 0; i < 600 && services.hosts.connected.length === 0; i++) {
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  assert.equal(services.hosts.connected.length, 1);
  assert.notEqual(await labPid(window), pid);
});

test('where another program has the port of the lab, another one is taken, and the entry follows', async (t) => {
  const { run, services, secrets } = await withSmallVm(t);
  await run('refpoint.startLab');
  const [before] = readHosts();
  await run('refpoint.stopLab');
  const squatter = net.createServer((socket) => socket.destroy());
  const port = Number(new URL(before?.url ?? '').port);
  await new Promise<void>((resolve) => {
    squatter.listen(port, '127.0.0.1', resolve);
  });
  afterwards(t, () => new Promise((resolve) => squatter.close(resolve)));
  await run('refpoint.startLab');
  workbench.assertDone();
  const [after, ...more] = readHosts();
  assert.equal(more.length, 0);
  assert.notEqual(after?.url, before?.url);
  assert.equal(secrets.values.size, 1);
  assert.equal(services.hosts.connected.length, 1);
});

test('a lab whose password nobody kept is started again only after a question', async (t) => {
  const window = await withSmallVm(t);
  const { run, services, secrets } = window;
  await run('refpoint.startLab');
  const pid = await labPid(window);
  services.hosts.disconnect(services.hosts.hosts[0]?.id ?? '');
  secrets.values.clear();
  workbench.play(giveUp());
  await run('refpoint.startLab');
  workbench.assertDone();
  assert.equal(await labPid(window), pid);
  assert.match(workbench.asked.at(-1)?.text ?? '', /its password is not known here/);
  workbench.play(press('Start Again'));
  await run('refpoint.startLab');
  workbench.assertDone();
  assert.notEqual(await labPid(window), pid);
  assert.equal(services.hosts.connected.length, 1);
});

test('a VM is added under a name that is free, and its guest writes', async (t) => {
  const { run, services } = await withSmallVm(t);
  await run('refpoint.startLab');
  workbench.play(
    type('SMALL', /has a VM of this name/),
    type('', /needed/),
    type('-odd'),
    giveUp(),
  );
  await run('refpoint.addLabVm');
  assert.equal((await listLabVms(services)).length, 1);
  workbench.play(type('-odd'), pick('Empty disk'));
  await run('refpoint.addLabVm');
  workbench.assertDone();
  assert.deepEqual(
    services.hosts
      .vms(services.hosts.hosts[0]?.id ?? '')
      .map(({ row }) => row.name)
      .sort(),
    ['-odd', 'small'],
  );
  workbench.play(pick('small'));
  await run('refpoint.writeInGuest');
  workbench.assertDone();
  assert.match(workbench.said().at(-1) ?? '', /small: the guest wrote .* in 200 places/);
});

test('stopping a lab that does not run is no error', async (t) => {
  const { run } = await realWindow(t);
  await run('refpoint.stopLab');
  await settled();
  assert.deepEqual(workbench.said(), ['The lab host does not run.']);
});
