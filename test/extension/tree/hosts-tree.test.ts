import assert from 'node:assert/strict';
import { beforeEach, test, type TestContext } from 'node:test';
import type { VmRow } from '../../../src/engine/api/host.ts';
import { requests } from '../../../src/engine/api/methods.ts';
import {
  withOwnIds,
  type HostNode,
  type HostTreeNode,
  type VmNode,
} from '../../../src/extension/nodes/nodes.ts';
import { fakeWindow, settled } from '../../support/extension/extension-window.ts';
import { failure } from '../../support/extension/fake-engine.ts';
import {
  groupRow,
  groupShow,
  guid,
  referencePoint,
  vmRow,
  vmShow,
} from '../../support/extension/samples.ts';
import { giveUp, type as typeText } from '../../support/vscode/script.ts';
import type { TreeItem } from '../../support/vscode/values.ts';
import { pointTime } from '../../../src/extension/words/point-name.ts';
import { workbench } from '../../support/vscode/workbench.ts';
import { assertInTime } from '../../support/process/in-time.ts';

beforeEach(() => workbench.reset());

const HOST = { name: 'hv', url: 'http://127.0.0.1:5985' };

/** A window with one host that needs no password, whose list of VMs a test can change. */
async function windowWithVms(t: TestContext, rows: readonly VmRow[]) {
  workbench.settings.put('refpoint.hosts', [HOST]);
  const window = await fakeWindow(t);
  const list = { rows };
  window.engine.on(requests.listVms, () => structuredClone(list.rows) as VmRow[]);
  const [root] = await window.hosts.rows();
  assert.ok(root);
  return { ...window, list, root: root.node as HostNode };
}

/** The text of a tooltip; markdown could hold links. */
function tip(item: TreeItem | undefined): string {
  assert.equal(typeof item?.tooltip, 'string');
  return item?.tooltip as string;
}

const labels = (rows: readonly { readonly item: TreeItem }[]): (string | undefined)[] =>
  rows.map(({ item }) => item.label);

test('a host that needs no password shows its VMs when it is opened; nothing is asked per VM', async (t) => {
  const { hosts, root, engine } = await windowWithVms(t, [vmRow(1), vmRow(2, { state: 'off' })]);
  const rows = await hosts.expand(root);
  assert.deepEqual(labels(rows), ['vm1', 'vm2']);
  assert.equal(rows[1]?.item.description, 'off');
  assert.equal(engine.count(requests.listVms), 1);
  assert.equal(engine.count(requests.showVm), 0);
  const [again] = await hosts.rows();
  assert.equal(again?.item.description, '2 VMs');
  workbench.assertDone();
});

test('a host without its password asks nobody by itself, and asks once a person opens it', async (t) => {
  workbench.settings.put('refpoint.hosts', [{ ...HOST, user: 'admin' }]);
  const { hosts, engine } = await fakeWindow(t);
  const [root] = await hosts.rows();
  assert.ok(root);
  // The editor opens nodes by itself when a window starts.
  const [row] = await hosts.rows(root.node);
  assert.equal(row?.item.command?.command, 'refpoint.connect');
  assert.equal(workbench.asked.length, 0);
  assert.deepEqual(engine.calls, []);
  workbench.play(giveUp());
  await hosts.expand(root.node);
  await settled();
  assert.equal(workbench.asked.length, 1);
  assert.equal(workbench.asked[0]?.password, true);
  workbench.assertDone();
});

test('of two VMs with one name each says which it is', async (t) => {
  const { hosts, root } = await windowWithVms(t, [
    vmRow(1, { name: 'web' }),
    vmRow(2, { name: 'web' }),
    vmRow(3),
  ]);
  const rows = await hosts.expand(root);
  assert.deepEqual(
    rows.map(({ item }) => item.description),
    ['running', 'running · 00000001', 'running · 00000002'],
  );
  assert.match(rows[1]?.item.accessibilityInformation?.label ?? '', /web \(00000001\)/);
  assert.match(tip(rows[1]?.item), /Another VM of this host has the same name/);
});

