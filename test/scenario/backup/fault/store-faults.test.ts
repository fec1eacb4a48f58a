import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { BackupResult } from '../../../../src/engine/backup/run/run-backup.ts';
import type { JobEnd } from '../../../../src/engine/jobs/kinds/job-kind.ts';
import { runJob } from '../../../../src/engine/jobs/run/run-job.ts';
import type { StoredState } from '../../../../src/engine/jobs/store/stored-state.ts';
import { backupSpec, homeOf, jobInput } from '../../../support/process/job-process.ts';
import { listPoints } from '../../../../src/engine/backup/points/catalog.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { EngineError } from '../../../../src/engine/base/errors.ts';
import {
  backup,
  clean,
  openTestStore,
  pattern,
  restoredHashes,
  startBackupLab,
  verifyErrors,
} from '../../../support/backup/backup-lab.ts';
import { ALL_CASES } from '../../../support/process/all-cases.ts';
import { faultyStore } from '../../../support/store/faulty-store.ts';

const MIB = 2 ** 20;

/** Operations of a run that fail one by one: what a full disk or a share that stutters does. */
const WRITES =
  /^(createFile|part\.\w+|createAbsent|replaceFile|createFolder|remove) (?!.*(jobs|lease))/;

test('whichever write of an increment fails, the chain holds and nothing of ours stays on the host', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const { id } = await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const { id: foreign } = await lab.ask('reference-point-create', {
    vm: 'vm',
    consistency: 'crash',
  });
  const { manifest: first } = await backup(lab, store, 'vm');
  const vmId = first.vm.id;
  assert.equal(vmId, id);
  let failures = 0;
  // Every second write by default: the others are of the same kinds.
  const step = ALL_CASES ? 1 : 2;
  for (let at = 1; ; at += step) {
    await lab.write('vm', 0, (at % 3) * MIB + 512, pattern(1536, at));
    const faulty = faultyStore(store, { at, when: 'before', dead: false, only: WRITES });
    const outcome = await backup(lab, faulty.store, 'vm').then(
      () => 'done',
      (error: unknown) => {
        if (!(error instanceof EngineError)) throw error;
        return 'failed';
      },
    );
    if (!faulty.failed()) {
      assert.equal(outcome, 'done');
      break;
    }
    if (outcome === 'failed') failures++;
    await clean(lab, store, vmId);
    const vm = await lab.host.findVm('vm', never);
    const which = `operation ${at}: ${faulty.log.at(at - 1)}`;
    assert.deepEqual(vm.checkpoints, [], which);
    const ids = vm.referencePoints.map((each) => each.id);
    assert.ok(ids.includes(foreign) && ids.length <= 2, `${which}: ${ids.join(' ')}`);
    const points = await listPoints(store, vmId, never);
    assert.ok(
      points.every((point) => point.state === 'complete'),
      which,
    );
    assert.deepEqual(await verifyErrors(store, vmId, true), [], which);
  }
  assert.ok(failures > 10 / step, `${failures} runs failed`);
  const points = await listPoints(store, vmId, never);
  const restored = await restoredHashes(lab, store, vmId, points.at(-1)?.id ?? '');
  assert.equal(restored[0], await lab.guestHash('vm', 0));
  assert.deepEqual(await verifyErrors(store, vmId), []);
});

test('the state of a job is kept for those who watch: its edge, its end, its point or its error', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const run = async () => {
    const input = jobInput(lab, backupSpec(lab, store.location));
    return (await runJob(input, homeOf(lab), {}, never)) as JobEnd<BackupResult>;
  };
  const { manifest } = (await run()).found;
  const states = async (): Promise<StoredState[]> => {
    const root = join(store.location, manifest.vm.id, 'jobs');
    const names = await readdir(root);
    const texts = names.map((name) => readFile(join(root, name, 'state.json'), 'utf8'));
    return (await Promise.all(texts)).map((text) => JSON.parse(text) as StoredState);
  };
  const [done] = await states();
  assert.equal(done?.state, 'done');
  assert.equal(done.edge, 'merged');
  assert.equal(done.point, manifest.id);
  assert.equal(done.pid, process.pid);
  await lab.fault('job.fail', undefined, 1);
  await assert.rejects(run());
  await lab.clearFaults();
  const failed = (await states()).find((state) => state.state === 'failed');
  assert.equal(failed?.error?.code.startsWith('host.'), true, failed?.error?.code);
  assert.equal(failed?.point, null);
  assert.deepEqual(JSON.parse(JSON.stringify(failed?.job)), failed?.job);
});
