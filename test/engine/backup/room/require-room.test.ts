import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openStoredDisk } from '../../../../src/engine/backup/images/stored-disk.ts';
import { restorePoint } from '../../../../src/engine/backup/restore/restore.ts';
import { restoredBytes } from '../../../../src/engine/backup/restore/restore-target.ts';
import { listPoints } from '../../../../src/engine/backup/points/catalog.ts';
import { diskChain } from '../../../../src/engine/backup/points/point-chain.ts';
import type { Store } from '../../../../src/engine/backup/store/contract/store.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { hasSparseFiles } from '../../../../src/engine/source/files/sparse-files.ts';
import {
  backup,
  openTestStore,
  pattern,
  startBackupLab,
} from '../../../support/backup/backup-lab.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
/** Left free besides the files of the disk. */
const RESERVE = 64 * MIB;

/** The store with so much room left, and files whose gaps take space or not. */
function withRoom(store: Store, free: number, sparse: boolean): Store {
  return new Proxy(store, {
    get: (object, key) => {
      if (key === 'freeBytes') return async () => free;
      if (key === 'hasSparseFiles') return async () => sparse;
      const value: unknown = Reflect.get(object, key, object);
      return typeof value === 'function' ? (value.bind(object) as unknown) : value;
    },
  });
}

/** Bytes that a backup without any room says that it needs. */
async function neededOf(work: Promise<unknown>): Promise<number> {
  const error: unknown = await work.catch((e: unknown) => e);
  assert.ok(isEngineError(error, 'store.space'), String(error));
  return Number(error.data['needed']) - RESERVE;
}

test('a full and an increment of scattered changes need the length of their files, or what is written where gaps take no space', async (t) => {
  const lab = await startBackupLab(t);
  const { id } = await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * GIB }] });
  const store = await openTestStore(lab);
  const sparse = await store.hasSparseFiles(never);
  const scatter = async (count: number, seed: string): Promise<void> => {
    const random = { count, length: 65_536, seed };
    await lab.ask('write-random', { vm: 'vm', disk: 0, ...random });
  };
  await scatter(120, 'full');
  for (const kind of ['full', 'incr'] as const) {
    const needed = await neededOf(backup(lab, withRoom(store, 0, false), 'vm'));
    const written = await neededOf(backup(lab, withRoom(store, 0, true), 'vm'));
    // More room than what is written takes, less than the files are long.
    const tight = withRoom(store, written + RESERVE, true);
    const { manifest } = await backup(lab, tight, 'vm');
    assert.equal(manifest.kind, kind);
    // What of a full's blocks is zeros is known only once they are read.
    assert.equal(written < needed, kind === 'incr');
    const told = manifest.warnings.some(({ code }) => code === 'store.room');
    assert.equal(told, kind === 'incr');
    const folder = join(store.location, id, manifest.id);
    const names = (await readdir(folder)).filter((name) => name.startsWith('0-'));
    const files = await Promise.all(names.map((name) => stat(join(folder, name))));
    const length = files.reduce((sum, { size }) => sum + size, 0);
    const taken = files.reduce((sum, { blocks }) => sum + blocks * 512, 0);
    t.diagnostic(
      `${kind}: ${needed} bytes asked for, or ${written}; files of ${length} that take ${taken}`,
    );
    assert.ok(length > 100 * MIB, 'the file is as long as its blocks');
    assert.ok(needed >= length, `${kind}: ${needed} for ${length}`);
    assert.ok(needed <= length * 1.2, `${kind}: ${needed} for ${length}`);
    if (sparse && kind === 'incr') {
      assert.ok(written >= taken, `${kind}: ${written} for ${taken}`);
      assert.ok(written <= taken * 2 + 8 * MIB, `${kind}: ${written} for ${taken}`);
    }
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
    assert.equal(await needs('vhdx', false), await needs('vhdx'), 'its blocks are whole');
  } finally {
    await stored.close();
  }
});
