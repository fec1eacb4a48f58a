import assert from 'node:assert/strict';
import { beforeEach, test, type TestContext } from 'node:test';
import type { OverPlan } from '../../../../src/engine/api/backup.ts';
import type { ErrorInfo } from '../../../../src/engine/api/errors.ts';
import type { JobInfo } from '../../../../src/engine/api/jobs.ts';
import { requests } from '../../../../src/engine/api/methods.ts';
import type { OpenOver } from '../../../../src/engine/api/store.ts';
import { sayEnd } from '../../../../src/extension/jobs/job-end.ts';
import { subjectOfJob } from '../../../../src/extension/jobs/job-subject.ts';
import { jobNode } from '../../../../src/extension/nodes/node-names.ts';
import { fakeWindow, settled } from '../../../support/extension/extension-window.ts';
import {
  guid,
  job,
  jobResult,
  storePoint,
  storeVm,
  vmRow,
} from '../../../support/extension/samples.ts';
import { giveUp, pick, press, type } from '../../../support/vscode/script.ts';
import { workbench } from '../../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const HOST = { name: 'hv', url: 'http://127.0.0.1:5985', pathMap: { 'D:\\VMs': '/mnt/vms' } };
/** A folder of this machine: of Windows, if the tests run there. */
const LOCAL = process.platform === 'win32' ? 'V:\\e' : '/mnt/e';
const EVIL = 'a $(trash) [x](command:y)\u202E';
const MIB = 2 ** 20;

const finding = (code: string, data: ErrorInfo['data'] = {}): ErrorInfo => ({
  code,
  message: `${code} in the engine's words`,
  data,
  permanent: true,
  userFixable: true,
  damage: false,
});

const DISK: OverPlan['disks'][number] = {
  number: 0,
  name: 'disk',
  slot: 'scsi0:0',
  old: 'D:\\VMs\\disk.vhdx',
  path: 'D:\\VMs\\disk-restored.vhdx',
  way: 'differing',
  why: null,
  virtualSize: 64 * MIB,
  writtenBytes: 2 * MIB,
  savedBytes: 30 * MIB,
};

const samplePlan = (change: Partial<OverPlan> = {}): OverPlan => ({
  computerName: 'HV01',
  vm: { id: guid(1), name: EVIL, state: 'off' },
  point: '1-full',
  disks: [DISK],
  writtenBytes: 2 * MIB,
  savedBytes: 30 * MIB,
  findings: [],
  ...change,
});

const OPEN: OpenOver = {
  vm: guid(1),
  point: '20260301T100000Z-full',
  time: '2026-03-02T10:00:00.000Z',
  host: HOST.url,
  disks: [
    { slot: 'scsi0:0', old: 'D:\\VMs\\a.vhdx', path: 'D:\\VMs\\a-restored.vhdx', differing: true },
    { slot: 'scsi0:1', old: 'D:\\VMs\\b.vhdx', path: 'D:\\VMs\\b-restored.vhdx', differing: false },
  ],
};

/** A window with a host, a point of its VM, and an engine that answers with these plans, the last one again and again. */
async function withPlan(t: TestContext, ...plans: readonly Partial<OverPlan>[]) {
  workbench.settings.put('refpoint.stores', ['/stores/a']);
  workbench.settings.put('refpoint.hosts', [HOST]);
  const window = await fakeWindow(t);
  let asked = 0;
  window.engine
    .on(requests.listVms, () => [vmRow(1, { name: EVIL, state: 'off' }), vmRow(2)])
    .on(requests.storeVms, () => [storeVm(1, { name: EVIL, over: OPEN })])
    .on(requests.storePoints, () => [storePoint('1-full', { restores: 'configuration' })])
    .on(requests.listJobs, () => [])
    .on(requests.planOver, () => samplePlan(plans[Math.min(asked++, plans.length - 1)]));
  window.services.follower.follow = async () => [];
  const [root] = await window.hosts.rows();
  assert.ok(root);
  await window.hosts.expand(root.node);
  return window;
}

function overSpec(started: readonly { readonly spec: JobInfo['spec'] }[]) {
  assert.equal(started.length, 1);
  const spec = started[0]?.spec;
  assert.ok(spec?.kind === 'over');
  return spec;
}

const rows = (): string => workbench.asked.flatMap((each) => each.rows).join('\n');

test('the plan names host, VM, disks and saved bytes; then a question names the VM once more', async (t) => {
  const { run, started } = await withPlan(t, {});
  workbench.play(pick('Over the Old VM'), pick(/^Restore Over… .*proves/), giveUp(), giveUp());
  await run('refpoint.restore');
  workbench.assertDone();
  assert.equal(started.length, 0, 'Cancel of the question leads back to the plan');
  assert.match(rows(), /Host.*hv.*HV01/);
  assert.match(rows(), new RegExp(`VM.*off.*${guid(1)}`));
  assert.match(rows(), /disk.*2 MiB of 64 MiB differ.*disk-restored\.vhdx/);
  assert.match(rows(), /Written.*2 MiB.*30 MiB saved/);
  assert.doesNotMatch(rows(), /\$\(trash\)|\]\(command|\u202E/);
  workbench.play(pick('Over the Old VM'), pick(/^Restore Over…/), press('Restore Over'));
  await run('refpoint.restore');
  workbench.assertDone();
  const question = workbench.asked.at(-1);
  assert.match(question?.detail ?? '', new RegExp(guid(1)));
  assert.match(question?.detail ?? '', /Undo Restore….*Accept Restore…/);
  const { action, over, confirm, point, pathMap, disks } = overSpec(started);
  assert.deepEqual([action, over, confirm, point], ['restore', guid(1), guid(1), '1-full']);
  assert.deepEqual([pathMap, disks], [[{ host: 'D:\\VMs', local: '/mnt/vms' }], []]);
});

