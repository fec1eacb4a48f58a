import assert from 'node:assert/strict';
import { beforeEach, test, type TestContext } from 'node:test';
import type { BackupOptions, BackupPlan } from '../../../../src/engine/api/backup.ts';
import type { JobInfo } from '../../../../src/engine/api/jobs.ts';
import { requests } from '../../../../src/engine/api/methods.ts';
import { fakeWindow, settled } from '../../../support/extension/extension-window.ts';
import { failure } from '../../../support/extension/fake-engine.ts';
import { backupSpec, guid, job, vmRow, vmShow } from '../../../support/extension/samples.ts';
import { giveUp, pick, press, type } from '../../../support/vscode/script.ts';
import { workbench } from '../../../support/vscode/workbench.ts';
import { plansOf } from '../../../support/extension/plans-of.ts';

beforeEach(() => workbench.reset());

const LOCAL = process.platform === 'win32' ? 'V:\\vms' : '/mnt/vms';

/** What a host whose disks lie below C:\VMs answers: a plan that knows whether the folder is mapped. */
function planOf(vm: string, options: BackupOptions): BackupPlan {
  const mapped = options.pathMap.some(({ host }) => host.toLowerCase() === 'c:\\vms');
  const exports = options.exportDirectory !== null;
  const reason = { code: 'first', text: 'first backup', evidence: {} } as const;
  return {
    vm: { id: vm, name: 'vm' },
    kind: 'full',
    reason,
    method: !mapped && exports ? 'export' : 'file',
    methodReason: { code: 'method.first', text: 'first', evidence: {} },
    methods: [
      {
        method: 'file',
        possible: mapped,
        code: mapped ? null : 'path.unmapped',
        reason: mapped ? '' : 'C:\\VMs\\d.vhdx is a path of the host',
        folders: mapped ? [] : ['C:\\VMs'],
      },
      {
        method: 'export',
        possible: exports,
        code: exports ? null : 'plan.method',
        reason: '',
        folders: [],
      },
    ],
    parent: null,
    disks: [
      {
        number: 0,
        slot: 'scsi0:0',
        path: 'C:\\VMs\\d.vhdx',
        virtualSize: 2 ** 30,
        kind: 'full',
        reason,
      },
    ],
    excluded: options.excludeDisks.map((slot) => ({ slot, path: 'x', why: 'asked' })),
    warnings: [],
  };
}

async function connected(t: TestContext, names: readonly string[] = ['vm1']) {
  workbench.settings.put('refpoint.hosts', [{ name: 'hv', url: 'http://127.0.0.1:5985' }]);
  workbench.settings.put('refpoint.stores', ['/stores/a']);
  const window = await fakeWindow(t);
  const jobs: JobInfo[] = [];
  window.engine
    .on(requests.listVms, () => names.map((name, n) => vmRow(n + 1, { name })))
    .on(requests.listJobs, () => jobs)
    .on(requests.forgetJob, () => ({}))
    .on(requests.planBackup, ({ vm, options }) =>
      plansOf((kind) => planOf(vm, { ...options, kind })),
    );
  const [root] = await window.hosts.rows();
  assert.ok(root);
  const vms = await window.hosts.expand(root.node);
  window.services.follower.follow = async () => [];
  return { ...window, vms, list: jobs };
}

test('a plan that finds a folder of the host unmapped offers to map it there and then, and goes on', async (t) => {
  const { run, vms, started } = await connected(t);
  workbench.play(
    pick('Map a Folder of the Host…'),
    type('C:\\VMs', /both folders/),
    type(`C:\\VMs = ${LOCAL}`),
    pick('Automatic'),
  );
  await run('refpoint.backup', vms[0]?.node);
  workbench.assertDone();
  const [before, , after] = workbench.asked.filter(({ kind }) => kind !== 'info');
  assert.deepEqual(before?.rows.slice(0, 3), [
    'Map a Folder of the Host… | C:\\VMs | ',
    'Set a Folder for Exports… | the host writes copies of the disks there | ',
    'Automatic | not possible | C:\\VMs has no place on this machine yet.',
  ]);
  assert.equal(after?.kind, 'input');
  assert.match(workbench.asked.at(-1)?.rows[0] ?? '', /^Automatic \| full by file/);
  assert.deepEqual(workbench.settings.get('refpoint.hosts'), [
    { name: 'hv', url: 'http://127.0.0.1:5985', pathMap: { 'C:\\VMs': LOCAL } },
  ]);
  const spec = started[0]?.spec;
  assert.deepEqual(spec?.kind === 'backup' && spec.options.pathMap, [
    { host: 'C:\\VMs', local: LOCAL },
  ]);
});

