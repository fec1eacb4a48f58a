import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FoundVm } from '../../../src/engine/api/host.ts';
import { notifications, requests } from '../../../src/engine/api/methods.ts';
import type { PartRecord } from '../../../src/engine/api/notifications.ts';
import { startBackupLab } from '../../support/backup/backup-lab.ts';
import { startEngine } from '../../support/process/engine-process.ts';
import { homeOf } from '../../support/process/job-process.ts';

const VMS = 1000;

test('1,000 VMs are listed in a few dozen exchanges, and one is shown in a few, however many there are', async (t) => {
  const lab = await startBackupLab(t);
  const disks = [{ size: 2 ** 22 }];
  await lab.ask('add-vms', { name: 'vm', count: VMS, sizes: disks.map(({ size }) => size) });
  await lab.ask('add-vm', { name: 'tracked', disks: [...disks, ...disks] });
  for (let i = 0; i < 3; i++) {
    await lab.ask('reference-point-create', { vm: 'tracked', consistency: 'crash' });
  }
  await lab.ask('checkpoint-create', { vm: 'vm-0007' });
  const engine = await startEngine(t, { home: homeOf(lab) });
  const { target } = lab;
  await engine.request(requests.testHost, { target });

  let before = engine.exchanges.length;
  const begun = performance.now();
  const parts: PartRecord[] = [];
  engine.connection.onNotification(notifications.part.method, (part: PartRecord) => {
    parts.push(part);
  });
  const rows = await engine.request(requests.listVms, { target, partialResultToken: 'r1' });
  const took = performance.now() - begun;
  const exchanges = engine.exchanges.length - before;
  const ids = new Set(rows.map(({ id }) => id));
  const found = parts.flatMap((part) => part.rows as readonly FoundVm[]);
  assert.ok(found.length > 0 && new Set(found.map(({ id }) => id)).size === found.length);
  assert.ok(found.every(({ id, state }) => ids.has(id) && state === 'running'));
  assert.ok(parts.every(({ partialResultToken }) => partialResultToken === 'r1'));
  assert.equal(rows.length, VMS + 1);
  assert.equal(new Set(rows.map(({ id }) => id)).size, VMS + 1);
  const row = (name: string): unknown => {
    const found = rows.find((each) => each.name === name);
    return [found?.disks, found?.checkpoints, found?.referencePoints, found?.state];
  };
  assert.deepEqual(row('vm-0999'), [1, 0, 0, 'running']);
  assert.deepEqual(row('vm-0007'), [1, 1, 0, 'running']);
  assert.deepEqual(row('tracked'), [2, 0, 3, 'running']);

  before = engine.exchanges.length;
  const vm = await engine.request(requests.showVm, { target, vm: rows[500]?.id ?? '', stores: [] });
  const ofOne = engine.exchanges.length - before;
  assert.equal(vm.name, rows[500]?.name);
  t.diagnostic(
    `${rows.length} VMs listed by ${exchanges} exchanges in ${took.toFixed(0)} ms; one shown by ${ofOne}`,
  );
  // Rows come in batches of some hundred: what would grow by one for each VM would be far above.
  assert.ok(exchanges <= 60, `${exchanges} exchanges`);
  assert.ok(ofOne <= 20, `${ofOne} exchanges`);
  // A host without a cluster does not have the namespace in which clusters are looked for.
  const failed = engine.exchanges.filter(({ outcome }) => outcome !== 'ok');
  assert.deepEqual(
    failed.filter(({ action }) => !/ of MSCluster_/.test(action)),
    [],
  );
  assert.ok(failed.length <= 2, JSON.stringify(failed));
});
