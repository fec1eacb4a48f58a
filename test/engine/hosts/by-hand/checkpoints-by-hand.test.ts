import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import { createBackupCheckpoint } from '../../../../src/engine/hyperv/checkpoints/checkpoints.ts';
import {
  backup,
  openTestStore,
  pattern,
  startBackupLab,
} from '../../../support/backup/backup-lab.ts';
import { runCli } from '../../../support/process/cli-io.ts';

const MIB = 2 ** 20;

interface Row {
  readonly id: string;
  readonly owner: string;
}

test('checkpoints by hand are made, listed, exported, converted and removed by their id', async (t) => {
  const lab = await startBackupLab(t);
  const { id } = await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const vmId = id as Guid;
  await lab.write('vm', 0, MIB, pattern(MIB, 1));
  const hosts = lab.command.options.slice(0, 4);
  const env = { ...lab.command.env, REFPOINT_HOME: join(lab.folder, 'home') };
  const run = (...words: string[]) => runCli([...words, ...hosts], { env });
  const json = async <T>(...words: string[]): Promise<T> => {
    const { out, err, status } = await run(...words, '--json');
    assert.equal(status, 0, err);
    return JSON.parse(out) as T;
  };
  const rows = () => json<Row[]>('checkpoint', 'list', 'vm');

  const made = await json<Row>('checkpoint', 'create', 'vm', '--consistency', 'crash');
  assert.deepEqual(
    (await rows()).map(({ id: each, owner }) => [each, owner]),
    [[made.id, 'ours']],
  );
  // Made to stay: neither clean nor an export takes it.
  await json('clean', 'vm');
  const to = `${lab.exportDirectory}\\byhand`;
  await json('export', 'vm', '--to', to, '--checkpoint', made.id);
  assert.equal((await rows()).length, 1);
  assert.ok((await readdir(join(lab.pathMap[0]?.local ?? '', 'Exports', 'byhand'))).length > 0);
  const point = await json<Row>('checkpoint', 'convert', 'vm', made.id);
  assert.deepEqual(await rows(), []);
  const points = await json<Row[]>('point', 'list', 'vm');
  assert.deepEqual(
    points.map(({ id: each, owner }) => [each, owner]),
    [[point.id, 'ours']],
  );

  const settings = { consistency: 'crash', guestBackup: 'copy', guestBackupType: true } as const;
  const { checkpoint: foreign } = await createBackupCheckpoint(lab.client, vmId, settings, never);
  for (const command of ['remove', 'convert']) {
    const refused = await run('checkpoint', command, 'vm', foreign.id);
    assert.equal(refused.status, 3);
    assert.match(refused.err, /--foreign.*\(host\.checkpoint\.foreign\)/s);
  }
  assert.equal((await rows()).length, 1);
  const guid = foreign.id.replace(/^Microsoft:/, '').toLowerCase();
  await lab.fault('destroy.ignored', undefined, 1);
  const ignored = await run('checkpoint', 'remove', 'vm', `{${guid}}`, '--foreign');
  assert.match(ignored.err, /host\.notRemoved/, 'the host still lists it');
  await json('checkpoint', 'remove', 'vm', `{${guid}}`, '--foreign');
  assert.deepEqual(await rows(), []);
  const gone = await run('checkpoint', 'remove', 'vm', guid, '--foreign');
  assert.match(gone.err, /host\.checkpoint\.notFound/);
});

test('the checkpoint of a backup that runs is not taken from it by hand', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const store = await openTestStore(lab);
  const env = { ...lab.command.env, REFPOINT_HOME: join(lab.folder, 'home') };
  const words = ['--store', store.location, ...lab.command.options.slice(0, 4)];
  let said = '';
  const onEdge = async (edge: string): Promise<void> => {
    if (edge !== 'data.written') return;
    const [row] = (await lab.host.findVm('vm', never)).checkpoints;
    const remove = ['checkpoint', 'remove', 'vm', row?.id ?? '', '--foreign', ...words];
    said = (await runCli(remove, { env })).err;
  };
  await backup(lab, store, 'vm', {}, never, { onEdge });
  assert.match(said, /lease\.held/);
});
