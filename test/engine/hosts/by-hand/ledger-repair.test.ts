import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LedgerRepair } from '../../../../src/engine/api/store.ts';
import { storeLedger } from '../../../../src/engine/backup/ledger/ledger-file.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { repairLedger } from '../../../../src/engine/hosts/by-hand/repair-ledger.ts';
import { runJob } from '../../../../src/engine/jobs/run/run-job.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import {
  backup,
  openTestStore,
  pattern,
  startBackupLab,
} from '../../../support/backup/backup-lab.ts';
import { accept, filledVm, over, overOptions, turnOff } from '../../../support/backup/over-lab.ts';
import { runCli } from '../../../support/process/cli-io.ts';

const MIB = 2 ** 20;

test('a damaged ledger is reported with advice, shown before it is rebuilt, and claims only what manifests name', async (t) => {
  const lab = await startBackupLab(t);
  const { id } = await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const vmId = id as Guid;
  await lab.write('vm', 0, MIB, pattern(MIB, 1));
  const store = await openTestStore(lab);
  const { manifest } = await backup(lab, store, 'vm');
  const foreign = await lab.ask('reference-point-create', { vm: 'vm', consistency: 'crash' });
  const file = join(store.location, vmId, 'ledger.json');
  const torn = (await readFile(file, 'utf8')).slice(0, 200);
  await writeFile(file, torn);
  const at = ['--store', store.location];
  const hosts = lab.command.options.slice(0, 4);
  const run = (...words: string[]) =>
    runCli(words, { env: { ...lab.command.env, REFPOINT_HOME: lab.folder } });

  const refused = await run(
    'backup',
    'vm',
    ...at,
    '--consistency',
    'crash',
    ...lab.command.options,
  );
  assert.equal(refused.status, 3);
  assert.match(refused.err, /refpoint ledger repair VM --store DIR.*\(ledger\.damaged\)/s);
  const shown = await run('store', 'show', ...at);
  assert.match(shown.out, new RegExp(`${manifest.id}.*ledger\\.damaged`, 's'));
  const verified = await run('verify', ...at, '--quick');
  assert.equal(verified.status, 1);
  assert.match(verified.out, /ok +2.*ledger repair/s);
  assert.equal((await run('ledger', 'show', 'vm', ...at)).status, 1);

  const input = {
    version: 1,
    id: randomUUID(),
    title: 'vm',
    spec: { kind: 'verify', store: store.location, vm: vmId, points: [], quick: true },
    target: null,
  } as const;
  const end = await runJob<'verify'>(input, lab.folder, {}, never);
  assert.deepEqual(
    end?.result.warnings.map(({ code }) => code),
    ['ledger.damaged'],
    'so does the job of the workbench',
  );

  const repair = ['ledger', 'repair', 'vm', ...at, ...hosts, '--json'];
  const preview = JSON.parse((await run(...repair)).out) as LedgerRepair;
  assert.equal(preview.applied, false);
  assert.deepEqual(
    preview.added.map((each) => each.id),
    [manifest.referencePoint?.id],
  );
  assert.deepEqual(preview.unclaimed, [{ kind: 'referencePoint', id: foreign.id }]);
  assert.equal(await readFile(file, 'utf8'), torn, 'a preview writes nothing');
  const done = JSON.parse((await run(...repair, '--yes')).out) as LedgerRepair;
  assert.equal(done.applied, true);
  assert.equal(await readFile(join(store.location, done.keptAs ?? ''), 'utf8'), torn);
  const { referencePoints } = await storeLedger(store, vmId).load(never);
  assert.deepEqual(
    referencePoints.map((each) => [each.id, each.state]),
    [[manifest.referencePoint?.id, 'current']],
  );
  assert.equal((await run('ledger', 'show', 'vm', ...at)).status, 0);
  assert.equal((await run('verify', ...at, '--quick')).status, 0);
  assert.match((await run(...repair.slice(0, -1))).out, /Nothing to repair/);

  await lab.write('vm', 0, 2 * MIB, pattern(4096, 2));
  const next = await backup(lab, store, 'vm');
  assert.equal(next.manifest.kind, 'incr');
  const left = (await lab.host.listReferencePoints(vmId, never)).map((each) => each.id);
  assert.deepEqual(new Set(left), new Set([foreign.id, next.manifest.referencePoint?.id]));
});

test('after a restore over the VM a rebuilt ledger still knows it, or takes no reference point as a base', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const vm = await filledVm(lab, store, 'web');
  const point = vm.points[0]?.id ?? '';
  await turnOff(lab, 'web');
  const options = overOptions(lab, vm, { point });
  await over(lab, store, options);
  const folder = join(store.location, vm.id);
  const damage = async (name: string): Promise<void> => {
    const file = join(folder, name);
    await writeFile(file, (await readFile(file, 'utf8')).slice(0, 50));
  };
  const repair = () => repairLedger(lab.host, store, { id: vm.id, name: 'web' }, true, never);
  const load = () => storeLedger(store, vm.id).load(never);
  const before = await load();
  await damage('ledger.json');
  const { added } = await repair();
  assert.ok(added.length > 0);
  const { overs, stale } = await load();
  assert.deepEqual([overs, stale], [before.overs, before.stale]);
  // The restore can still be accepted, which loses what tells the disks of before from those of now.
  await accept(lab, store, options);
  assert.equal((await load()).overs, undefined);
  await damage('ledger.json');
  await repair();
  const { manifest: full } = await backup(lab, store, 'web');
  assert.deepEqual([full.kind, full.disks[0]?.reason.code], ['full', 'disk.restored']);

  await lab.ask('set-state', { vm: 'web', state: 'running' });
  await lab.write('web', 0, MIB, pattern(4096, 9));
  await turnOff(lab, 'web');
  await over(lab, store, options);
  await accept(lab, store, options);
  await damage('ledger.json');
  await damage('restores.json');
  await repair();
  const { manifest: again } = await backup(lab, store, 'web');
  assert.deepEqual(
    again.disks.map(({ kind, reason }) => [kind, reason.code]),
    [
      ['full', 'disk.restored'],
      ['full', 'disk.restored'],
    ],
  );
  assert.match(again.disks[0]?.reason.text ?? '', /record of restores .* is damaged/);
});
