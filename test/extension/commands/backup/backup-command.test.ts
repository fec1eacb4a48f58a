import assert from 'node:assert/strict';
import { beforeEach, test, type TestContext } from 'node:test';
import type { BackupPlan } from '../../../../src/engine/api/backup.ts';
import type { JobInfo } from '../../../../src/engine/api/jobs.ts';
import { requests } from '../../../../src/engine/api/methods.ts';
import { fakeWindow, settled } from '../../../support/extension/extension-window.ts';
import { failure } from '../../../support/extension/fake-engine.ts';
import { giveUpEverywhere } from '../../../support/extension/give-up.ts';
import { backupSpec, groupRow, guid, job, vmRow } from '../../../support/extension/samples.ts';
import { giveUp, pick, press, type } from '../../../support/vscode/script.ts';
import { workbench } from '../../../support/vscode/workbench.ts';
import { plansOf } from '../../../support/extension/plans-of.ts';

beforeEach(() => workbench.reset());

const HOST = { name: 'hv', url: 'http://127.0.0.1:5985', pathMap: { 'C:\\VMs': '/mnt/vms' } };

const plan = (vm: string, kind: 'full' | 'incr', change: Partial<BackupPlan> = {}): BackupPlan => ({
  vm: { id: vm, name: 'vm' },
  kind,
  reason: { code: 'first', text: kind === 'full' ? 'first backup' : 'changes only', evidence: {} },
  method: 'file',
  methodReason: { code: 'method.first', text: 'its files open here', evidence: {} },
  methods: [
    { method: 'file', possible: true, code: null, reason: '', folders: [] },
    { method: 'export', possible: false, code: 'plan.method', reason: 'no folder', folders: [] },
  ],
  parent: null,
  disks: [
    {
      number: 0,
      slot: 'scsi0:0',
      path: 'C:\\VMs\\d.vhdx',
      virtualSize: 2 ** 30,
      kind,
      reason: { code: 'first', text: '', evidence: {} },
    },
  ],
  excluded: [{ slot: 'scsi0:1', path: 'x', why: 'shared' }],
  warnings: [],
  ...change,
});

/** A connected window whose jobs are only kept: what is started is what counts here. */
async function connected(t: TestContext, names: readonly string[] = ['vm1', 'vm2']) {
  workbench.settings.put('refpoint.hosts', [HOST]);
  workbench.settings.put('refpoint.stores', ['/stores/a']);
  const window = await fakeWindow(t);
  const jobs: JobInfo[] = [];
  window.engine
    .on(requests.listVms, () => names.map((name, n) => vmRow(n + 1, { name })))
    .on(requests.listJobs, () => jobs)
    .on(requests.planBackup, ({ vm }) =>
      plansOf((kind) => {
        if (kind !== 'incremental') return plan(vm, 'full');
        throw failure('plan.incremental', 'An incremental is not possible: first backup');
      }),
    );
  const [root] = await window.hosts.rows();
  assert.ok(root);
  const vms = await window.hosts.expand(root.node);
  // What becomes of a job is another test's.
  window.services.follower.follow = async () => [];
  return { ...window, vms, list: jobs };
}

test('a backup asks for the VM and the kind, and shows the plan of each kind first', async (t) => {
  const { run, started, engine } = await connected(t);
  workbench.play(pick('vm2'), pick('Full'));
  await run('refpoint.backup');
  workbench.assertDone();
  const kinds = workbench.asked.at(-1);
  assert.equal(kinds?.text, 'Back up vm2');
  assert.deepEqual(kinds.rows, [
    'Automatic | full by file | first backup · 1 disk of 1 GiB · without scsi0:1: shared',
    'Full | full by file | first backup · 1 disk of 1 GiB · without scsi0:1: shared',
    'Incremental | not possible | An incremental is not possible: first backup.',
    'Method: file | its files open here | export: no folder',
    'Options… | defaults | ',
  ]);
  assert.equal(engine.count(requests.planBackup), 1);
  assert.deepEqual(engine.paramsOf(requests.planBackup)[0]?.options.pathMap, [
    { host: 'C:\\VMs', local: '/mnt/vms' },
  ]);
  assert.equal(started.length, 1);
  const [{ title, spec, target }] = started as [(typeof started)[0]];
  assert.equal(title, 'vm2');
  assert.deepEqual(
    spec,
    backupSpec({
      host: HOST.url,
      vm: guid(2),
      options: {
        ...backupSpec().options,
        kind: 'full',
        checkTracker: 'sample',
        parallelDisks: 2,
        pathMap: [{ host: 'C:\\VMs', local: '/mnt/vms' }],
      },
    }),
  );
  assert.equal(target?.url, HOST.url);
});

