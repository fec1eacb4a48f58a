import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rmdir } from 'node:fs/promises';
import { test } from 'node:test';
import type { Edge } from '../../../../src/engine/backup/context/edges.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import {
  backup,
  openTestStore,
  pattern,
  startBackupLab,
  verifyErrors,
} from '../../../support/backup/backup-lab.ts';

const MIB = 2 ** 20;

test('a store that disappears in mid-run leaves no checkpoint, nothing in its place, and the next runs work', async (t) => {
  const lab = await startBackupLab(t);
  const { id } = await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  await lab.write(id, 0, MIB, pattern(MIB, 1));
  const store = await openTestStore(lab);
  const other = await openTestStore(lab, 'other');
  const folder = store.location;
  await backup(lab, store, id);
  const edges: readonly Edge[] = ['reserved', 'checkpoint.made', 'ranges.known', 'data.written'];
  // The folder is renamed; in its place an empty mount point is left, or nothing.
  for (const [i, edge] of edges.entries()) {
    const mountPoint = i % 2 === 0;
    await lab.write(id, 0, MIB, pattern(4096, i + 2));
    const onEdge = async (passed: Edge): Promise<void> => {
      if (passed !== edge || existsSync(`${folder}.away`)) return;
      await rename(folder, `${folder}.away`);
      if (mountPoint) await mkdir(folder);
    };
    await assert.rejects(
      backup(lab, store, id, {}, never, { onEdge }),
      { code: 'store.absent', message: /is missing: .*Check that it is mounted/ },
      edge,
    );
    assert.deepEqual(await lab.host.listCheckpoints(id as Guid, never), [], edge);
    if (mountPoint) assert.deepEqual(await readdir(folder), [], edge);
    else assert.equal(existsSync(folder), false, edge);

    assert.ok((await backup(lab, other, id)).manifest.id, `another store after ${edge}`);
    if (mountPoint) await rmdir(folder);
    await rename(`${folder}.away`, folder);
    const { manifest } = await backup(lab, store, id);
    assert.equal(manifest.kind, 'incr', edge);
    assert.deepEqual(await verifyErrors(store, id as Guid), []);
  }
});

test('a store at whose place another one lies is not written', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await store.replaceFile('a/b.json', Buffer.from('1'), never);
  await rename(store.location, `${store.location}.away`);
  await openTestStore(lab);
  const absent = { code: 'store.absent' };
  await assert.rejects(store.replaceFile('a/c.json', Buffer.from('2'), never), absent);
  await assert.rejects(store.createAbsent('a/c.json', Buffer.from('2'), never), absent);
  await assert.rejects(store.createFile('a/c.vhdx', never), absent);
  await assert.rejects(store.createFolder('a/c', never), absent);
  await assert.rejects(store.remove('a/b.json', never), absent);
  await assert.rejects(store.list('a', never), absent);
  await assert.rejects(store.readFile('a/b.json', 10, never), absent);
  await assert.rejects(store.openFile('a/b.json', never), absent);
  assert.deepEqual(await readdir(store.location), ['refpoint-store.json']);
});
