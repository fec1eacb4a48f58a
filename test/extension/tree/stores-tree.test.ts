import assert from 'node:assert/strict';
import { beforeEach, test, type TestContext } from 'node:test';
import { requests } from '../../../src/engine/api/methods.ts';
import type { StorePoint, StoreVm } from '../../../src/engine/api/store.ts';
import { fakeWindow } from '../../support/extension/extension-window.ts';
import { failure } from '../../support/extension/fake-engine.ts';
import { storePoint, storeVm } from '../../support/extension/samples.ts';
import { ThemeColor, ThemeIcon, type TreeItem } from '../../support/vscode/values.ts';
import { formatAgo, formatSecond } from '../../../src/extension/words/format.ts';
import { workbench } from '../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

function tip(item: TreeItem | undefined): string {
  assert.equal(typeof item?.tooltip, 'string');
  return item?.tooltip as string;
}

async function windowWithStore(
  t: TestContext,
  vms: readonly StoreVm[],
  points: readonly StorePoint[] = [],
) {
  workbench.settings.put('refpoint.stores', ['/stores/a', '/stores/a', '/other/a', 5]);
  const window = await fakeWindow(t);
  window.engine.on(requests.storeVms, () => vms);
  window.engine.on(requests.storePoints, () => points);
  const [, root] = await window.stores.rows();
  assert.ok(root);
  return { ...window, root: root.node };
}

test('stores of one name are told apart, and one that is listed twice is one', async (t) => {
  const { stores } = await windowWithStore(t, []);
  const rows = await stores.rows();
  assert.deepEqual(
    rows.map(({ item }) => [item.label, item.description]),
    [
      ['a', '/other/a'],
      ['a', '/stores/a'],
    ],
  );
});

test('points are shown, the newest first, in rows that are short: time, how long ago, kind as icon, verdict as badge', async (t) => {
  const time = '2026-03-01T12:00:00Z';
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse(time) });
  const { stores, root } = await windowWithStore(
    t,
    [storeVm(1)],
    [
      storePoint('1-full', { verified: { ok: true, time, quick: true } }),
      storePoint('2-incr', { verified: { ok: true, time, quick: false } }),
      storePoint('3-incr', { verified: { ok: false, time, quick: false } }),
      storePoint('3a-incr', {
        verified: { ok: true, time, quick: false },
        problems: [{ code: 'file.missing', severity: 'error', message: '0-disk.avhdx is missing' }],
      }),
      storePoint('3b-incr', {
        problems: [{ code: 'chain.files', severity: 'error', message: 'it builds on 3a-incr' }],
      }),
      storePoint('4-incr', { state: 'damaged', problem: 'not JSON', disks: [] }),
      storePoint('5-incr', { state: 'partial', disks: [] }),
    ],
  );
  const [vm] = await stores.expand(root);
  assert.ok(vm);
  const rows = await stores.expand(vm.node);
  const ago = formatAgo('2026-03-01T10:00:00.000Z');
  assert.deepEqual(
    rows.map(({ item }) => [
      item.description,
      (item.iconPath as { readonly id: string }).id,
      item.resourceUri?.query,
    ]),
    [
      ['not finished', 'circle-slash', undefined],
      ['damaged', 'error', undefined],
      [ago, 'error', 'damaged'],
      [ago, 'error', 'damaged'],
      [ago, 'error', 'damaged'],
      [ago, 'circle-outline', 'verified'],
      [ago, 'circle-large-filled', 'quick'],
    ],
  );
  for (const { item } of rows.slice(2)) {
    const label = String(item.label);
    assert.equal(label, formatSecond('2026-03-01T10:00:00.000Z'));
    // What a narrow view has room for, with the icons and the indent of three levels.
    assert.ok(`${label} ${String(item.description)}`.length <= 36, label);
    assert.match(tip(item), /Stored: 1 MiB\nFile size: 3 MiB/);
    assert.match(tip(item), /Id: \d\w?-/);
  }
  const words = rows.map(({ item }) => item.contextValue);
  assert.match(words[0] ?? '', / point partial /);
  assert.match(words[6] ?? '', / point complete /);
  assert.match(tip(rows[1]?.item), /not JSON/);
  assert.match(tip(rows[3]?.item), /0-disk.avhdx is missing/);
  assert.match(rows[2]?.item.accessibilityInformation?.label ?? '', /PARENT MISSING/);
  assert.match(rows[4]?.item.accessibilityInformation?.label ?? '', /Incremental point.*DAMAGED/);
  workbench.assertDone();
});

