import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { restorePoint } from '../../../../src/engine/backup/restore/restore.ts';
import { refuseUnstorable } from '../../../../src/engine/backup/restore/restore-formats.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { newGuid } from '../../../../src/engine/base/guid.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { createVhdx } from '../../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import { FileStorage } from '../../../../src/engine/source/files/file-storage.ts';
import {
  backup,
  openTestStore,
  pattern,
  startBackupLab,
} from '../../../support/backup/backup-lab.ts';
import { fullAndIncrement, restoreOptions } from '../../../support/backup/two-points.ts';
import { peer } from '../../../support/process/peers.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

test('a point is restored as a dynamic VHD that qemu-img reads to the same bytes', async (t) => {
  const qemu = peer(t, 'qemu-img');
  if (qemu === undefined) return;
  const made = await fullAndIncrement(t);
  const restore = async (format: string): Promise<string> => {
    const options = restoreOptions(made, { format });
    const { disks } = await restorePoint(made.store, options, noProgress, never);
    return disks[0]?.file ?? '';
  };
  const [raw, vhd] = [await restore('raw'), await restore('vhd')];
  assert.match(vhd, /\.vhd$/);
  const compared = spawnSync(qemu, ['compare', '-f', 'raw', '-F', 'vpc', raw, vhd]);
  assert.equal(compared.status, 0, String(compared.stdout) + String(compared.stderr));
  const info = spawnSync(qemu, ['info', '--output=json', vhd], { encoding: 'utf8' });
  assert.equal((JSON.parse(info.stdout) as { 'virtual-size': number })['virtual-size'], 12 * MIB);
});

test('a disk that a VHD cannot store is refused before anything is written, whichever disk it is', async (t) => {
  const lab = await startBackupLab(t);
  const image = join(lab.folder, 'native.vhdx');
  const storage = await FileStorage.open(image, { create: true }, never);
  const sectors = { logicalSectorSize: 4096, physicalSectorSize: 4096 } as const;
  await createVhdx(storage, { size: 4 * MIB, diskId: newGuid(), ...sectors }, never);
  await storage.close();
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }, { image }] });
  await lab.write('vm', 0, MIB, pattern(MIB, 1));
  const store = await openTestStore(lab);
  const { manifest } = await backup(lab, store, 'vm');
  const to = join(lab.folder, 'out');
  const base = { vmId: manifest.vm.id, point: 'latest', to, format: 'vhd', force: false };
  await assert.rejects(
    restorePoint(store, { ...base, disks: [] }, noProgress, never),
    (error: unknown) => isEngineError(error, 'disk.write.argument') && error.data['found'] === 4096,
  );
  assert.equal(existsSync(to), false, 'not even the folder was made');
  await restorePoint(store, { ...base, disks: ['0'] }, noProgress, never);
  assert.equal(existsSync(to), true);
  const [record] = manifest.disks;
  assert.ok(record !== undefined);
  refuseUnstorable({ ...record, virtualSize: 2040 * GIB }, 'vhd');
  assert.throws(
    () => refuseUnstorable({ ...record, virtualSize: 2040 * GIB + 512 }, 'vhd'),
    (error: unknown) => isEngineError(error, 'disk.write.argument'),
  );
});
