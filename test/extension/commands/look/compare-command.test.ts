import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import * as vscode from 'vscode';
import { requests } from '../../../../src/engine/api/methods.ts';
import { fakeWindow } from '../../../support/extension/extension-window.ts';
import { storePoint, storeVm } from '../../../support/extension/samples.ts';
import { choose, giveUp, pick } from '../../../support/vscode/script.ts';
import { workbench } from '../../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const COMMAND = 'refpoint.compareImages';
const file = (path: string): vscode.Uri => vscode.Uri.file(path);

/** Titles of the comparisons that are shown. */
const shown = (): readonly string[] =>
  workbench.panels
    .filter(({ viewType }) => viewType === 'refpoint.diskCompare')
    .map(({ title }) => title);

test('two files of the Explorer are compared without a question; three are refused', async (t) => {
  const { run } = await fakeWindow(t);
  const [a, b, c] = [file('/vm/a.vhdx'), file('/vm/b.vhd'), file('/vm/c.qcow2')];
  await run(COMMAND, a, [a, b]);
  assert.deepEqual(shown(), ['a.vhdx ↔ b.vhd']);
  await run(COMMAND, a, [a, b, c]);
  assert.deepEqual(workbench.said('warning'), ['Select two disk images.']);
  await run(COMMAND, a, [a, vscode.Uri.parse('git:/vm/b.vhd')]);
  assert.match(workbench.said('warning').at(-1) ?? '', /is not a file of this machine/);
  assert.equal(shown().length, 1);
  workbench.assertDone();
});

test('from the palette both images are asked for, at once or one after the other', async (t) => {
  const { run } = await fakeWindow(t);
  workbench.play(choose('/vm/a.vhdx', '/vm/b.vhdx'));
  await run(COMMAND);
  workbench.play(choose('/vm/a.vhdx'), choose('/other/c.img'));
  await run(COMMAND);
  assert.deepEqual(shown(), ['a.vhdx ↔ b.vhdx', 'a.vhdx ↔ c.img']);
  assert.equal(workbench.asked.at(-1)?.text, 'Compare a.vhdx With');
  workbench.play(choose('/vm/a.vhdx'), giveUp());
  await run(COMMAND);
  workbench.play(giveUp());
  await run(COMMAND);
  assert.equal(shown().length, 2);
  workbench.assertDone();
});

test('the image of the active editor is compared with one that is asked for', async (t) => {
  const { run } = await fakeWindow(t);
  const groups = vscode.window.tabGroups.all as unknown as object[];
  const input = { viewType: 'refpoint.diskAnatomy', uri: file('/vm/open.vhdx') };
  groups.push({ isActive: true, activeTab: { input } });
  t.after(() => groups.pop());
  workbench.play(choose('/vm/b.vhdx'));
  await run(COMMAND);
  assert.deepEqual(shown(), ['open.vhdx ↔ b.vhdx']);
  assert.equal(workbench.asked.at(-1)?.text, 'Compare open.vhdx With');
  workbench.assertDone();
});

test('two points of a store are compared by the disk of the same slot; one asks for the other', async (t) => {
  workbench.settings.put('refpoint.stores', ['/stores/a']);
  const { run, engine, stores } = await fakeWindow(t);
  const [first, second] = [storePoint('1-full'), storePoint('2-incr', { parent: '1-full' })];
  const [disk] = first.disks;
  assert.ok(disk);
  const other = { ...disk, number: 7, slot: 'ide0:0', path: '/stores/a/9-full/7-other.vhdx' };
  const without = storePoint('9-full', { disks: [other] });
  engine
    .on(requests.storeVms, () => [storeVm(1)])
    .on(requests.storePoints, () => [first, second, without])
    .on(requests.listJobs, () => []);
  const [store] = await stores.rows();
  const [vm] = await stores.expand(store?.node as never);
  const points = (await stores.expand(vm?.node as never)).map(({ node }) => node);
  const by = (id: string) => points.find((node) => node.kind === 'point' && node.point.id === id);
  await run(COMMAND, by('1-full'), [by('1-full'), by('2-incr')]);
  assert.deepEqual(shown(), ['0-disk.vhdx ↔ 0-disk.vhdx']);
  workbench.play(pick(/1-full/));
  await run(COMMAND, by('2-incr'), [by('2-incr')]);
  assert.equal(shown().length, 2);
  await run(COMMAND, by('2-incr'), [by('2-incr'), by('9-full')]);
  assert.match(workbench.said().at(-1) ?? '', /does not hold this disk/);
  assert.equal(shown().length, 2);
  workbench.assertDone();
});