test('a plan whose disks lie on an unknown file server offers to contact it, after one question', async (t) => {
  const { run, vms, started, engine } = await connected(t);
  const smb = (known: boolean): BackupPlan['methods'][number] => ({
    method: 'smb',
    possible: known,
    code: known ? null : 'smb.server.unknown',
    reason: '',
    folders: [],
    ...(known ? {} : { unknownServer: 'files01' }),
  });
  engine.on(requests.planBackup, ({ vm, options, target }) =>
    plansOf((kind) => {
      const plan = planOf(vm, { ...options, kind });
      const known = target.smb?.servers.includes('files01') === true;
      return { ...plan, method: known ? 'smb' : 'file', methods: [smb(known), ...plan.methods] };
    }),
  );
  const row = pick('Contact the File Server files01…');
  workbench.play(row, giveUp(), row, press('Contact This Server'), pick('Automatic'));
  await run('refpoint.backup', vms[0]?.node);
  workbench.assertDone();
  const question = workbench.asked.find(({ modal }) => modal);
  assert.equal(question?.text, 'Contact the file server files01?');
  assert.match(question?.detail ?? '', /^Disks of vm1 lie there\.\nfiles01 would receive a proof/);
  assert.deepEqual(workbench.settings.get('refpoint.hosts'), [
    { name: 'hv', url: 'http://127.0.0.1:5985', fileServers: ['files01'] },
  ]);
  assert.deepEqual(started[0]?.target?.smb?.servers, ['files01']);
});

test('a kind that cannot read the disks is not taken, and giving up the folder leads back to the plan', async (t) => {
  const { run, vms, started } = await connected(t);
  workbench.play(pick('Automatic'), pick('Map a Folder of the Host…'), giveUp(), giveUp());
  await run('refpoint.backup', vms[0]?.node);
  workbench.assertDone();
  assert.deepEqual(started, []);
});

test('Edit Host begins with the folder that a failed job could not read, and offers the job again', async (t) => {
  const { run, started } = await connected(t);
  const failed = job('1', {
    spec: backupSpec({ host: 'http://127.0.0.1:5985' }),
    state: 'failed',
    error: { code: 'path.unmapped', message: 'C:\\VMs\\d.vhdx is a path of the host' },
  });
  workbench.play(type(`C:\\VMs = ${LOCAL}`), press('Run Again'));
  await run('refpoint.editHost', { kind: 'job', id: 'job:1', job: failed });
  await settled();
  workbench.assertDone();
  const spec = started[0]?.spec;
  assert.deepEqual(
    spec?.kind === 'backup' && spec.options.pathMap,
    [{ host: 'C:\\VMs', local: LOCAL }],
    'today’s map, not that of the failed job',
  );
});

test('Run Again takes the folders and the folder for exports that the host has today', async (t) => {
  const { run, started } = await connected(t);
  workbench.settings.put('refpoint.hosts', [
    {
      url: 'http://127.0.0.1:5985',
      pathMap: { 'C:\\VMs': '/new' },
      exportDirectory: 'D:\\Exports',
    },
  ]);
  const old = {
    ...backupSpec().options,
    kind: 'full',
    pathMap: [{ host: 'C:\\VMs', local: '/old' }],
  } as const;
  const spec = backupSpec({ host: 'http://127.0.0.1:5985', options: old });
  await run('refpoint.runAgain', {
    kind: 'job',
    id: 'j',
    job: job('1', { spec, state: 'failed' }),
  });
  const again = started[0]?.spec;
  assert.deepEqual(again?.kind === 'backup' && again.options, {
    ...old,
    pathMap: [{ host: 'C:\\VMs', local: '/new' }],
    exportDirectory: 'D:\\Exports',
  });
});

test('a disk that cannot be backed up is left out from the plan, and stays out', async (t) => {
  const { run, vms, started, engine } = await connected(t);
  workbench.settings.put('refpoint.hosts', [
    { name: 'hv', url: 'http://127.0.0.1:5985', pathMap: { 'C:\\VMs': LOCAL } },
  ]);
  engine.on(requests.planBackup, ({ vm, options }) => {
    if (!options.excludeDisks.includes('scsi0:1')) {
      throw failure('plan.disk', 'The disk at scsi0:1 is shared', {}, { slots: ['scsi0:1'] });
    }
    return plansOf((kind) => planOf(vm, { ...options, kind }));
  });
  workbench.play(pick('Leave This Disk Out'), pick('Automatic'));
  await run('refpoint.backup', vms[0]?.node);
  workbench.assertDone();
  assert.match(workbench.asked.at(-1)?.rows[0] ?? '', /1 disk of 1 GiB · without scsi0:1$/);
  const spec = started[0]?.spec;
  assert.deepEqual(spec?.kind === 'backup' && spec.options.excludeDisks, ['scsi0:1']);
  workbench.play(pick('Automatic'));
  await run('refpoint.backup', vms[0]?.node);
  workbench.assertDone();
  assert.equal(started.length, 2);
});

