import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pattern, startBackupLab, type BackupLab } from '../../support/backup/backup-lab.ts';
import { runCli, type CliRun } from '../../support/process/cli-io.ts';

const MIB = 2 ** 20;

async function labWithVm(t: TestContext): Promise<BackupLab> {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'web', disks: [{ size: 8 * MIB }] });
  await lab.write('web', 0, MIB, pattern(MIB, 1));
  return lab;
}

const fault = (lab: BackupLab, ...words: readonly string[]): Promise<CliRun> =>
  runCli(['lab', 'fault', '--dir', join(lab.folder, 'lab'), ...words]);

function backup(lab: BackupLab, ...words: readonly string[]): Promise<CliRun> {
  const store = ['--store', join(lab.folder, 'store')];
  const all = ['backup', 'web', '--json', ...store, ...lab.command.options, ...words];
  return runCli(all, { env: lab.command.env });
}

interface Done {
  readonly kind: string;
  readonly warnings: readonly { readonly code: string }[];
}

test('answer.large: an answer larger than the envelope does not stop a command', async (t) => {
  const lab = await labWithVm(t);
  const set = await fault(lab, '--set', 'answer.large=300000');
  assert.equal(set.out, 'answer.large is on.\n', set.err);
  const account = lab.command.options.slice(0, 4);
  const trace = join(lab.folder, 'list.rptrace');
  const listed = await runCli(['vm', 'list', ...account, '--trace', trace], {
    env: lab.command.env,
  });
  assert.equal(listed.status, 0, listed.err);
  assert.match(listed.out, /web/);
  // The fault was there: answers went past the 512,000 bytes that the client asks for.
  const shown = await runCli(['trace', 'show', trace, '--json']);
  const { rows } = JSON.parse(shown.out) as { rows: readonly { receivedBytes: number }[] };
  assert.ok(Math.max(...rows.map((row) => row.receivedBytes)) > 800_000, shown.out);
  const made = await backup(lab);
  assert.equal(made.status, 0, made.err);
  assert.equal((JSON.parse(made.out) as Done).kind, 'full');
});

test('merge.queued: a merge that waits while the VM shows as idle is waited for', async (t) => {
  const lab = await labWithVm(t);
  const [before] = await lab.ask('list', {});
  assert.equal((await fault(lab, '--set', 'merge.queued=1500')).status, 0);
  const began = Date.now();
  const made = await backup(lab);
  assert.equal(made.status, 0, made.err);
  assert.deepEqual((JSON.parse(made.out) as Done).warnings, []);
  assert.ok(Date.now() - began >= 1500);
  // When the command ends, the disks of the VM are its own again.
  const [after] = await lab.ask('list', {});
  assert.deepEqual(after?.disks, before?.disks);
});

test('merge.queued: a merge that waits longer than the backup does is a warning', async (t) => {
  const lab = await labWithVm(t);
  assert.equal((await fault(lab, '--set', 'merge.queued=60000', '--times', '1')).status, 0);
  const made = await backup(lab, '--merge-wait', '1');
  assert.equal(made.status, 0, made.err);
  assert.deepEqual(
    (JSON.parse(made.out) as Done).warnings.map(({ code }) => code),
    ['host.merge.stuck'],
  );
});