test('each obstacle has its fix, after which the plan is made anew', async (t) => {
  const other = { ...DISK, number: 1, slot: 'scsi0:1', name: 'other' };
  const { run, engine, started } = await withPlan(
    t,
    { findings: [finding('over.state', { found: 'running' })] },
    { findings: [finding('over.checkpoints')] },
    { findings: [finding('path.unmapped', { folder: 'E:\\VMs' })] },
    { disks: [DISK, other], findings: [finding('over.disk', { slot: 'scsi0:0' })] },
    { disks: [{ ...other, way: 'whole', why: 'sectors differ' }] },
  );
  workbench.play(
    pick('Over the Old VM'),
    pick(/^Look Again After .* Was Shut Down/),
    pick(/^Look Again After the Checkpoints/),
    pick(/^Map a Folder/),
    type(`E:\\VMs = ${LOCAL}`),
    pick(/^Leave the Disk at scsi0:0 Out/),
    pick(/^Restore Over…/),
    press('Restore Over'),
  );
  await run('refpoint.restore');
  workbench.assertDone();
  assert.match(rows(), /other.*written as a whole.*sectors differ/);
  const { disks, pathMap } = overSpec(started);
  assert.deepEqual(disks, ['1']);
  assert.ok(pathMap.some(({ local }) => local === LOCAL));
  assert.equal(engine.paramsOf(requests.planOver).length, 5);
});

test('nothing is started for disks that are equal, or while something prevents it', async (t) => {
  const same = { ...DISK, way: 'same', path: null, writtenBytes: 0 } as const;
  const { run, started } = await withPlan(
    t,
    { disks: [same], writtenBytes: 0 },
    { findings: [finding('restore.space')] },
  );
  for (const words of [/Restore Over….*nothing to do/, /Restore Over….*not possible yet/]) {
    workbench.play(pick('Over the Old VM'), giveUp());
    await run('refpoint.restore');
    workbench.assertDone();
    assert.match(workbench.asked.at(-1)?.rows.join('\n') ?? '', words);
  }
  assert.equal(started.length, 0);
});

test('undo and acceptance are offered when it is done, and say what each file becomes', async (t) => {
  const { run, started, services } = await withPlan(t, {});
  const spec = {
    kind: 'over',
    action: 'restore',
    host: HOST.url,
    store: '/stores/a',
    vm: guid(1),
    point: OPEN.point,
    disks: [],
    over: guid(1),
    confirm: guid(1),
    pathMap: [],
  } as const;
  const done = job('1', { spec, state: 'done', result: jobResult({ point: OPEN.point }) });
  workbench.play(press('Undo Restore…'), press('Undo Restore'));
  await sayEnd(done, subjectOfJob(services.hosts));
  await settled();
  workbench.assertDone();
  const undo = workbench.asked.at(-1)?.detail ?? '';
  assert.match(undo, /scsi0:0: a\.vhdx comes back/);
  assert.match(undo, /everything that the VM wrote since/);
  assert.equal(overSpec(started).action, 'undo');
  workbench.play(giveUp());
  await run('refpoint.acceptRestore', jobNode(done));
  workbench.assertDone();
  const accept = workbench.asked.at(-1)?.detail ?? '';
  assert.match(accept, /scsi0:0: what differs is merged into a\.vhdx/);
  assert.match(accept, /scsi0:1: b\.vhdx is removed, b-restored\.vhdx stays/);
  assert.equal(started.length, 1);
  workbench.play(press('Accept Restore'));
  await run('refpoint.acceptRestore');
  workbench.assertDone();
  const last = started.at(-1)?.spec;
  assert.ok(last?.kind === 'over' && last.action === 'accept');
  assert.deepEqual([last.over, last.confirm, last.store], [guid(1), guid(1), '/stores/a']);
});

test('the store shows which VM and point can be undone, and without one the command says so', async (t) => {
  const { run, stores, engine } = await withPlan(t, {});
  engine.on(requests.storePoints, () => [storePoint(OPEN.point, { restores: 'configuration' })]);
  const [root] = await stores.rows();
  const [vm] = await stores.expand(root?.node ?? assert.fail());
  assert.match(String(vm?.item.description), /restore not accepted/);
  assert.match(String(vm?.item.contextValue), / restored /);
  const [point] = await stores.expand(vm?.node ?? assert.fail());
  assert.match(String(point?.item.contextValue), / restored /);
  engine.on(requests.storeVms, () => [storeVm(1)]);
  await run('refpoint.undoRestore');
  assert.match(workbench.said('info').at(-1) ?? '', /No VM has a restore/);
});
