import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { runBackup, type BackupResult } from '../../../src/engine/backup/run/run-backup.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { newGuid } from '../../../src/engine/base/guid.ts';
import { withSharedDisk } from '../../../src/engine/operations/rsvd/with-shared-disk.ts';
import {
  backupOptions,
  openTestStore,
  pattern,
  restoredHashes,
  runDeps,
  startBackupLab,
  verifyErrors,
} from '../../support/backup/backup-lab.ts';
import { random } from '../../support/smb/mutate.ts';

const MIB = 2 ** 20;
const ROUNDS = 10;
const WRITES = 6;
/** Points that are restored, beside the last one. */
const RESTORED: readonly number[] = [0, 3, 7];

test('ten rounds of random writes by both guests: each point restores what a flat model holds', async (t) => {
  const lab = await startBackupLab(t, { smb: true });
  for (const name of ['a', 'b']) await lab.ask('add-vm', { name, disks: [{ size: 4 * MIB }] });
  const both = { vms: ['a', 'b'], format: 'vhds', disk: { size: 8 * MIB } } as const;
  await lab.ask('add-shared-disk', { name: 'quorum', ...both });
  await lab.ask('group-create', { name: 'cluster', members: ['a', 'b'] });
  const host = await lab.host.groups.hostOf('cluster', never);
  const store = await openTestStore(lab);
  // Objects of another product stay: a collection, and a snapshot in the VHD Set.
  const foreign = await lab.ask('group-snapshot', { group: 'cluster', convert: true });
  const { target } = lab;
  const port = target.smb?.port ?? 0;
  const path = '\\\\127.0.0.1\\Shared\\quorum.vhds';
  const place = { ...target, path, port, encryption: 'off' } as const;
  const snapshot = newGuid();
  await withSharedDisk(place, {}, (disk) => disk.createSnapshot(snapshot, never), never);

  const models = {
    a: Buffer.alloc(4 * MIB),
    b: Buffer.alloc(4 * MIB),
    shared: Buffer.alloc(8 * MIB),
  };
  const ids = new Map((await lab.ask('list', {})).map(({ id, name }) => [id, name]));
  const modelOf = (slot: string): Buffer => {
    const name = ids.get(slot.split('/')[0] ?? '');
    return name === 'a' || name === 'b' ? models[name] : models.shared;
  };
  const next = random(15);
  const write = async (round: number, i: number): Promise<void> => {
    const vm = next(2) === 0 ? 'a' : 'b';
    const isShared = next(2) === 0;
    const model = isShared ? models.shared : models[vm];
    const length = 512 * (1 + next(200));
    const offset = 512 * next((model.length - length) / 512);
    const bytes = next(4) === 0 ? Buffer.alloc(length) : pattern(length, 100 * round + i);
    bytes.copy(model, offset);
    await lab.write(vm, isShared ? 1 : 0, offset, bytes);
  };
  const backUp = (): Promise<BackupResult> =>
    runBackup(
      runDeps(lab, store, { host }),
      host.group.id,
      backupOptions(lab),
      randomUUID(),
      never,
    );
  const check = async ({ manifest }: BackupResult): Promise<void> => {
    const restored = await restoredHashes(lab, store, host.group.id, manifest.id);
    for (const { number, slot } of manifest.disks) {
      const expected = createHash('sha256').update(modelOf(slot)).digest('hex');
      assert.equal(restored[number], expected, `${slot} of ${manifest.id}`);
    }
  };
  for (let round = 0; round <= ROUNDS; round++) {
    for (let i = 0; i < WRITES; i++) await write(round, i);
    const done = await backUp();
    const kinds = new Set(done.manifest.disks.map(({ kind }) => kind));
    assert.deepEqual([...kinds], [round === 0 ? 'full' : 'incr']);
    if (RESTORED.includes(round) || round === ROUNDS) await check(done);
  }
  assert.deepEqual(await verifyErrors(store, host.group.id), []);
  const left = await host.findVm('cluster', never);
  assert.deepEqual([left.checkpoints.length, left.referencePoints.length], [0, 2]);
  assert.ok(left.referencePoints.some(({ id }) => id.toLowerCase() === foreign.id));
  const found = await withSharedDisk(place, {}, (disk) => disk.snapshots(never), never);
  assert.ok(found.some(({ id }) => id === snapshot));
});
