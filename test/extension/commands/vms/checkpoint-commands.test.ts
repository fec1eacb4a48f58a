import assert from 'node:assert/strict';
import { beforeEach, test, type TestContext } from 'node:test';
import type { VmCheckpoint } from '../../../../src/engine/api/host.ts';
import { requests } from '../../../../src/engine/api/methods.ts';
import { fakeWindow } from '../../../support/extension/extension-window.ts';
import { failure } from '../../../support/extension/fake-engine.ts';
import { giveUpEverywhere } from '../../../support/extension/give-up.ts';
import {
  groupRow,
  groupShow,
  guid,
  storeVm,
  vmRow,
  vmShow,
} from '../../../support/extension/samples.ts';
import { giveUp, pick, press } from '../../../support/vscode/script.ts';
import { workbench } from '../../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const HOST = { name: 'hv', url: 'http://127.0.0.1:5985' };
const checkpoint = (n: number, change: Partial<VmCheckpoint> = {}): VmCheckpoint => ({
  id: `Microsoft:${guid(n)}`,
  name: 'vm1 - Backup',
  type: 'backup',
  owner: 'foreign',
  created: '2026-03-01T09:00:00Z',
  ...change,
});
const OURS = checkpoint(50, { owner: 'ours' });
const FOREIGN = checkpoint(51);
const USERS = checkpoint(52, { type: 'user', name: 'before' });
const REPAIR = {
  vm: { id: guid(1), name: 'vm1' },
  store: '/stores/a',
  file: `${guid(1)}/ledger.json`,
  problem: 'The ledger is not JSON',
  applied: false,
  keptAs: null,
  added: [{ id: 'RP-1', pointId: 'P-1', state: 'current', computerName: 'HV01' }],
  unclaimed: [{ kind: 'referencePoint', id: 'RP-2' }],
} as const;

async function connected(t: TestContext) {
  workbench.settings.put('refpoint.hosts', [HOST]);
  workbench.settings.put('refpoint.stores', ['/stores/a']);
  const window = await fakeWindow(t);
  window.engine
    .on(requests.listVms, () => [vmRow(1)])
    .on(requests.listJobs, () => [])
    .on(requests.showVm, () => vmShow(1, { checkpoints: [OURS, FOREIGN, USERS] }))
    .on(requests.createCheckpoint, () => ({ id: OURS.id }))
    .on(requests.convertCheckpoint, () => ({ id: 'RP-1' }))
    .on(requests.removeCheckpoint, () => ({}))
    .on(requests.storeVms, () => [storeVm(1, { ledgerProblem: REPAIR.problem })])
    .on(requests.repairLedger, ({ apply }) => ({ ...REPAIR, applied: apply }));
  const [root] = await window.hosts.rows();
  assert.ok(root);
  const [vm] = await window.hosts.expand(root.node);
  assert.ok(vm);
  const rows = await window.hosts.expand(vm.node);
  const rowOf = ({ id }: VmCheckpoint) => rows.find((row) => row.node.id.endsWith(id));
  return { ...window, vm: vm.node, rowOf };
}

test('a backup checkpoint is made from the tree, with the consistency that is picked', async (t) => {
  const { run, engine, vm } = await connected(t);
  workbench.play(pick('Application-consistent'));
  await run('refpoint.createCheckpoint', vm);
  workbench.assertDone();
  const [params] = engine.paramsOf(requests.createCheckpoint);
  assert.deepEqual([params?.vm, params?.consistency], [guid(1), 'application']);
  assert.match(workbench.said()[0] ?? '', /stays until you remove it/);
});

test('rows say whose a checkpoint is, and offer only what fits its kind', async (t) => {
  const { rowOf } = await connected(t);
  assert.match(String(rowOf(OURS)?.item.description), /^backup checkpoint · ours/);
  assert.match(String(rowOf(FOREIGN)?.item.description), /of another product/);
  assert.match(rowOf(OURS)?.item.contextValue ?? '', / checkpoint backup /);
  assert.match(rowOf(USERS)?.item.contextValue ?? '', / checkpoint user /);
});