test('every row of a store leads back to its root', async (t) => {
  const { stores, root } = await windowWithStore(t, [storeVm(1)], [storePoint('1-full')]);
  const [vm] = await stores.expand(root);
  assert.ok(vm);
  const [point] = await stores.expand(vm.node);
  assert.ok(point);
  const [disk] = await stores.expand(point.node);
  assert.ok(disk);
  for (const { node } of [vm, point, disk]) await stores.reveal(node);
  assert.equal(stores.revealed.at(-1)?.path.length, 4);
});

test('a store that was moved says so, and offers what helps', async (t) => {
  const { stores, root, engine } = await windowWithStore(t, []);
  engine.fail(requests.storeVms, failure('store.notFound', 'There is no /stores/a'));
  const [row] = await stores.expand(root);
  assert.match(row?.item.label ?? '', /The store is not there/);
  assert.equal(row?.item.command?.command, 'refpoint.addStore');
  assert.ok(row);
  assert.equal(stores.provider.getParent?.(row.node), root);
});

test('an empty store offers to back up into it', async (t) => {
  const { stores, root } = await windowWithStore(t, []);
  const [row] = await stores.expand(root);
  assert.equal(row?.item.command?.command, 'refpoint.backup');
});

test('VMs of one name in a store are told apart', async (t) => {
  const { stores, root } = await windowWithStore(t, [
    storeVm(1, { name: 'web' }),
    storeVm(2, { name: 'web', points: 1 }),
  ]);
  const rows = await stores.expand(root);
  assert.deepEqual(
    rows.map(({ item }) => item.description),
    ['2 points · 00000001', '1 point · 00000002'],
  );
});

test('what a store holds is text: a manifest may have been written by anybody', async (t) => {
  const evil = '$(trash) [x](command:evil)\u202E';
  const point = storePoint('1-full', {
    reason: { code: evil as never, text: evil, evidence: {} },
    consistency: evil,
    disks: [],
  });
  const { stores, root } = await windowWithStore(t, [storeVm(1, { name: evil })], [point]);
  const vms = await stores.expand(root);
  const [vm] = vms;
  assert.ok(vm);
  for (const { item } of [...vms, ...(await stores.expand(vm.node))]) {
    assert.doesNotMatch(String(item.label), /\$\(|\]\(|\p{Cf}/u);
    assert.doesNotMatch(tip(item), /\p{Cf}/u);
  }
});

test('a job that wrote into a store draws that store again, and no other', async (t) => {
  const { stores, services, root } = await windowWithStore(t, [storeVm(1)]);
  stores.refreshed.length = 0;
  services.trees.stores.refreshStore('/stores/a');
  assert.deepEqual(stores.refreshed, [root]);
  services.trees.stores.refreshStore('/not/shown');
  assert.equal(stores.refreshed.length, 1);
});

test('a group of a store says so; its points have the shared disk once, with its holders', async (t) => {
  const members = [
    { id: '1', name: 'sql1' },
    { id: '2', name: 'sql2' },
  ];
  const [disk] = storePoint('1-full').disks;
  assert.ok(disk);
  const { stores, root } = await windowWithStore(
    t,
    [{ ...storeVm(1), name: 'cluster', members }],
    [
      storePoint('1-full', {
        disks: [
          { ...disk, holders: members.slice(0, 1) },
          { ...disk, number: 1, name: 'quorum', holders: members, shared: true },
        ],
      }),
    ],
  );
  const [group] = await stores.expand(root);
  assert.ok(group);
  assert.match(String(group.item.description), /group of 2 VMs/);
  assert.match(tip(group.item), /VM group: cluster\nMembers: sql1, sql2/);
  const [point] = await stores.expand(group.node);
  assert.ok(point);
  assert.match(tip(point.item), /VM group: cluster/);
  const disks = await stores.expand(point.node);
  assert.match(String(disks[0]?.item.description), /^sql1 · /);
  assert.match(String(disks[1]?.item.description), /^sql1, sql2 · /);
  assert.deepEqual(
    disks[1]?.item.iconPath,
    new ThemeIcon('live-share', new ThemeColor('charts.purple')),
  );
});
