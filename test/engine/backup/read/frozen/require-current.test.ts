import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import { listPointIds } from '../../../../../src/engine/backup/points/catalog.ts';
import type { Guid } from '../../../../../src/engine/base/guid.ts';
import {
  backup,
  openTestStore,
  pattern,
  startBackupLab,
} from '../../../../support/backup/backup-lab.ts';

const MIB = 2 ** 20;

test('an old copy of the disks behind the path map is refused, and nothing of it is stored', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const { id } = await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * MIB }] });
  await lab.write('vm', 0, MIB, pattern(MIB, 1));
  await lab.ask('set-state', { vm: 'vm', state: 'off' });
  const real = lab.pathMap[0] ?? { host: '', local: '' };
  const copy = path.join(lab.folder, 'old-share');
  await fs.cp(real.local, copy, { recursive: true });
  const stale = { pathMap: [{ ...real, local: copy }] };
  const deps = { listingPauses: [] };
  const refused = (error: unknown): boolean => {
    assert.ok(isEngineError(error, 'path.stale'), String(error));
    assert.match(error.message, /old copy/);
    return true;
  };
  for (const state of ['running', 'off'] as const) {
    await lab.ask('set-state', { vm: 'vm', state });
    await lab.write('vm', 0, 2 * MIB, pattern(MIB, state.length));
    await assert.rejects(backup(lab, store, 'vm', stale, never, deps), refused);
  }
  // The new file's name is there too, as if the copy were still kept in step by name: its parent link tells.
  const onEdge = async (edge: string): Promise<void> => {
    if (edge !== 'checkpoint.recorded') return;
    const disks = path.join('VMs', id.toUpperCase(), 'Virtual Hard Disks');
    for (const name of await fs.readdir(path.join(real.local, disks))) {
      if (!name.endsWith('.avhdx')) continue;
      await fs.copyFile(path.join(real.local, disks, name), path.join(copy, disks, name));
    }
  };
  await assert.rejects(backup(lab, store, 'vm', stale, never, { ...deps, onEdge }), refused);
  assert.deepEqual(await listPointIds(store, id as Guid, never), []);
  const vm = await lab.host.findVm('vm', never);
  assert.deepEqual([vm.checkpoints, vm.referencePoints], [[], []]);
  // With the right map both kinds are made, also while the file cannot be opened.
  assert.equal((await backup(lab, store, 'vm', {}, never, deps)).manifest.kind, 'full');
  await lab.ask('set-state', { vm: 'vm', state: 'running' });
  await lab.write('vm', 0, 2 * MIB, pattern(MIB, 9));
  assert.equal((await backup(lab, store, 'vm', {}, never, deps)).manifest.kind, 'incr');
});

test('a file that a share lists late is waited for', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const { id } = await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const folder = path.join(
    lab.pathMap[0]?.local ?? '',
    'VMs',
    id.toUpperCase(),
    'Virtual Hard Disks',
  );
  const onEdge = async (edge: string): Promise<void> => {
    if (edge !== 'checkpoint.recorded') return;
    const name = (await fs.readdir(folder)).find((each) => each.endsWith('.avhdx')) ?? '';
    await fs.rename(path.join(folder, name), path.join(folder, 'late'));
    setTimeout(() => void fs.rename(path.join(folder, 'late'), path.join(folder, name)), 30);
  };
  const deps = { onEdge, listingPauses: [10, 20, 40, 80, 160, 320] };
  assert.equal((await backup(lab, store, 'vm', {}, never, deps)).manifest.kind, 'full');
});
