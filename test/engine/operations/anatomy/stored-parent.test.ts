import assert from 'node:assert/strict';
import { copyFile, cp, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { AnatomyInfo } from '../../../../src/engine/api/anatomy.ts';
import { DirectoryStore } from '../../../../src/engine/backup/store/directory/directory-store.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { createVhdx } from '../../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import type { NewImageParent } from '../../../../src/engine/disk/vhdx/structures/image/image-head.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { Anatomies } from '../../../../src/engine/operations/anatomy/anatomies.ts';
import { FileStorage } from '../../../../src/engine/source/files/file-storage.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const VM = '2b1d0a7c-4f6e-4c5e-9f0a-3d2b1c0e9f88';
const OTHER_VM = '3b1d0a7c-4f6e-4c5e-9f0a-3d2b1c0e9f88';
const FULL = '20261122T140305Z-full';
const INCR = '20261122T150305Z-incr';

async function image(path: string, parent?: NewImageParent): Promise<NewImageParent['linkage']> {
  const storage = await FileStorage.open(path, { create: true }, never);
  const more = parent === undefined ? {} : { parent };
  const made = await createVhdx(storage, { size: 8 * MIB, blockSize: MIB, ...more }, never);
  await storage.close();
  return made.dataWriteGuid;
}

interface Sample {
  readonly store: string;
  readonly child: string;
  readonly parent: string;
}

/** A store with a full and an increment on it, as backups name their parents. */
async function sampleStore(folder: string, text = `..\\${FULL}\\0-disk.vhdx`): Promise<Sample> {
  const store = join(folder, 'store');
  await DirectoryStore.open(store, { create: true }, never);
  for (const point of [FULL, INCR]) await mkdir(join(store, VM, point), { recursive: true });
  const parent = join(store, VM, FULL, '0-disk.vhdx');
  const child = join(store, VM, INCR, '0-disk.avhdx');
  const linkage = await image(parent);
  await image(child, { linkage, relativePath: text });
  return { store, child, parent };
}

async function look(t: TestContext, path: string, followParents = true): Promise<AnatomyInfo> {
  const anatomies = new Anatomies();
  afterwards(t, () => anatomies.closeAll());
  return anatomies.open({ path, followParents }, never);
}

const placeOf = ({ parents }: AnatomyInfo): readonly unknown[] => [
  parents[0]?.place,
  parents[0]?.found,
];

test('the parent of a point’s image in the sibling point of its store is followed, and is no finding', async (t) => {
  const { child, parent, store } = await sampleStore(await temporaryFolder(t));
  const info = await look(t, child);
  assert.deepEqual(placeOf(info), ['store', parent]);
  assert.deepEqual(info.findings, []);
  assert.deepEqual(placeOf(await look(t, child, false)), ['elsewhere', null], 'without trust');
  await rm(parent);
  await image(parent);
  const [changed] = (await look(t, child)).findings;
  assert.equal(changed?.code, 'disk.parent.mismatch', 'it must be the right one');
  for (const gone of [parent, join(store, VM, FULL)]) {
    await rm(gone, { recursive: true });
    const missing = await look(t, child);
    assert.deepEqual(placeOf(missing), ['store', null]);
    assert.match(missing.findings[0]?.message ?? '', /was not found in this store/);
  }
});

test('only the one path that a store writes is followed, whatever else lies in reach', async (t) => {
  const folder = await temporaryFolder(t);
  const texts = [
    `..\\..\\${VM}\\${FULL}\\0-disk.vhdx`,
    `..\\..\\${OTHER_VM}\\${FULL}\\0-disk.vhdx`,
    `..\\${INCR}\\0-disk.avhdx`,
    `..\\${FULL}\\..\\${FULL}\\0-disk.vhdx`,
    `..\\${FULL}\\sub\\0-disk.vhdx`,
    `\\..\\${FULL}\\0-disk.vhdx`,
    `..\\${FULL.toLowerCase()}\\0-disk.vhdx`,
    '..\\config\\0-disk.vhdx',
    `..\\${FULL}\\0-disk.vhdx:stream`,
    `..\\0-disk.vhdx`,
  ];
  for (const [i, text] of texts.entries()) {
    const { child } = await sampleStore(join(folder, String(i)), text);
    const info = await look(t, child);
    assert.notEqual(info.parents[0]?.place, 'store', text);
    assert.equal(info.parents[0]?.found, null, text);
  }
});

test('a folder that only looks like a store is not one', async (t) => {
  const folder = await temporaryFolder(t);
  const { store, child } = await sampleStore(folder);
  const elsewhere = async (path: string, what: string): Promise<void> => {
    assert.deepEqual(placeOf(await look(t, path)), ['elsewhere', null], what);
  };
  // A file that lies where points lie, but is not the image of one.
  await copyFile(child, join(store, VM, '0-disk.avhdx'));
  await elsewhere(join(store, VM, '0-disk.avhdx'), 'beside the points');
  await rename(join(store, VM), join(store, 'web01'));
  await elsewhere(join(store, 'web01', INCR, '0-disk.avhdx'), 'not the folder of a VM');
  await rename(join(store, 'web01'), join(store, VM));
  const marker = join(store, 'refpoint-store.json');
  await rename(marker, join(folder, 'marker'));
  await elsewhere(child, 'no marker');
  await writeFile(marker, '{}');
  await elsewhere(child, 'a marker that is none');
  await mkdir(join(folder, 'x'));
  await rm(marker);
  await mkdir(marker);
  await elsewhere(child, 'a folder for a marker');
});

test('links in a store are not followed', { skip: process.platform === 'win32' }, async (t) => {
  const folder = await temporaryFolder(t);
  const { store, child, parent } = await sampleStore(folder);
  const away = join(folder, 'away');
  await cp(join(store, VM, FULL), away, { recursive: true });
  await rm(join(store, VM, FULL), { recursive: true });
  await symlink(away, join(store, VM, FULL));
  assert.notEqual((await look(t, child)).parents[0]?.found, parent);
  await rm(join(store, VM, FULL));
  await mkdir(join(store, VM, FULL));
  await symlink(join(away, '0-disk.vhdx'), parent);
  assert.equal((await look(t, child)).parents[0]?.found, null);
});
