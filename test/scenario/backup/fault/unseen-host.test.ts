import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import {
  backup,
  clean,
  openTestStore,
  startBackupLab,
  type BackupLab,
} from '../../../support/backup/backup-lab.ts';
import { runCli } from '../../../support/process/cli-io.ts';

const FAULTS = [
  { fault: 'rights.missing', code: 'host.rights', words: /not a Hyper-V administrator/ },
  { fault: 'vmms.stopped', code: 'host.vmms', words: /the service vmms .* does not run/ },
] as const;

async function backupCheckpoints(lab: BackupLab): Promise<readonly string[]> {
  const [vm] = await lab.ask('list', {});
  return vm?.checkpoints.map(({ id }) => id) ?? [];
}

for (const { fault, code, words } of FAULTS) {
  for (const edge of ['checkpoint.recorded', 'data.written'] as const) {
    test(`${fault} from ${edge} on ends the backup with ${code}, and the VM is clean afterwards`, async (t) => {
      const lab = await startBackupLab(t, { timeoutSeconds: 3 });
      const { id } = await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * 2 ** 20 }] });
      const store = await openTestStore(lab);
      const onEdge = async (passed: string): Promise<void> => {
        if (passed === edge) await lab.fault(fault);
      };
      await assert.rejects(backup(lab, store, 'vm', {}, never, { onEdge }), (error) => {
        assert.ok(isEngineError(error, code), String(error));
        assert.match(error.message, words);
        assert.deepEqual(error.data, { vm: id });
        // The failure itself is not lost.
        assert.ok(error.cause instanceof Error && error.message.includes(error.cause.message));
        return true;
      });
      await lab.clearFaults();
      assert.equal((await backupCheckpoints(lab)).length, 1);
      await clean(lab, store, (await lab.host.identifyVm('vm', never)).id);
      assert.deepEqual(await backupCheckpoints(lab), []);
    });
  }
}

test('a VM that nobody can see is not called missing: the command names the rights or the service', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * 2 ** 20 }] });
  const account = lab.command.options.slice(0, 4);
  for (const [fault, line] of [
    ['rights.missing', /refpoint host test\.?\n\(host\.rights\)/],
    ['vmms.stopped', /Start-Service vmms\.?\n\(host\.vmms\)/],
  ] as const) {
    await lab.fault(fault);
    for (const words of [
      ['vm', 'show', 'vm'],
      ['vm', 'list'],
    ]) {
      const run = await runCli([...words, ...account], { env: lab.command.env });
      assert.equal(run.status, 3, run.out);
      assert.match(run.err, line);
    }
    await lab.clearFaults();
  }
  // With rights, a VM of another name is missing.
  const run = await runCli(['vm', 'show', 'nobody', ...account], { env: lab.command.env });
  assert.match(run.err, /\(host\.vm\.notFound\)/);
});