test('giving up at any question starts nothing', async (t) => {
  const { run, started } = await connected(t);
  workbench.settings.put('refpoint.stores', ['/stores/a', '/stores/b']);
  await giveUpEverywhere(
    [pick('vm1'), pick('a'), pick('Automatic')],
    () => run('refpoint.backup'),
    () => assert.deepEqual(started, []),
  );
});

test('a kind that is not possible is not taken', async (t) => {
  const { run, started, vms } = await connected(t);
  workbench.play(pick('Incremental'), pick('Automatic'));
  await run('refpoint.backup', vms[0]?.node);
  workbench.assertDone();
  assert.equal(started.length, 1);
});

test('several VMs that are selected are planned, each by name, and backed up in one go', async (t) => {
  const { run, vms, started, engine } = await connected(t, ['a', 'b', 'c']);
  engine.on(requests.planBackup, ({ vm }) =>
    plansOf((kind) => {
      if (kind === 'incremental' && vm === guid(2)) throw failure('plan.incremental', 'no parent');
      return plan(vm, vm === guid(1) ? 'full' : 'incr');
    }),
  );
  const nodes = vms.map(({ node }) => node);
  workbench.play(pick('Automatic'), pick('a', 'b', 'c'));
  await run('refpoint.backup', nodes[0], nodes);
  workbench.assertDone();
  const [kinds, list] = workbench.asked.slice(-2);
  assert.equal(kinds?.text, 'Back up 3 VMs');
  assert.equal(kinds.rows[0], 'Automatic | 1 full, 2 incremental | ');
  assert.equal(
    kinds.rows[2],
    'Incremental | 1 full, 1 incremental, 1 not possible | b: no parent.',
  );
  assert.deepEqual(
    list?.rows.map((row) => row.split(' · ')[0]),
    [
      'a | full by file | first backup',
      'b | incremental by file | changes only',
      'c | incremental by file | changes only',
    ],
  );
  assert.deepEqual(
    started.map(({ title, spec }) => [title, spec.vm]),
    [
      ['a', guid(1)],
      ['b', guid(2)],
      ['c', guid(3)],
    ],
  );
});

test('a plan that fails altogether is said with its own next step', async (t) => {
  const { run, vms, started, engine } = await connected(t);
  engine.fail(requests.planBackup, failure('path.unmapped', 'C:\\VMs is a path of the host'));
  workbench.play(press('Edit Host…'), giveUp());
  await run('refpoint.backup', vms[0]?.node);
  await settled();
  workbench.assertDone();
  assert.match(
    workbench.said('error')[0] ?? '',
    /does not know where that folder of the host lies/,
  );
  assert.deepEqual(started, []);
});

test('a VM that is being backed up into the store already is told, not asked twice', async (t) => {
  const { run, vms, started, list } = await connected(t);
  list.push(job('1', { spec: backupSpec({ vm: guid(1) }), elsewhere: true }));
  await run('refpoint.backup', vms[0]?.node);
  assert.match(
    workbench.said('warning')[0] ?? '',
    /vm1 is being backed up into this store already/,
  );
  assert.deepEqual(started, []);
});

test('two VMs of one name are told apart wherever one is asked for', async (t) => {
  const { run } = await connected(t, ['web', 'web']);
  workbench.play(giveUp());
  await run('refpoint.backup');
  assert.deepEqual(workbench.asked[0]?.rows, [`web |  | ${guid(1)}`, `web |  | ${guid(2)}`]);
});

test('the store is asked for where there are several, or none', async (t) => {
  const { run, vms, started, engine } = await connected(t);
  workbench.settings.put('refpoint.stores', ['/stores/a', '/stores/b']);
  workbench.play(pick('b'), pick('Automatic'));
  await run('refpoint.backup', vms[0]?.node);
  workbench.assertDone();
  assert.equal(engine.paramsOf(requests.planBackup)[0]?.store, '/stores/b');
  workbench.settings.put('refpoint.stores', []);
  engine.on(requests.openStore, ({ path }) => ({ path, id: guid(9) }));
  const folder = process.platform === 'win32' ? 'C:\\new' : '/new';
  workbench.play(type('relative', /whole path/), type(folder), pick('Automatic'));
  await run('refpoint.backup', vms[0]?.node);
  workbench.assertDone();
  assert.deepEqual(workbench.settings.get('refpoint.stores'), [folder]);
  assert.equal(started.length, 2);
});