test('Options… are asked for, shown in the plan, and remembered for this VM alone', async (t) => {
  const { run, vms, started, engine } = await connected(t, ['vm1', 'vm2']);
  workbench.settings.put('refpoint.hosts', [
    { name: 'hv', url: 'http://127.0.0.1:5985', pathMap: { 'C:\\VMs': LOCAL } },
  ]);
  engine.on(requests.showVm, () => {
    const vm = vmShow(1);
    const [disk] = vm.disks;
    assert.ok(disk);
    return { ...vm, disks: [disk, { ...disk, number: 1, controller: 'scsi0:1', shared: true }] };
  });
  workbench.play(
    pick('Options…'),
    pick('Disks'),
    pick(/scsi0:0/),
    pick('Consistency'),
    pick('Crash-consistent'),
    pick('Tracker Check'),
    pick('Full tracker check'),
    pick('Wait for Merges'),
    pick('No wait for merges'),
    pick('Back to the Plan'),
    pick('Full'),
  );
  await run('refpoint.backup', vms[0]?.node);
  workbench.assertDone();
  assert.equal(
    workbench.asked.at(-1)?.rows.at(-1),
    'Options… | without scsi0:1 · Crash-consistent · Full tracker check · No wait for merges | ',
  );
  workbench.play(pick('Full'));
  await run('refpoint.backup', vms[0]?.node);
  workbench.play(pick('Full'));
  await run('refpoint.backup', vms[1]?.node);
  workbench.assertDone();
  assert.deepEqual(
    started.map(({ spec }) => {
      if (spec.kind !== 'backup') return spec.kind;
      const { excludeDisks, consistency, checkTracker, mergeWaitSeconds } = spec.options;
      const full = checkTracker === 'full';
      return [spec.vm === guid(1), excludeDisks, consistency, full, mergeWaitSeconds];
    }),
    [
      [true, ['scsi0:1'], 'crash', true, 0],
      [true, ['scsi0:1'], 'crash', true, 0],
      [false, [], 'default', false, undefined],
    ],
  );
});

test('of many VMs one that is not possible keeps no other from being backed up', async (t) => {
  const { run, vms, started, engine } = await connected(t, ['a', 'b', 'c']);
  workbench.settings.put('refpoint.hosts', [
    { name: 'hv', url: 'http://127.0.0.1:5985', pathMap: { 'C:\\VMs': LOCAL } },
  ]);
  engine.on(requests.planBackup, ({ vm, options }) => {
    if (vm === guid(2)) throw failure('host.busy', 'b is merging');
    return plansOf((kind) => planOf(vm, { ...options, kind }));
  });
  const nodes = vms.map(({ node }) => node);
  workbench.play(pick('Automatic'), pick('a', 'b', 'c'));
  await run('refpoint.backup', nodes[0], nodes);
  workbench.assertDone();
  assert.equal(workbench.asked.at(-1)?.rows[1], 'b | not possible | b is merging.');
  assert.deepEqual(
    started.map(({ title }) => title),
    ['a', 'c'],
    'also where the person ticks it',
  );
});

test('a finding about a disk offers to leave it out, and says so afterwards', async (t) => {
  const { vms, hosts, engine, services } = await connected(t);
  const message = 'The disk at scsi0:1 is shared, which this version cannot back up.';
  engine.on(requests.showVm, () =>
    vmShow(1, { findings: [{ code: 'disk.shared', severity: 'error', message, slot: 'scsi0:1' }] }),
  );
  assert.ok(vms[0]);
  const [finding] = await hosts.expand(vms[0].node);
  assert.equal(finding?.item.label, message);
  const { command } = finding.item;
  assert.equal(command?.title, 'Leave This Disk Out');
  await workbench.commands.get(command.command)?.(...(command.arguments ?? []));
  assert.deepEqual(services.choices.of(guid(1)), { leftOut: ['scsi0:1'] });
  const [now] = await hosts.expand(vms[0].node);
  assert.equal(now?.item.label, 'scsi0:1 is left out of backups');
  assert.equal(now.item.command?.title, 'Take It into Backups Again');
});
