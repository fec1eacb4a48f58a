import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, test, type TestContext } from 'node:test';
import { requests } from '../../../../src/engine/api/methods.ts';
import type { StorePoint } from '../../../../src/engine/api/store.ts';
import { expandHome, folderProblem } from '../../../../src/extension/ask/ask-folder.ts';
import { readHosts } from '../../../../src/extension/settings/hosts.ts';
import { mapFolder } from '../../../../src/extension/hosts/map-folder.ts';
import { fakeWindow } from '../../../support/extension/extension-window.ts';
import { failure } from '../../../support/extension/fake-engine.ts';
import { giveUpEverywhere } from '../../../support/extension/give-up.ts';
import { guid, storePoint, storeVm } from '../../../support/extension/samples.ts';
import { choose, click, giveUp, pick, press, type } from '../../../support/vscode/script.ts';
import { workbench } from '../../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const twoDisks = (id: string): StorePoint => {
  const point = storePoint(id);
  const [disk] = point.disks;
  assert.ok(disk);
  return { ...point, disks: [disk, { ...disk, number: 1, name: 'data', file: '1-data.vhdx' }] };
};

async function withStore(t: TestContext, points: readonly StorePoint[] = [storePoint('1-full')]) {
  workbench.settings.put('refpoint.stores', ['/stores/a']);
  const window = await fakeWindow(t);
  window.engine
    .on(requests.storeVms, () => [storeVm(1), storeVm(2)])
    .on(requests.storePoints, () => points)
    .on(requests.listJobs, () => [])
    .on(requests.openStore, ({ path }) => ({ path, id: guid(9) }));
  window.services.follower.follow = async () => [];
  const [store] = await window.stores.rows();
  assert.ok(store);
  const vms = await window.stores.expand(store.node);
  const [first] = vms;
  assert.ok(first);
  const rows = await window.stores.expand(first.node);
  return {
    ...window,
    store: store.node,
    vms: vms.map(({ node }) => node),
    points: rows.map(({ node }) => node),
  };
}

test('a restore from the palette asks for VM, format and folder, and for nothing that it knows', async (t) => {
  const { run, started, folder } = await withStore(t);
  const to = join(folder, 'restored');
  workbench.play(pick('vm2'), pick('Raw'), type('out', /whole path/), type(to));
  await run('refpoint.restore');
  workbench.assertDone();
  assert.deepEqual(started, [
    {
      title: 'vm2',
      spec: {
        kind: 'restore',
        store: '/stores/a',
        vm: guid(2),
        point: '1-full',
        disks: [],
        to,
        format: 'raw',
        force: false,
      },
      target: null,
    },
  ]);
});

test('a restore that would replace files names each of them, and does it only when told to', async (t) => {
  const { run, started, folder, points } = await withStore(t, [twoDisks('1-full')]);
  const to = join(folder, 'restored');
  await mkdir(to);
  // Of another name, and of another format: neither would be lost.
  for (const name of ['0-disk.vhdx', '0-disk.raw', 'other.vhdx'])
    await writeFile(join(to, name), 'x');
  workbench.play(pick('disk', 'data'), pick('VHDX'), type(to), giveUp());
  await run('refpoint.restore', points[0]);
  workbench.assertDone();
  assert.equal(started.length, 0);
  const question = workbench.asked.at(-1);
  assert.equal(question?.modal, true);
  assert.equal(question.detail, 'These files will be lost:\n0-disk.vhdx');
  workbench.play(pick('disk', 'data'), pick('VHDX'), type(to), press('Replace'));
  await run('refpoint.restore', points[0]);
  workbench.assertDone();
  assert.equal(started[0]?.spec.kind === 'restore' && started[0].spec.force, true);
});

