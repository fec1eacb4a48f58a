import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { disksOfPoint, findDisk } from '../../../../src/engine/backup/select/find-disk.ts';
import type { BackupHost, HostDisk } from '../../../../src/engine/backup/host/host.ts';
import type { DiskRecord } from '../../../../src/engine/backup/manifest/manifest.ts';
import { selectDisks } from '../../../../src/engine/backup/select/select-disks.ts';
import { queryChanges } from '../../../../src/engine/operations/vm/query-changes.ts';
import { restorePoint } from '../../../../src/engine/backup/restore/restore.ts';
import type { Store } from '../../../../src/engine/backup/store/contract/store.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import { openStored } from '../../../../src/engine/operations/change-map/stored-map.ts';
import {
  backup,
  openTestStore,
  startBackupLab,
  verifyErrors,
  type BackupLab,
} from '../../../support/backup/backup-lab.ts';

const MIB = 2 ** 20;

/** What the restored disk begins with. */
async function restoredTag(
  lab: BackupLab,
  store: Store,
  vmId: Guid,
  point: string,
  disk: string,
): Promise<string> {
  const to = join(lab.folder, 'restored');
  const options = { vmId, point, disks: [disk], to, format: 'raw', force: true } as const;
  const { disks } = await restorePoint(store, options, noProgress, never);
  assert.equal(disks.length, 1);
  const bytes = await readFile(disks[0]?.file ?? '');
  await rm(to, { recursive: true });
  return bytes.subarray(0, 5).toString();
}

test('a point has the numbers of vm show, and a selector means the same disk in every command', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const size = { size: 4 * MIB };
  const { id } = await lab.ask('add-vm', { name: 'vm', disks: [size, size, size] });
  for (const n of [0, 1, 2]) await lab.write('vm', n, 0, Buffer.from(`DISK${n}`));
  const vm = await lab.host.findVm('vm', never);
  const vmId = id as Guid;
  const { manifest } = await backup(lab, store, 'vm', { excludeDisks: ['0'] });
  assert.deepEqual(
    manifest.disks.map(({ number, slot }) => [number, slot]),
    [
      [1, 'scsi0:1'],
      [2, 'scsi0:2'],
    ],
  );
  for (const n of [1, 2]) {
    const disk = vm.disks[n];
    const file = disk?.path.split('\\').at(-1) ?? '';
    const names = [
      String(n),
      disk?.slot,
      file,
      file.toUpperCase(),
      disk?.path,
      manifest.disks[n - 1]?.file,
    ];
    for (const name of [...names, disk?.virtualDiskId, `{${disk?.virtualDiskId?.toUpperCase()}}`]) {
      const tag = await restoredTag(lab, store, vmId, manifest.id, name ?? '');
      assert.equal(tag, `DISK${n}`, name ?? '');
    }
    const map = { kind: 'point', store: store.location, vm: id, point: manifest.id } as const;
    for (const name of [n, file, disk?.slot ?? '']) {
      const { title } = await openStored({ ...map, disk: name }, noProgress, never);
      assert.match(title, new RegExp(`disk${n}`));
    }
  }
  await assert.rejects(restoredTag(lab, store, vmId, manifest.id, '0'), (error: unknown) =>
    isEngineError(error, 'point.missing'),
  );
});

test('a disk that appears at a lower slot changes the numbers, not the chains', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const size = { size: 4 * MIB };
  const { id } = await lab.ask('add-vm', { name: 'vm', disks: [size, size] });
  const vmId = id as Guid;
  for (const n of [0, 1]) await lab.write('vm', n, 0, Buffer.from(`DISK${n}`));
  await lab.ask('detach', { vm: 'vm', disk: 0 });
  const first = (await backup(lab, store, 'vm')).manifest;
  assert.deepEqual([first.disks[0]?.number, first.disks[0]?.slot], [0, 'scsi0:1']);
  await lab.ask('attach', { vm: 'vm', disk: size, slot: 0 });
  await lab.write('vm', 0, 0, Buffer.from('NEW00'));
  await lab.write('vm', 1, MIB, Buffer.from('later'));
  const second = (await backup(lab, store, 'vm')).manifest;
  assert.deepEqual(
    second.disks.map(({ number, slot, kind }) => [number, slot, kind]),
    [
      [0, 'scsi0:0', 'full'],
      [1, 'scsi0:1', 'incr'],
    ],
  );
  assert.equal(await restoredTag(lab, store, vmId, second.id, '0'), 'NEW00');
  assert.equal(await restoredTag(lab, store, vmId, second.id, '1'), 'DISK1');
  assert.equal(
    await restoredTag(lab, store, vmId, first.id, '0'),
    'DISK1',
    'the number of its time',
  );
  assert.deepEqual(await verifyErrors(store, vmId), []);
  const stems = new Map<string, string>();
  for (const { slot, file } of [...first.disks, ...second.disks]) {
    const stem = file.replace(/\.a?vhdx$/, '');
    assert.equal(stems.get(stem) ?? slot, slot, 'a file name belongs to one slot');
    stems.set(stem, slot);
  }
  assert.equal(stems.size, 2);
});

test('a name that fits two disks is refused with their slots, wherever a disk is named', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const size = { size: 4 * MIB };
  const { id } = await lab.ask('add-vm', { name: 'vm', disks: [size, size] });
  await lab.write('vm', 0, 0, Buffer.from('DISK0'));
  await lab.write('vm', 1, 0, Buffer.from('DISK1'));
  const real = await lab.host.findVm('vm', never);
  // Two copies of a template: one name and one id.
  const same = real.disks[0]?.virtualDiskId ?? null;
  const { manifest } = await backup(lab, store, 'vm');
  const disks = manifest.disks.map((disk, n) => ({
    ...disk,
    path: `C:\\Lab\\${'AB'[n]}\\disk.vhdx`,
    virtualDiskId: same,
  }));
  const ambiguous = (error: unknown): boolean => {
    assert.ok(isEngineError(error, 'disk.ambiguous'), String(error));
    assert.match(error.message, /scsi0:0 and scsi0:1/);
    return true;
  };
  const vm = { ...real, disks: real.disks.map((disk, n) => ({ ...disk, ...pick(disks[n]) })) };
  for (const text of ['disk.vhdx', 'DISK.vhdx', same ?? '']) {
    assert.throws(() => selectDisks(vm, [text]), ambiguous);
    assert.throws(() => findDisk(disksOfPoint(disks), text), ambiguous);
    const host = Object.assign(Object.create(lab.host) as BackupHost, { findVm: async () => vm });
    const request = { vm: id, disk: text, since: { rctId: 'x' } };
    await assert.rejects(queryChanges(host, request, never), ambiguous);
  }
  assert.equal(selectDisks(vm, ['C:/lab/a/disk.vhdx']).excluded[0]?.slot, 'scsi0:0');
  assert.equal(findDisk(disksOfPoint(disks), 'scsi0:1')?.number, 1);
});

const pick = (record: DiskRecord | undefined): Pick<HostDisk, 'path' | 'virtualDiskId'> => ({
  path: record?.path ?? '',
  virtualDiskId: record?.virtualDiskId ?? null,
});
