import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openStoredDisk } from '../../../../src/engine/backup/stored-disk.ts';
import { restorePoint } from '../../../../src/engine/backup/restore.ts';
import { restoredBytes } from '../../../../src/engine/backup/restore-target.ts';
import { listPoints } from '../../../../src/engine/backup/store/catalog.ts';
import { diskChain } from '../../../../src/engine/backup/store/point-chain.ts';
import type { Store } from '../../../../src/engine/backup/store/store.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { hasSparseFiles } from '../../../../src/engine/source/sparse-files.ts';
import { backup, openTestStore, pattern, startBackupLab } from '../../../support/backup-lab.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
/** Left free besides the files of the disk. */
const RESERVE = 64 * MIB;

/** The store, with no room left. */
function full(store: Store): Store {
  return new Proxy(store, {
    get: (object, key) => {
      if (key === 'freeBytes') return async () => 0;
      const value: unknown = Reflect.get(object, key, object);
      return typeof value === 'function' ? (value.bind(object) as unknown) : value;
    },
  });
}

test('a full and an increment of scattered changes need as much room as their files are long', async (t) => {
  const lab = await startBackupLab(t);
  const { id } = await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * GIB }] });
  const store = await openTestStore(lab);
  const scatter = async (count: number, seed: string): Promise<void> => {
    const random = { count, length: 65_536, seed };
    await lab.ask('write-random', { vm: 'vm', disk: 0, ...random });
  };
  await scatter(120, 'full');
  for (const kind of ['full', 'incr'] as const) {
    const error: unknown = await backup(lab, full(store), 'vm').catch((e: unknown) => e);
    assert.ok(isEngineError(error, 'store.space'), String(error));
    const needed = Number(error.data['needed']) - RESERVE;
    const { manifest } = await backup(lab, store, 'vm');
    assert.equal(manifest.kind, kind);
    const folder = join(store.location, id, manifest.id);
    const names = (await readdir(folder)).filter((name) => name.startsWith('0-'));
    const sizes = await Promise.all(names.map((name) => stat(join(folder, name))));
    const length = sizes.reduce((sum, { size }) => sum + size, 0);
    t.diagnostic(`${kind}: ${needed} bytes asked for, files of ${length}`);
    assert.ok(length > 100 * MIB, 'the file is as long as its blocks');
    assert.ok(needed >= length, `${kind}: ${needed} for ${length}`);
    assert.ok(needed <= length * 1.2, `${kind}: ${needed} for ${length}`);
    await scatter(150, 'incr');
  }
});

test('a restore needs as much room as the image is long, and as the raw file is long or full', async (t) => {
  const lab = await startBackupLab(t);
  const { id } = await lab.ask('add-vm', { name: 'vm', disks: [{ size: GIB }] });
  const store = await openTestStore(lab);
  // Whole blocks: what of a block is zeros is known only once it is read.
  for (let i = 0; i < 15; i++) await lab.write('vm', 0, i * 62 * MIB, pattern(2 * MIB, i + 1));
  const { manifest } = await backup(lab, store, 'vm');
  const points = await listPoints(store, id as Guid, never);
  const stored = await openStoredDisk(store, diskChain(points, manifest.id, 0), never);
  const sparse = await hasSparseFiles(lab.folder);
  const needs = (format: 'vhdx' | 'raw', holes = sparse): Promise<number> =>
    restoredBytes(stored.disk, { format, sparse: holes }, never);
  try {
    for (const format of ['vhdx', 'raw'] as const) {
      const to = join(lab.folder, format);
      const options = { vmId: id as Guid, point: manifest.id, disks: [], to, format, force: false };
      const { disks } = await restorePoint(store, options, noProgress, never);
      const { size, blocks } = await stat(disks[0]?.file ?? '');
      const taken = format === 'vhdx' || !sparse ? size : blocks * 512;
      const needed = await needs(format);
      t.diagnostic(`${format}: ${needed} bytes asked for, ${taken} taken`);
      assert.ok(needed >= taken && needed <= taken * 1.2, `${format}: ${needed} for ${taken}`);
    }
    assert.equal(await needs('raw', false), GIB);
  } finally {
    await stored.close();
  }
});
