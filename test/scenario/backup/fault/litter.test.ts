import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { cleanVm } from '../../../../src/engine/backup/recovery/clean.ts';
import { storeLedger } from '../../../../src/engine/backup/ledger/ledger-file.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import { startRefpoint } from '../../../support/process/command.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';
import {
  backup,
  clean,
  openTestStore,
  pattern,
  runDeps,
  startBackupLab,
  type BackupLab,
} from '../../../support/backup/backup-lab.ts';

const MIB = 2 ** 20;

async function addVm(lab: BackupLab, name: string): Promise<Guid> {
  const { id } = await lab.ask('add-vm', { name, disks: [{ size: 4 * MIB }] });
  await lab.write(name, 0, MIB, pattern(MIB, 1));
  return id as Guid;
}

test('an old reference point that the host does not destroy is a warning, and goes later', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const vmId = await addVm(lab, 'vm');
  const pointsOnHost = async () =>
    (await lab.host.listReferencePoints(vmId, never)).map((p) => p.id);
  const first = (await backup(lab, store, 'vm')).manifest.referencePoint?.id;
  const onEdge = async (edge: string): Promise<void> => {
    if (edge === 'old.marked') await lab.fault('job.fail', undefined, 1);
  };
  const second = await backup(lab, store, 'vm', {}, never, { onEdge });
  assert.equal(second.manifest.kind, 'incr');
  assert.deepEqual(
    second.unfinished.map(({ code }) => code),
    ['host.job.failed'],
  );
  assert.ok((await pointsOnHost()).includes(first ?? ''));
  // Neither does the next run stop at it: its first job is the one that destroys the old point.
  await lab.fault('job.fail', undefined, 1);
  const third = await backup(lab, store, 'vm');
  assert.equal(third.manifest.kind, 'incr');
  assert.deepEqual(
    third.cleaned.map(({ kind, id }) => [kind, id]),
    [['left', first]],
  );
  assert.deepEqual(
    await pointsOnHost(),
    [third.manifest.referencePoint?.id],
    'tried again at its end',
  );
});

/** A folder that nothing can remove, as one that a virus scanner holds open on a share. Skips where none can be made. */
async function stuckFolder(t: TestContext, folder: string): Promise<boolean> {
  await mkdir(folder);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]).status === 0;
  if (mounted) afterwards(t, async () => void spawnSync('umount', [folder]));
  return mounted;
}

test('a staged export that is in use keeps no backup from being made, and goes later', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const vmId = await addVm(lab, 'vm');
  const exports = join(lab.pathMap[0]?.local ?? '', 'Exports');
  let stuck = '';
  const onEdge = async (edge: string): Promise<void> => {
    if (edge !== 'exported' || stuck !== '') return;
    const [name = ''] = await readdir(exports);
    stuck = join(exports, name, 'busy');
    if (!(await stuckFolder(t, stuck))) stuck = '-';
  };
  const first = await backup(lab, store, 'vm', { method: 'export' }, never, { onEdge });
  if (stuck === '-') return t.skip('this machine lets no folder be mounted');
  assert.deepEqual(first.unfinished.length, 1);
  assert.match(first.unfinished[0]?.message ?? '', /is complete\. The export on the host/);
  const second = await backup(lab, store, 'vm', { method: 'export' });
  assert.deepEqual(
    second.cleaned.map(({ kind }) => kind),
    ['left'],
  );
  assert.deepEqual(
    second.unfinished.map(({ code }) => code),
    ['clean.left'],
  );
  assert.equal(spawnSync('umount', [stuck]).status, 0);
  const items = await clean(lab, store, vmId);
  assert.deepEqual(
    items.map(({ kind }) => kind),
    ['export'],
  );
  assert.deepEqual(await readdir(exports), []);
  assert.deepEqual((await storeLedger(store, vmId).load(never)).intents, []);
});

test('an export on a share that is not mounted now stays in the ledger', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const vmId = await addVm(lab, 'vm');
  const child = startRefpoint(
    [
      ...['backup', 'vm', '--store', store.location, '--method', 'export'],
      ...['--consistency', 'crash', '--export-dir', lab.exportDirectory],
      ...lab.command.options,
    ],
    { env: { ...lab.command.env, REFPOINT_KILL_AT: 'exported' } },
  );
  await once(child, 'close');
  const elsewhere = lab.pathMap.map(({ host }) => ({
    host,
    local: join(lab.folder, 'not mounted'),
  }));
  const options = { dryRun: false, pathMap: elsewhere };
  const items = await cleanVm(runDeps(lab, store), vmId, options, never);
  assert.deepEqual(
    items.map(({ kind }) => kind).filter((kind) => kind !== 'checkpoint' && kind !== 'point'),
    ['unclear'],
  );
  assert.equal((await storeLedger(store, vmId).load(never)).intents.length, 1);
  await clean(lab, store, vmId);
  assert.deepEqual(await readdir(join(lab.pathMap[0]?.local ?? '', 'Exports')), []);
});