test('one change of state draws one row again, and asks for nothing else', async (t) => {
  const { hosts, root, services, engine, list } = await windowWithVms(
    t,
    Array.from({ length: 50 }, (_, n) => vmRow(n)),
  );
  await hosts.expand(root);
  hosts.refreshed.length = 0;
  await services.hosts.refresh();
  assert.equal(hosts.refreshed.length, 0, 'nothing changed');
  list.rows = list.rows.with(7, vmRow(7, { state: 'off' }));
  await services.hosts.refresh();
  assert.equal(hosts.refreshed.length, 1);
  const [drawn] = hosts.refreshed;
  assert.ok(drawn);
  assert.equal(drawn.kind, 'vm');
  const item = await hosts.provider.getTreeItem(drawn);
  assert.equal(item.description, 'off');
  assert.equal(engine.count(requests.listVms), 3);
  assert.equal(engine.count(requests.showVm), 0);
  list.rows = list.rows.slice(1);
  hosts.refreshed.length = 0;
  await services.hosts.refresh();
  assert.deepEqual(
    hosts.refreshed.map((node) => node?.kind),
    ['host'],
    'a VM that is gone is the host’s change',
  );
  workbench.assertDone();
});

test('a thousand VMs are rows within half a second of the answer, with one request', async (t) => {
  const { hosts, root, engine } = await windowWithVms(
    t,
    Array.from({ length: 1000 }, (_, n) => vmRow(n)),
  );
  await hosts.expand(root);
  const times: number[] = [];
  for (let run = 0; run < 5; run++) {
    const begun = performance.now();
    const rows = await hosts.rows(root);
    times.push(performance.now() - begun);
    assert.equal(rows.length, 1000);
  }
  const [best = Infinity] = times.sort((a, b) => a - b);
  t.diagnostic(`1,000 VMs to rows: ${best.toFixed(1)} ms of 500 ms, best of 5`);
  assertInTime(best, 500);
  assert.equal(engine.count(requests.listVms), 1);
  assert.equal(engine.count(requests.showVm), 0);
});

test('a VM that is opened is asked for once, and its rows tell ours from foreign reference points', async (t) => {
  const { hosts, root, engine } = await windowWithVms(t, [vmRow(1)]);
  engine.on(requests.showVm, () =>
    vmShow(1, {
      checkpoints: [
        {
          id: guid(50),
          name: 'before',
          type: 'user',
          owner: 'foreign',
          created: '2026-03-01T09:00:00Z',
        },
      ],
      referencePoints: [
        referencePoint('Microsoft:A\\B'),
        referencePoint('Microsoft:A\\C0FFEE00', { owner: 'foreign', created: null, pointId: null }),
      ],
      findings: [{ code: 'vm.version', severity: 'warning', message: 'The version is old.' }],
    }),
  );
  const [vm] = await hosts.expand(root);
  assert.ok(vm);
  const rows = await hosts.expand(vm.node);
  await hosts.rows(vm.node);
  assert.equal(engine.count(requests.showVm), 1);
  assert.deepEqual(labels(rows), [
    'The version is old.',
    'disk.vhdx',
    'before',
    'Reference point',
    pointTime({ id: '20260301T100000Z-full' }),
  ]);
  const [, disk, , foreign, ours] = rows.map(({ item }) => item);
  assert.equal(disk?.description, '1 GiB · scsi0:0');
  assert.equal(foreign?.description, 'of another product · C0FFEE00');
  assert.match(String(ours?.description), /ago$/);
  assert.match(
    tip(ours),
    /Backup point: .* \(full\)[\s\S]*Consistency: crash|Consistency: crash[\s\S]*\(full\)/,
  );
  assert.notDeepEqual(foreign?.iconPath, ours?.iconPath);
  assert.match(tip(ours), /In a ledger of ours/);
  workbench.assertDone();
});

test('VMs and hosts are in the natural order of their names', async (t) => {
  const names = ['vm10', 'VM2', 'db', 'vm1'];
  const { hosts, root } = await windowWithVms(
    t,
    names.map((name, n) => vmRow(n + 1, { name })),
  );
  assert.deepEqual(labels(await hosts.expand(root)), ['db', 'vm1', 'VM2', 'vm10']);
  workbench.settings.put(
    'refpoint.hosts',
    ['hv10', 'hv9', 'a'].map((name) => ({ name, url: `https://${name}` })),
  );
  assert.deepEqual(labels(await hosts.rows()), ['a', 'hv9', 'hv10']);
});

