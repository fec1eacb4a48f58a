import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import {
  backup,
  openTestStore,
  pattern,
  restoredHashes,
  startBackupLab,
  verifyErrors,
} from '../../../support/backup/backup-lab.ts';
import { peer } from '../../../support/process/peers.ts';

const MIB = 2 ** 20;

for (const method of ['file', 'export'] as const) {
  test(`a VM with a VHD and a VHDX: the VHD is a full in every run, with its reason, by ${method}`, async (t) => {
    const qemu = peer(t, 'qemu-img');
    if (qemu === undefined) return;
    const lab = await startBackupLab(t);
    const store = await openTestStore(lab);
    const raw = join(lab.folder, 'given.raw');
    const image = join(lab.folder, 'given.vhd');
    const bytes = Buffer.alloc(12 * MIB);
    bytes.set(pattern(3 * MIB, 1), MIB);
    await writeFile(raw, bytes);
    const options = ['-f', 'raw', '-O', 'vpc', '-o', 'force_size=on'];
    assert.equal(spawnSync(qemu, ['convert', ...options, raw, image]).status, 0);
    await lab.ask('add-vm', { name: 'vm', disks: [{ image }, { size: 8 * MIB }] });
    await lab.write('vm', 1, MIB, pattern(MIB, 2));
    const vm = await lab.host.findVm('vm', never);
    assert.match(vm.disks[0]?.path ?? '', /disk0\.vhd$/, 'the lab keeps a VHD');
    const kinds: (readonly string[])[] = [];
    for (const run of [1, 2, 3]) {
      await lab.write('vm', 0, run * MIB + 512, pattern(5120, 10 + run));
      await lab.write('vm', 1, run * MIB + 512, pattern(5120, 20 + run));
      const wanted = { 0: await lab.guestHash('vm', 0), 1: await lab.guestHash('vm', 1) };
      const { manifest } = await backup(lab, store, 'vm', { method });
      kinds.push(manifest.disks.map(({ kind, reason }) => `${kind} ${reason.code}`));
      assert.deepEqual(await restoredHashes(lab, store, manifest.vm.id, manifest.id), wanted);
      // After the checkpoint is gone its AVHD is merged, and the guest sees the same.
      assert.equal(await lab.guestHash('vm', 0), wanted[0]);
    }
    assert.deepEqual(kinds, [
      ['full disk.untracked', 'full first'],
      ['full disk.untracked', 'incr incremental'],
      ['full disk.untracked', 'incr incremental'],
    ]);
    assert.deepEqual(await verifyErrors(store, vm.id), []);
    const after = await lab.host.findVm('vm', never);
    assert.match(after.disks[0]?.path ?? '', /disk0\.vhd$/, 'the AVHDs are merged');
    assert.equal(after.merged, true);
    await assert.rejects(
      backup(lab, store, 'vm', { method, kind: 'incremental', excludeDisks: ['scsi0:1'] }),
      (error: unknown) =>
        isEngineError(error, 'plan.incremental') && error.data['reason'] === 'disk.untracked',
    );
  });
}