test('of a point with several disks some can be restored; of a disk, that one is', async (t) => {
  const { run, started, folder, points, stores } = await withStore(t, [twoDisks('1-full')]);
  const to = join(folder, 'new');
  workbench.play(pick('data'), pick('VHDX'), type(to));
  await run('refpoint.restore', points[0]);
  const [point] = points;
  assert.ok(point);
  const disks = await stores.expand(point);
  workbench.play(pick('VHDX'), type(to));
  await run('refpoint.restore', disks[1]?.node);
  workbench.assertDone();
  for (const { spec } of started) assert.deepEqual(spec.kind === 'restore' && spec.disks, ['1']);
});

test('giving up at any question of a restore starts nothing', async (t) => {
  const { run, started, folder } = await withStore(t, [twoDisks('1-full'), twoDisks('2-incr')]);
  await giveUpEverywhere(
    [pick('vm1'), pick(/2-incr/), pick('disk', 'data'), pick('VHDX'), type(join(folder, 'x'))],
    () => run('refpoint.restore'),
    () => assert.deepEqual(started, []),
  );
});

test('the folder can be chosen in a dialog, which hides the box where windows are remote', async (t) => {
  const { run, started, folder, points } = await withStore(t);
  workbench.play(
    pick('VHDX'),
    click('Choose a Folder…'),
    giveUp(),
    click('Choose a Folder…'),
    choose(folder),
  );
  await run('refpoint.restore', points[0]);
  workbench.assertDone();
  const { spec } = started[0] ?? {};
  // Windows' drive letter is written small by the editor.
  assert.equal(spec?.kind === 'restore' && spec.to.toLowerCase(), folder.toLowerCase());
});

test('a path is whole on the machine that it is for', () => {
  assert.equal(folderProblem('/srv/x', 'linux'), undefined);
  assert.equal(typeof folderProblem('C:\\x', 'linux'), 'string');
  assert.equal(folderProblem('C:\\x', 'win32'), undefined);
  assert.equal(folderProblem('\\\\server\\share', 'win32'), undefined);
  for (const text of ['x', '\\x', 'C:x', ''])
    assert.equal(typeof folderProblem(text, 'win32'), 'string');
});

test('points that are selected are verified together, one job for each VM', async (t) => {
  const { run, started, points, vms } = await withStore(t, [
    storePoint('1-full'),
    storePoint('2-incr'),
    storePoint('3-incr', { state: 'partial' }),
  ]);
  workbench.play(pick('Quick'));
  await run('refpoint.verify', points[0], points);
  workbench.play(pick('Every hash'));
  await run('refpoint.verify', vms[0], [...vms, ...points]);
  workbench.assertDone();
  assert.deepEqual(
    started.map(({ spec }) => spec.kind === 'verify' && [spec.vm, spec.points, spec.quick]),
    [
      [guid(1), ['2-incr', '1-full'], true],
      [guid(1), [], false],
      [guid(2), [], false],
    ],
  );
});

test('giving up a verification starts nothing', async (t) => {
  const { run, started } = await withStore(t);
  await giveUpEverywhere(
    [pick('vm1'), pick('Quick')],
    () => run('refpoint.verify'),
    () => assert.deepEqual(started, []),
  );
});

test('a store is added by its path, made where the folder is empty, and removed without touching a file', async (t) => {
  const { run, engine, folder } = await withStore(t);
  workbench.play(giveUp());
  await run('refpoint.addStore');
  assert.equal(engine.count(requests.openStore), 0);
  workbench.play(type(folder));
  assert.equal(await run('refpoint.addStore'), folder);
  assert.deepEqual(engine.paramsOf(requests.openStore), [{ path: folder, create: true }]);
  assert.deepEqual(workbench.settings.get('refpoint.stores'), ['/stores/a', folder]);
  workbench.play(pick(/stores\/a/), giveUp());
  await run('refpoint.removeStore');
  workbench.play(pick(/stores\/a/), press('Remove'));
  await run('refpoint.removeStore');
  workbench.assertDone();
  assert.match(workbench.asked.at(-1)?.detail ?? '', /Every file stays where it is/);
  assert.deepEqual(workbench.settings.get('refpoint.stores'), [folder]);
});