test('Find VM takes the person to it, also among two of one name', async (t) => {
  const { run, hosts } = await connected(t, ['web', 'web']);
  workbench.play(pick(new RegExp(guid(2))));
  await run('refpoint.findVm');
  workbench.assertDone();
  assert.match(hosts.revealed.at(-1)?.path.at(-1) ?? '', new RegExp(guid(2)));
  assert.deepEqual(hosts.revealed.at(-1)?.options, { select: true, focus: true, expand: true });
});

test('an export asks for a folder in the host’s spelling', async (t) => {
  const { run, vms, started, engine } = await connected(t);
  engine.on(requests.showVm, () => ({
    ...vmRow(1),
    disks: [],
    checkpoints: [],
    referencePoints: [],
    findings: [],
  }));
  workbench.play(type('/srv/x', /Windows path/), type('D:\\Exports'));
  await run('refpoint.export', vms[0]?.node);
  workbench.assertDone();
  assert.equal(
    workbench.asked[0]?.rows[0],
    'C:\\VMs\\Exports',
    'a folder that this machine can reach',
  );
  assert.equal(started.length, 1);
  await giveUpEverywhere(
    [type('D:\\Exports')],
    () => run('refpoint.export', vms[0]?.node),
    () => assert.equal(started.length, 1),
  );
});

/** A connected window whose host has a group of both VMs. */
async function withGroup(t: TestContext) {
  const window = await connected(t);
  window.engine.on(requests.listGroups, () => [groupRow()]);
  await window.services.groups.refreshAll();
  return window;
}

test('a group is backed up as one: from the palette and from its row, with its plan first', async (t) => {
  const { run, started, engine, hosts } = await withGroup(t);
  workbench.play(pick('cluster'), pick('Full'));
  await run('refpoint.backup');
  workbench.assertDone();
  assert.equal(workbench.asked.at(-1)?.text, 'Back up cluster');
  assert.match(workbench.asked[0]?.rows[0] ?? '', /^cluster \| vm1, vm2 \| /);
  assert.deepEqual(
    engine.paramsOf(requests.planBackup).map(({ vm, group }) => ({ vm, group })),
    [{ vm: guid(70), group: true }],
  );
  const [root] = await hosts.rows();
  const [row] = await hosts.expand(root?.node as never);
  assert.equal(row?.node.kind, 'group');
  workbench.play(pick('Automatic'));
  await run('refpoint.backup', row.node, [row.node]);
  workbench.assertDone();
  assert.equal(started.length, 2);
  for (const { title, spec } of started) {
    assert.equal(title, 'cluster');
    assert.ok(spec.kind === 'backup');
    assert.deepEqual([spec.vm, spec.group], [guid(70), true]);
  }
});

test('a group and a VM that are selected together are two jobs', async (t) => {
  const { run, started, hosts } = await withGroup(t);
  const [root] = await hosts.rows();
  const [group, vm] = await hosts.expand(root?.node as never);
  assert.ok(group !== undefined && vm !== undefined);
  workbench.play(pick('Full'), pick('cluster', 'vm1'));
  await run('refpoint.backup', vm.node, [group.node, vm.node]);
  workbench.assertDone();
  assert.deepEqual(
    started.map(({ spec }) => (spec.kind === 'backup' ? [spec.vm, spec.group ?? false] : [])),
    [
      [guid(70), true],
      [guid(1), false],
    ],
  );
});

test('a group that lacks a VM of its last point goes on without it when it is told to, once', async (t) => {
  const { run, started, engine, hosts } = await withGroup(t);
  engine.on(requests.planBackup, ({ vm, options }) => {
    if (!(options.withoutMembers ?? []).includes(guid(9))) {
      const data = { gone: [guid(9)], names: ['vm9'] };
      throw failure('plan.members', 'The group “cluster” lacks “vm9”', {}, data);
    }
    return plansOf((kind) => plan(vm, kind === 'incremental' ? 'incr' : 'full'));
  });
  const [root] = await hosts.rows();
  const [row] = await hosts.expand(root?.node as never);
  const backUp = async (): Promise<void> => {
    workbench.play(pick('Go On without vm9'), pick('Automatic'));
    await run('refpoint.backup', row?.node, row === undefined ? [] : [row.node]);
    workbench.assertDone();
  };
  await backUp();
  const [job] = started;
  assert.deepEqual(job?.spec.kind === 'backup' && job.spec.options.withoutMembers, [guid(9)]);
  // A member that is missing again is asked about again.
  await backUp();
  assert.equal(started.length, 2);
});
