import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, test, type TestContext } from 'node:test';
import { requests } from '../../../src/engine/api/methods.ts';
import type { JobInfo } from '../../../src/engine/api/jobs.ts';
import { askLab } from '../../../src/extension/lab/lab.ts';
import { diskSha256 } from '../../support/disk/disk-sha256.ts';
import { settled } from '../../support/extension/extension-window.ts';
import { realWindow, until, type RealWindow } from '../../support/process/real-window.ts';
import { pick, press, type } from '../../support/vscode/script.ts';
import { workbench } from '../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

/** A window with the lab started, one small VM on it, and a store. */
async function withLab(t: TestContext): Promise<RealWindow & { readonly store: string }> {
  const window = await realWindow(t);
  await askLab(window.services, ['add-vm', '--name', 'web', '--size', '16M']);
  await window.run('refpoint.startLab');
  const store = join(window.folder, 'store');
  workbench.play(type(store));
  await window.run('refpoint.addStore');
  workbench.assertDone();
  return { ...window, store };
}

async function guestHash({ services }: RealWindow): Promise<string> {
  const { hash } = await askLab<{ readonly hash: string }>(services, ['hash', '--vm', 'web']);
  return hash;
}

async function rowsOf(window: RealWindow): Promise<readonly string[]> {
  const [store] = await window.stores.rows();
  const [vm] = await window.stores.rows(store?.node);
  const points = await window.stores.rows(vm?.node);
  return points.map(({ item }) => `${String(item.description)} ${item.resourceUri?.query ?? ''}`);
}

test('backup, change, backup, verify, restore: by commands, with real jobs, to the very bytes', async (t) => {
  const window = await withLab(t);
  const { run, hosts, folder, services } = window;
  const [root] = await hosts.rows();
  const [vm] = await hosts.rows(root?.node);
  workbench.play(pick('web'));
  await run('refpoint.writeInGuest', undefined);
  const first = await guestHash(window);
  workbench.script.reset();
  workbench.play(pick('Automatic'));
  await run('refpoint.backup', vm?.node);
  workbench.assertDone();
  assert.match(workbench.said().at(-1) ?? '', /^Back up web: full backup of .*:\d\d.*, .* read/);
  await run('refpoint.writeInGuest', vm?.node);
  const second = await guestHash(window);
  assert.notEqual(first, second);
  workbench.play(pick('Incremental'));
  await run('refpoint.backup', vm?.node);
  workbench.assertDone();
  assert.match(workbench.said().at(-1) ?? '', /incremental backup of /);
  const points = await rowsOf(window);
  assert.equal(points.length, 2);
  assert.match(points[0] ?? '', /now|ago/);
  const [store] = await window.stores.rows();
  const [storeVm] = await window.stores.rows(store?.node);
  workbench.play(pick('Every hash'));
  await run('refpoint.verify', storeVm?.node);
  assert.match(workbench.said().at(-1) ?? '', /2 points verified with every hash/);
  assert.match((await rowsOf(window))[0] ?? '', /verified$/);
  for (const [match, hash] of [
    [/-full/, first],
    [/-incr/, second],
  ] as const) {
    const to = join(folder, `out-${hash.slice(0, 8)}`);
    workbench.play(pick(match), pick('Files'), pick('Raw'), type(to));
    await run('refpoint.restore');
    workbench.assertDone();
    const [file = ''] = await readdir(to);
    assert.equal(await diskSha256(join(to, file)), hash);
  }
  // The reference point of the last backup is known as ours.
  const shown = await hosts.rows((await hosts.rows(root?.node))[0]?.node);
  assert.ok(
    shown.some(({ item }) => (item.accessibilityInformation?.label ?? '').endsWith(', ours')),
    'and is drawn as ours',
  );
  assert.equal(services.jobs.live.length, 0);
});

test('a job goes on when its window is closed; the next window follows it to its end', async (t) => {
  const first = await withLab(t);
  await askLab(first.services, ['fault', '--set', 'job.slow=3000']);
  const vm = first.services.hosts.vms(first.services.hosts.hosts[0]?.id ?? '')[0];
  workbench.play(pick('Full'));
  const running = first.run('refpoint.backup', vm).catch(() => undefined);
  const job = await until(() => first.services.jobs.live.find(({ state }) => state === 'running'));
  assert.equal(workbench.progress.findLast(({ where }) => where === 'notification')?.ended, false);
  // The window and its engine go; nothing of them is left to the job.
  first.close();
  await first.process.stop();
  void running;
  await askLab(first.services, ['fault', '--clear']);
  workbench.progress.length = 0;
  workbench.script.reset();
  const second = await realWindow(t, first);
  const shown = await until(() => workbench.progress.find(({ title }) => title === 'Back up web'));
  assert.equal(shown.cancellable, true);
  await until(() => (workbench.said().length > 0 ? true : undefined));
  await settled();
  assert.match(workbench.said()[0] ?? '', /^Back up web: full backup of /);
  assert.equal(shown.ended, true);
  const [done] = await second.process.request(requests.listJobs, { stores: [] });
  assert.equal(done?.id, job.id);
  assert.equal(done.state, 'done');
});

test('a job that is cancelled in its notification ends, and says that nothing is left', async (t) => {
  const window = await withLab(t);
  await askLab(window.services, ['fault', '--set', 'job.slow=2000']);
  const vm = window.services.hosts.vms(window.services.hosts.hosts[0]?.id ?? '')[0];
  workbench.play(pick('Full'));
  const ended = window.run('refpoint.backup', vm) as Promise<readonly JobInfo[] | undefined>;
  await until(() => window.services.jobs.live.find(({ state }) => state === 'running'));
  workbench.progress.findLast(({ cancellable }) => cancellable)?.cancel();
  await ended;
  await settled();
  assert.match(workbench.said().at(-1) ?? '', /^Back up web: cancelled\. Nothing is left of it\.$/);
  assert.equal((await window.services.jobs.look())[0]?.state, 'cancelled');
});

test('a password that the lab no longer takes ends in a message that leads to a new one', async (t) => {
  const window = await withLab(t);
  const { services, run } = window;
  const [node] = services.hosts.hosts;
  const vm = services.hosts.vms(node?.id ?? '')[0];
  assert.ok(node && vm);
  const right = await services.passwords.get(node.host);
  await services.passwords.store(node.host, 'wrong');
  await run('refpoint.refresh');
  assert.equal(services.hosts.host(node.id)?.state, 'failed');
  assert.equal(await services.passwords.get(node.host), undefined);
  workbench.play(type('wrong again'), type(right ?? ''));
  await run('refpoint.connect', node);
  workbench.assertDone();
  assert.equal(services.hosts.connected.length, 1);
  const all = [...workbench.outputs.values()].flat().join('\n') + window.process.output();
  assert.equal(all.includes(right ?? ''), false);
  workbench.play(press('Remove'));
  await run('refpoint.removeHost', node);
  const left = await readFile(join(window.folder, 'storage', 'lab', 'lab.json'), 'utf8').catch(
    () => '',
  );
  assert.equal(left.includes(right ?? ''), false);
});
