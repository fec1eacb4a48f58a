import assert from 'node:assert/strict';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { openDisk } from '../../../../src/engine/disk/chain/open-disk.ts';
import { createDisk, type CreateOptions } from '../../../../src/engine/disk/create/create-disk.ts';
import { FORMATS } from '../../../../src/engine/disk/formats/formats.ts';
import { isZero } from '../../../../src/engine/disk/virtual/zero-scan.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { faultyFiles } from '../../../support/files/faulty-files.ts';
import { openFiles } from '../../../support/files/open-files.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const SIZE = 5 * MIB;

async function child(path: string, parent: string, options: CreateOptions = {}): Promise<void> {
  const opened = await openDisk(parent, {}, never);
  try {
    await createDisk(path, { ...options, parent: opened }, never);
  } finally {
    await opened.disk.close();
  }
}

for (const { name, endings, writes } of FORMATS) {
  if (writes === undefined) continue;
  for (const subformat of writes.subformats) {
    const differencing = subformat === 'differencing';
    test(`an empty ${subformat} ${name} image reads as zeros`, async (t) => {
      const folder = await temporaryFolder(t);
      const base = join(folder, `base${endings[0]}`);
      const path = join(folder, `empty${endings[0]}`);
      if (differencing) {
        await createDisk(base, { size: SIZE }, never);
        await child(path, base);
      } else {
        await createDisk(path, { size: SIZE, subformat }, never);
      }
      const opened = await openDisk(path, {}, never);
      assert.equal(opened.disk.size, SIZE);
      assert.deepEqual(opened.chain, differencing ? [path, base] : [path]);
      const bytes = new Uint8Array(SIZE).fill(1);
      await opened.disk.read(0, bytes, never);
      assert.ok(isZero(bytes));
      const [top, below] = opened.layers;
      if (below !== undefined) assert.equal(top.diskId, below.diskId);
      await opened.disk.close();
    });
  }
}

test('an existing file is refused and stays', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'a.vhdx');
  await writeFile(path, 'old');
  await assert.rejects(createDisk(path, { size: SIZE }, never), { code: 'source.exists' });
  assert.deepEqual(await readdir(folder), ['a.vhdx']);
});

test('what no disk can be is refused, and no file is left', async (t) => {
  const folder = await temporaryFolder(t);
  const cases: readonly [string, CreateOptions, string][] = [
    ['a.vhdx', {}, 'disk.write.argument'],
    ['a.vhdx', { size: 1000 }, 'disk.write.argument'],
    ['a.vhdx', { size: SIZE, blockSize: 3 * MIB }, 'disk.write.argument'],
    ['a.vhdx', { size: SIZE + 512, sectorSize: 4096 }, 'disk.write.argument'],
    ['a.vhdx', { size: SIZE, subformat: 'differencing' }, 'disk.write.argument'],
    ['a.raw', { size: SIZE, sectorSize: 4096 }, 'disk.write.argument'],
    ['a.unknown', { size: SIZE }, 'disk.unsupported'],
  ];
  for (const [name, options, code] of cases) {
    await assert.rejects(createDisk(join(folder, name), options, never), { code });
  }
  assert.deepEqual(await readdir(folder), []);
});

test('a child has the sectors of its parent, and may be larger', async (t) => {
  const folder = await temporaryFolder(t);
  const [base, path] = [join(folder, 'base.vhdx'), join(folder, 'child.avhdx')];
  await createDisk(base, { size: SIZE, sectorSize: 4096 }, never);
  await assert.rejects(child(path, base, { sectorSize: 512 }), { code: 'disk.write.argument' });
  await child(path, base, { size: 2 * SIZE });
  const opened = await openDisk(path, {}, never);
  assert.equal(opened.disk.size, 2 * SIZE);
  assert.equal(opened.disk.logicalSectorSize, 4096);
  await opened.disk.close();
});

test('if any operation fails, no file is left and nothing stays open', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'a.vhdx');
  let failed = 0;
  for (let n = 1; ; n++) {
    const environment = faultyFiles({ fail: (_, number) => (number === n ? 'EIO' : undefined) });
    const files = openFiles();
    const done = await createDisk(path, { size: SIZE, environment }, never).catch(
      (error: unknown) => assert.ok(isEngineError(error), String(error)),
    );
    const what = `operation ${n}: ${environment.log[n - 1]}`;
    assert.equal(openFiles(), files, what);
    if (done === undefined) failed++;
    // If the folder cannot be flushed, the complete file may have its name already.
    const others = (await readdir(folder)).filter((name) => name !== 'a.vhdx');
    // A second name of the complete file that cannot be removed is litter and no failure.
    assert.equal(others.length, environment.log[n - 1] === 'unlink' ? 1 : 0, what);
    for (const name of others) await rm(join(folder, name));
    await rm(path, { force: done === undefined });
    if (environment.log.length < n) break;
  }
  assert.ok(failed > 4, `${failed} operations failed`);
});