test('every row leads back to the root, so that the view can reveal it', async (t) => {
  const { hosts, root, engine } = await windowWithVms(t, [vmRow(1), vmRow(2)]);
  engine.on(requests.showVm, () =>
    vmShow(2, {
      checkpoints: [{ id: guid(50), name: 'c', type: 'backup', owner: 'foreign', created: null }],
      referencePoints: [referencePoint('p')],
      findings: [{ code: 'vm.busy', severity: 'info', message: 'm' }],
    }),
  );
  const [, vm] = await hosts.expand(root);
  assert.ok(vm);
  const rows = await hosts.expand(vm.node);
  const nodes: HostTreeNode[] = [root, vm.node, ...rows.map(({ node }) => node)];
  assert.equal(nodes.length, 6);
  for (const node of nodes) await hosts.reveal(node);
  const ids = hosts.revealed.map(({ path }) => path.at(-1));
  assert.equal(new Set(ids).size, nodes.length);
  assert.deepEqual(hosts.revealed.at(-5)?.path, [root.id, vm.node.id]);
});

test('ids are the same after a reload, so that what was open stays open', async (t) => {
  const first = await windowWithVms(t, [vmRow(1)]);
  const before = (await first.hosts.expand(first.root)).map(({ item }) => item.id);
  first.close();
  const second = await windowWithVms(t, [vmRow(1)]);
  const after = (await second.hosts.expand(second.root)).map(({ item }) => item.id);
  assert.deepEqual(after, before);
});