test('a folder that is no store is told in its box, which asks again and goes on', async (t) => {
  const { run, engine, folder } = await withStore(t);
  const good = join(folder, 'good');
  engine.on(requests.openStore, ({ path }) => {
    if (path === good) return { path, id: guid(9) };
    throw failure('store.notStore', 'holds other files', { permanent: true });
  });
  workbench.play(
    type(folder, /not empty and is not a store.*\(store\.notStore\)/),
    click('Choose a Folder…'),
    choose(folder),
    type(good),
  );
  const added = await run('refpoint.addStore');
  workbench.assertDone();
  assert.equal(added, good);
  assert.deepEqual(workbench.settings.get('refpoint.stores'), ['/stores/a', good]);
  assert.deepEqual(workbench.said('error'), []);
  workbench.play(type(folder, /not a store/), giveUp());
  assert.equal(await run('refpoint.addStore'), undefined);
  workbench.assertDone();
});

test('~/ is the home folder wherever a folder is typed', async (t) => {
  assert.equal(expandHome('~/backups', '/home/me'), '/home/me/backups');
  assert.equal(expandHome('~\\backups', 'C:\\Users\\me'), 'C:\\Users\\me\\backups');
  assert.equal(expandHome('~', '/home/me'), '/home/me');
  for (const text of ['~me/backups', '/srv/~/x', 'x~/y']) assert.equal(expandHome(text), text);
  const { run, engine, started, points } = await withStore(t);
  engine.on(requests.openStore, ({ path }) => ({ path, id: guid(9) }));
  workbench.play(type('~/backups'));
  assert.equal(await run('refpoint.addStore'), expandHome('~/backups'));
  workbench.play(pick('VHDX'), type('~/no-such-folder/restored'));
  await run('refpoint.restore', points[0]);
  workbench.assertDone();
  const { spec } = started[0] ?? {};
  assert.equal(spec?.kind === 'restore' && spec.to, expandHome('~/no-such-folder/restored'));
  const host = { url: 'https://hv01' };
  workbench.settings.put('refpoint.hosts', [host]);
  workbench.play(type('C:\\VMs = ~/vms'));
  assert.ok(await mapFolder(host, 'C:\\VMs'));
  workbench.assertDone();
  assert.deepEqual(readHosts()[0]?.pathMap, { 'C:\\VMs': expandHome('~/vms') });
});

test('a store without finished points says so', async (t) => {
  const { run } = await withStore(t, [storePoint('1-full', { state: 'partial' })]);
  workbench.play(pick('vm1'));
  await run('refpoint.restore');
  workbench.assertDone();
  assert.match(workbench.said()[0] ?? '', /no finished backup/);
});

test('a comparison offers every other finished point, whatever chain it is of', async (t) => {
  const { run, engine } = await withStore(t, [
    storePoint('1-full'),
    storePoint('2-incr', { parent: '1-full' }),
    storePoint('3-full'),
    storePoint('4-incr', { parent: '3-full' }),
    storePoint('5-incr', { parent: '4-incr' }),
  ]);
  workbench.play(pick('vm1'), pick(/5-incr/), giveUp());
  await run('refpoint.compareWith');
  workbench.assertDone();
  const older = workbench.asked.at(-1)?.rows ?? [];
  assert.deepEqual(
    older.map((row) => row.split(' | ').at(-1)),
    ['4-incr', '3-full', '2-incr', '1-full'],
  );
  engine.on(requests.storePoints, () => [storePoint('1-full')]);
  workbench.play(pick('vm1'), pick(/1-full/));
  await run('refpoint.compareWith');
  assert.match(workbench.said().at(-1) ?? '', /no other complete point/);
  assert.ok(engine.count(requests.storePoints) > 0);
});