test('removing a checkpoint names its id, and of a foreign one says whose it may be', async (t) => {
  const { run, engine, rowOf } = await connected(t);
  workbench.play(giveUp(), giveUp());
  await run('refpoint.removeCheckpoint', rowOf(OURS)?.node);
  await run('refpoint.removeCheckpoint', rowOf(FOREIGN)?.node);
  assert.equal(engine.count(requests.removeCheckpoint), 0);
  const [ours, foreign] = workbench.asked.map(({ detail }) => detail ?? '');
  assert.ok(ours?.includes(OURS.id) === true && !ours.includes('Another product'));
  assert.match(foreign ?? '', /Another product or an administrator may need it/);
  workbench.play(press('Remove'), press('Remove'), press('Convert'));
  await run('refpoint.removeCheckpoint', rowOf(OURS)?.node);
  await run('refpoint.removeCheckpoint', rowOf(USERS)?.node);
  await run('refpoint.convertCheckpoint', rowOf(FOREIGN)?.node);
  workbench.assertDone();
  assert.deepEqual(
    engine.paramsOf(requests.removeCheckpoint).map(({ id, foreign: taken }) => [id, taken]),
    [
      [OURS.id, false],
      [USERS.id, true],
    ],
  );
  assert.deepEqual(
    engine.paramsOf(requests.convertCheckpoint).map(({ id, stores }) => [id, stores]),
    [[FOREIGN.id, ['/stores/a']]],
  );
});

test('from the palette a checkpoint is picked by its id, since several have one name', async (t) => {
  const { run, engine } = await connected(t);
  await giveUpEverywhere(
    [pick(new RegExp(guid(51))), press('Remove')],
    () => run('refpoint.removeCheckpoint'),
    () => assert.equal(engine.count(requests.removeCheckpoint), 0),
  );
});

test('a damaged ledger shows in the tree, and its repair shows what it will write before it does', async (t) => {
  const { run, engine, stores } = await connected(t);
  const [store] = await stores.rows();
  assert.ok(store);
  const [row] = await stores.expand(store.node);
  assert.match(String(row?.item.description), /ledger damaged/);
  workbench.play(giveUp());
  await run('refpoint.repairLedger', row?.node);
  assert.deepEqual(
    engine.paramsOf(requests.repairLedger).map(({ apply }) => apply),
    [false],
  );
  assert.match(
    workbench.asked[0]?.detail ?? '',
    /not JSON[^]*P-1: RP-1[^]*no point names it: RP-2/,
  );
  workbench.play(press('Rebuild'));
  await run('refpoint.repairLedger', row?.node);
  assert.equal(engine.paramsOf(requests.repairLedger).at(-1)?.apply, true);
  assert.match(workbench.said().at(-1) ?? '', /rebuilt with 1 reference point/);
});

test('the ledger of a group is repaired on the host that has the group, and its row is asked again', async (t) => {
  const { run, engine, stores, services } = await connected(t);
  const { id, name, members } = groupRow();
  engine
    .on(requests.listGroups, () => [groupRow()])
    .on(requests.showGroup, () => groupShow())
    .on(requests.storeVms, () => [
      { ...storeVm(70, { ledgerProblem: REPAIR.problem }), id, name, members },
    ])
    .on(requests.repairLedger, ({ apply }) => ({ ...REPAIR, vm: { id, name }, applied: apply }));
  await services.groups.refreshAll();
  const [store] = await stores.rows();
  const [row] = await stores.expand(store?.node as never);
  const [group] = services.groups.of(services.hosts.hosts[0]?.id ?? '');
  assert.ok(group);
  await services.groups.details(group);
  workbench.play(press('Rebuild'));
  await run('refpoint.repairLedger', row?.node);
  workbench.assertDone();
  assert.deepEqual(
    engine.paramsOf(requests.repairLedger).map(({ vm, apply }) => [vm, apply]),
    [
      [id, false],
      [id, true],
    ],
  );
  assert.match(workbench.said().at(-1) ?? '', /cluster: the ledger was rebuilt/);
  await services.groups.details(group);
  assert.equal(engine.count(requests.showGroup), 2);
});

test('a command that meets a damaged ledger offers its repair', async (t) => {
  const { run, engine, vm } = await connected(t);
  engine.on(requests.createCheckpoint, () => {
    throw failure('ledger.damaged', 'The ledger is not JSON');
  });
  workbench.play(pick('Crash-consistent'), giveUp());
  await run('refpoint.createCheckpoint', vm);
  assert.ok(workbench.asked.at(-1)?.buttons.includes('Repair Ledger…'));
});