test('what a host calls its things is text: no icon, no link, nothing invisible, no second line', async (t) => {
  const evil = '$(trash) [run](command:evil) \u202Egnp.exe\nline';
  const { hosts, root, engine } = await windowWithVms(t, [
    vmRow(1, { name: evil, operation: evil }),
  ]);
  const base = vmShow(1);
  const [disk] = base.disks;
  assert.ok(disk);
  engine.on(requests.showVm, () =>
    vmShow(1, {
      name: evil,
      disks: [{ ...disk, path: `C:\\${evil}`, controller: evil, format: evil }],
      checkpoints: [{ id: evil, name: evil, type: 'user', owner: 'foreign', created: null }],
      referencePoints: [referencePoint(evil, { consistency: evil, pointId: evil })],
      findings: [{ code: evil as never, severity: 'error', message: evil }],
    }),
  );
  const vms = await hosts.expand(root);
  const [vm] = vms;
  assert.ok(vm);
  const rows = [...vms, ...(await hosts.expand(vm.node))];
  assert.equal(rows.length, 5);
  for (const { item } of rows) {
    for (const text of [item.label, item.description]) {
      assert.doesNotMatch(String(text), /\$\(|\]\(|\p{Cf}|\n/u);
    }
    assert.doesNotMatch(tip(item), /\p{Cf}/u);
    assert.match(tip(item), /\\u\{202e\}/);
    assert.doesNotMatch(item.accessibilityInformation?.label ?? '', /\n|\p{Cf}/u);
  }
});

test('rows that a host gives one id do not break the tree', async (t) => {
  const { hosts, root, engine } = await windowWithVms(t, [vmRow(1)]);
  const twice = { id: 'x', name: 'c', type: 'user', owner: 'foreign', created: null } as const;
  engine.on(requests.showVm, () => vmShow(1, { disks: [], checkpoints: [twice, twice] }));
  const [vm] = await hosts.expand(root);
  assert.ok(vm);
  const rows = await hosts.expand(vm.node);
  assert.equal(new Set(rows.map(({ item }) => item.id)).size, 2);
  workbench.assertDone();
});

test('a host that is down says so below it with the next step, and is tried again by itself', async (t) => {
  const { hosts, root, engine, services } = await windowWithVms(t, [vmRow(1)]);
  engine.fail(
    requests.listVms,
    failure('http.unreachable', 'hv could not be reached: ECONNREFUSED'),
  );
  const [row, ...more] = await hosts.rows(root);
  assert.equal(more.length, 0);
  assert.equal(row?.item.label, 'The host cannot be reached.');
  assert.match(tip(row?.item), /ECONNREFUSED.*\(http\.unreachable\)/);
  assert.equal(row?.item.command?.command, 'refpoint.connect');
  assert.deepEqual(workbench.asked, [], 'nothing pops up');
  engine.on(requests.listVms, () => [vmRow(1)]);
  await services.hosts.refresh();
  assert.deepEqual(labels(await hosts.rows(root)), ['vm1']);
  workbench.assertDone();
});

test('a refused password is forgotten and never tried again by itself', async (t) => {
  workbench.settings.put('refpoint.hosts', [{ ...HOST, user: 'admin' }]);
  const { hosts, engine, services, secrets } = await fakeWindow(t);
  const [host] = services.hosts.hosts;
  assert.ok(host);
  await services.passwords.store(host.host, 'old-secret');
  engine.fail(requests.listVms, failure('http.auth.failed', 'refused', { permanent: true }));
  const [root] = await hosts.rows();
  assert.ok(root);
  const [row] = await hosts.rows(root.node);
  assert.equal(row?.item.label, 'The host refused the user or the password.');
  assert.deepEqual(row?.item.command?.arguments?.[1], { ask: true });
  assert.equal(secrets.values.size, 0);
  await services.hosts.refresh();
  await hosts.rows(root.node);
  assert.equal(engine.count(requests.listVms), 1);
});

test('a lab that ended offers to start it', async (t) => {
  workbench.settings.put('refpoint.hosts', [{ ...HOST, lab: '/lab' }]);
  const { hosts, engine } = await fakeWindow(t);
  engine.fail(requests.listVms, failure('http.unreachable', 'refused'));
  const [root] = await hosts.rows();
  assert.ok(root);
  const [row] = await hosts.rows(root.node);
  assert.equal(row?.item.command?.command, 'refpoint.startLab');
});

test('a VM that was deleted meanwhile says so, not nothing', async (t) => {
  const { hosts, root, engine } = await windowWithVms(t, [vmRow(1)]);
  engine.fail(
    requests.showVm,
    failure('host.vm.notFound', 'The host has no VM', { permanent: true }),
  );
  const [vm] = await hosts.expand(root);
  assert.ok(vm);
  const [row] = await hosts.expand(vm.node);
  assert.match(row?.item.label ?? '', /no longer on the host/);
  assert.equal(row?.item.command?.command, 'refpoint.refresh');
  // The failure is not kept: the next look asks again.
  engine.on(requests.showVm, () => vmShow(1));
  assert.deepEqual(labels(await hosts.rows(vm.node)), ['disk.vhdx']);
});

test('an answer that comes after the host was left is dropped', async (t) => {
  const { hosts, root, engine, services } = await windowWithVms(t, []);
  let answer = (_rows: VmRow[]): void => undefined;
  const waiting = new Promise<VmRow[]>((resolve) => {
    answer = resolve;
  });
  engine.on(requests.listVms, () => waiting);
  const opened = hosts.rows(root);
  await settled();
  services.hosts.disconnect(root.id);
  answer([vmRow(1)]);
  const [row] = await opened;
  assert.equal(row?.item.label, 'Connect to see the VMs');
  assert.equal(services.hosts.host(root.id)?.state, 'disconnected');
});

test('a host that the person disconnected stays so, although its open row asks for what is below it', async (t) => {
  const { hosts, root, engine, services, run } = await windowWithVms(t, [vmRow(1)]);
  await hosts.expand(root);
  await run('refpoint.disconnect', root);
  assert.deepEqual(labels(await hosts.rows(root)), ['Connect to see the VMs']);
  await services.hosts.refreshAll();
  assert.equal(services.hosts.host(root.id)?.state, 'disconnected');
  assert.equal(engine.count(requests.listVms), 1);
  await run('refpoint.connect', root);
  assert.deepEqual(labels(await hosts.rows(root)), ['vm1']);
});

test('a late refusal of an old password leaves the newer one alone', async (t) => {
  workbench.settings.put('refpoint.hosts', [{ ...HOST, user: 'admin' }]);
  const { hosts, engine, services } = await fakeWindow(t);
  const [root] = await hosts.rows();
  const node = root?.node as HostNode;
  await services.passwords.store(node.host, 'old');
  const answer = Promise.withResolvers<VmRow[]>();
  engine.on(requests.listVms, () => answer.promise);
  const listed = services.hosts.connect(node.id, false);
  await settled();
  await services.passwords.store(node.host, 'new');
  answer.reject(failure('http.auth.failed', 'refused'));
  await assert.rejects(listed);
  assert.equal(await services.passwords.get(node.host), 'new');
  engine.fail(requests.listVms, failure('http.auth.failed', 'refused'));
  await assert.rejects(services.hosts.connect(node.id, false));
  assert.equal(await services.passwords.get(node.host), undefined);
});

test('rows whose ids a host made equal, or like those that tell twins apart, all have their own', () => {
  const rows = ['a', 'a', 'a~1', 'a', 'a~1'].map((id) => ({ id }));
  const ids = withOwnIds(rows).map(({ id }) => id);
  assert.equal(new Set(ids).size, rows.length, ids.join());
  assert.equal(ids[0], 'a');
});

test('entries of the settings that are no hosts are told, and kept', async (t) => {
  const odd = [{ url: 5 }, 'text', { url: 'ftp://x' }];
  workbench.settings.put('refpoint.hosts', [HOST, ...odd]);
  const { hosts } = await fakeWindow(t);
  const rows = await hosts.rows();
  assert.deepEqual(labels(rows), ['hv', '3 entries of refpoint.hosts have no usable address']);
  assert.equal(rows[1]?.item.command?.command, 'workbench.action.openApplicationSettingsJson');
});

test('details of an opened VM are asked again by Refresh, and only of opened ones', async (t) => {
  const { hosts, root, engine, run } = await windowWithVms(t, [vmRow(1), vmRow(2)]);
  engine.on(requests.showVm, ({ vm }) => vmShow(vm === guid(1) ? 1 : 2));
  engine.on(requests.listJobs, () => []);
  const [vm] = await hosts.expand(root);
  assert.ok(vm);
  await hosts.expand(vm.node);
  hosts.refreshed.length = 0;
  await run('refpoint.refresh');
  assert.deepEqual(hosts.refreshed, [vm.node]);
  await hosts.rows(vm.node);
  assert.equal(engine.count(requests.showVm), 2);
});

test('nodes are asked with the host as the settings have it now', async (t) => {
  workbench.settings.put('refpoint.hosts', [{ ...HOST, user: 'admin' }]);
  const { hosts, engine, services } = await fakeWindow(t);
  engine.on(requests.testHost, () => ({}) as never);
  engine.on(requests.listVms, () => [vmRow(1)]);
  engine.on(requests.showVm, () => vmShow(1));
  workbench.play(typeText('secret'));
  const [root] = await hosts.rows();
  assert.ok(root);
  await hosts.expand(root.node);
  await settled();
  const [vm] = await hosts.rows(root.node);
  workbench.settings.put('refpoint.hosts', [{ ...HOST, user: 'admin', fingerprint: 'ab' }]);
  assert.ok(vm);
  const held = vm.node as VmNode;
  assert.equal(services.hosts.vm(held.host, held.row.id)?.host.fingerprint, 'ab');
  await hosts.rows(vm.node);
  assert.equal(engine.paramsOf(requests.showVm)[0]?.target.password, 'secret');
  workbench.assertDone();
});

test('groups come before the VMs: members, shared disks with their holders, then private ones, on demand', async (t) => {
  const { hosts, root, services, engine } = await windowWithVms(t, [vmRow(1), vmRow(2)]);
  engine.on(requests.listGroups, () => [groupRow()]).on(requests.showGroup, () => groupShow());
  await hosts.expand(root);
  await settled();
  const rows = await hosts.expand(root);
  assert.deepEqual(
    rows.map(({ item }) => [item.label, item.description]),
    [
      ['cluster', 'group of 2 VMs'],
      ['vm1', 'running'],
      ['vm2', 'running'],
    ],
  );
  assert.match(tip(rows[0]?.item), /Members: vm1, vm2/);
  const [group] = rows;
  assert.ok(group);
  assert.equal(engine.count(requests.showGroup), 0);
  const below = await hosts.expand(group.node);
  const icon = ({ iconPath }: TreeItem): string => (iconPath as { readonly id: string }).id;
  assert.deepEqual(
    below.map(({ item }) => [item.label, item.description, icon(item)]),
    [
      ['vm1', 'running', 'vm-running'],
      ['vm2', 'off', 'vm'],
      ['quorum.vhds', 'vm1, vm2 · 2 GiB', 'live-share'],
      ['os.vhdx', 'vm1 · 1 GiB', 'database'],
    ],
  );
  assert.match(tip(below[2]?.item), /Snapshots: 2\n/);
  assert.match(tip(below[2]?.item), /Owner in the guests’ cluster: vm1/);
  assert.equal(below[2]?.item.accessibilityInformation?.label.startsWith('Shared disk'), true);
  for (const { node } of below) {
    assert.equal((await hosts.provider.getParent?.(node))?.id, group.node.id);
  }
  // Polling asks for VMs only; a person's refresh asks for groups.
  await services.hosts.refresh();
  assert.equal(engine.count(requests.listGroups), 1);
  await services.groups.refreshAll();
  assert.equal(engine.count(requests.listGroups), 2);
  workbench.assertDone();
});

test('a host that cannot list its groups shows its VMs all the same', async (t) => {
  const { hosts, root, engine } = await windowWithVms(t, [vmRow(1)]);
  engine.fail(requests.listGroups, failure('host.method', 'refused'));
  await hosts.expand(root);
  await settled();
  assert.deepEqual(labels(await hosts.expand(root)), ['vm1']);
  workbench.assertDone();
});
