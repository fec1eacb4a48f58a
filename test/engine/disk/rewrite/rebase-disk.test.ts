import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { newGuid } from '../../../../src/engine/base/guid.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { openDisk } from '../../../../src/engine/disk/chain/open-disk.ts';
import { rebaseDisk, type Rebased } from '../../../../src/engine/disk/rewrite/rebase-disk.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { makeTagged, tagsOf, writeTagged } from '../../../support/disk/tagged-image.ts';
import { faultyFiles } from '../../../support/files/faulty-files.ts';
import { openFiles } from '../../../support/files/open-files.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const SIZE = 5 * MIB;
const STORE = 'a-store.json';

const rebase = (
  child: string,
  parent: string,
  environment?: ReturnType<typeof faultyFiles>,
): Promise<Rebased> =>
  rebaseDisk(
    child,
    parent,
    { open: {}, storeMarker: STORE, ...(environment === undefined ? {} : { environment }) },
    noProgress,
    never,
  );

/** A base full of 9 and a child that hides its first two MiB, one of them with zeros. */
async function pair(folder: string): Promise<{ base: string; child: string }> {
  const [base, child] = [join(folder, 'base.vhdx'), join(folder, 'child.avhdx')];
  const linkage = await makeTagged(base, { size: SIZE, blockSize: MIB }, [[0, SIZE, 9]]);
  const parent = { linkage, relativePath: '.\\base.vhdx' };
  await makeTagged(child, { size: SIZE, blockSize: MIB, parent }, [
    [0, MIB, 1],
    [MIB, MIB, 0],
  ]);
  return { base, child };
}

async function chainOf(child: string): Promise<readonly string[]> {
  const opened = await openDisk(child, {}, never);
  await opened.disk.close();
  return opened.chain;
}

test('a moved parent is named again by its identity; only the link changes', async (t) => {
  const folder = await temporaryFolder(t);
  const { base, child } = await pair(folder);
  const before = await tagsOf(child);
  const { identity } = (await openDisk(child, {}, never)).layers[0];
  const moved = join(folder, 'far', 'away', 'moved.vhdx');
  await mkdir(join(folder, 'far', 'away'), { recursive: true });
  await rename(base, moved);
  const done = await rebase(child, moved);
  assert.equal(done.proof, 'identity');
  assert.deepEqual(await chainOf(child), [child, moved]);
  assert.deepEqual(await tagsOf(child), before);
  const opened = await openDisk(child, {}, never);
  assert.equal(opened.layers[0].identity, identity);
  assert.equal(opened.layers[0].parent?.relativePath, '.\\far\\away\\moved.vhdx');
  await opened.disk.close();
});

test('another file is accepted if what shows through is equal, and only then', async (t) => {
  const folder = await temporaryFolder(t);
  const { child } = await pair(folder);
  const before = await tagsOf(child);
  const other = join(folder, 'other.vhdx');
  // What the child hides may differ, also where it hides with zeros.
  await makeTagged(other, { size: SIZE, blockSize: 2 * MIB }, [
    [0, 2 * MIB, 5],
    [2 * MIB, SIZE - 2 * MIB, 9],
  ]);
  await writeTagged(other, [[SIZE - 512, 512, 8]]);
  const bytes = await readFile(child);
  await assert.rejects(rebase(child, other), {
    code: 'disk.rebase.contents',
    data: { child, parent: other, offset: SIZE - 512 },
  });
  assert.deepEqual(await readFile(child), bytes);
  await writeTagged(other, [[SIZE - 512, 512, 9]]);
  assert.equal((await rebase(child, other)).proof, 'contents');
  assert.deepEqual(await chainOf(child), [child, other]);
  assert.deepEqual(await tagsOf(child), before);
});

test('a longer or shorter parent counts as far as the child sees it', async (t) => {
  for (const size of [SIZE + 3 * MIB, SIZE - MIB]) {
    const folder = await temporaryFolder(t);
    const { child } = await pair(folder);
    const before = await tagsOf(child);
    const other = join(folder, 'other.vhdx');
    await makeTagged(other, { size, blockSize: MIB }, [[0, size, 9]]);
    if (size > SIZE) {
      await rebase(child, other);
      assert.deepEqual(await tagsOf(child), before);
    } else {
      await assert.rejects(rebase(child, other), { code: 'disk.rebase.contents' });
    }
  }
});

test('without the old parent another identity is refused', async (t) => {
  const folder = await temporaryFolder(t);
  const { base, child } = await pair(folder);
  const other = join(folder, 'other.vhdx');
  await makeTagged(other, { size: SIZE, blockSize: MIB }, [[0, SIZE, 9]]);
  await rm(base);
  await assert.rejects(rebase(child, other), { code: 'disk.parent.mismatch' });
});

test('a store, another child, a cycle, other sectors and an image without parent are refused', async (t) => {
  const folder = await temporaryFolder(t);
  const { base, child } = await pair(folder);
  const bytes = await readFile(child);
  await assert.rejects(rebase(base, child), { code: 'disk.edit.format' });
  const grandchild = join(folder, 'grandchild.avhdx');
  const { identity } = (await openDisk(child, {}, never)).layers[0];
  await makeTagged(
    grandchild,
    { size: SIZE, parent: { linkage: identity as never, relativePath: '.\\child.avhdx' } },
    [],
  );
  await assert.rejects(rebase(child, grandchild), { code: 'disk.chain.cycle' });
  await rm(grandchild);
  const wide = join(folder, 'wide.vhdx');
  await makeTagged(wide, { size: SIZE, logicalSectorSize: 4096 }, []);
  await assert.rejects(rebase(child, wide), { code: 'disk.chain.sectors' });
  const twin = join(folder, 'twin.avhdx');
  await copyFile(child, twin);
  await assert.rejects(rebase(child, base), { code: 'disk.edit.children' });
  await rm(twin);
  await writeFile(join(folder, STORE), '');
  await assert.rejects(rebase(child, base), { code: 'disk.edit.store' });
  assert.deepEqual(await readFile(child), bytes);
});

test('if any read, write or flush fails, the child names the old or the new parent and reads the same', async (t) => {
  const folder = await temporaryFolder(t);
  const { base, child } = await pair(folder);
  const before = await tagsOf(child);
  const bytes = await readFile(child);
  const moved = join(folder, 'other', `${newGuid()}.vhdx`);
  await mkdir(join(folder, 'other'));
  await copyFile(base, moved);
  const names = await readdir(folder);
  let failed = 0;
  for (let n = 1; ; n++) {
    await writeFile(child, bytes);
    const environment = faultyFiles({
      dead: true,
      fail: (_, number) => (number === n ? 'EIO' : undefined),
    });
    const files = openFiles();
    const done = await rebase(child, moved, environment).catch((error: unknown) => {
      assert.ok(isEngineError(error), String(error));
      failed++;
    });
    const what = `operation ${n}: ${environment.log[n - 1]}`;
    assert.equal(openFiles(), files, what);
    const [, parent] = await chainOf(child);
    assert.ok(parent === moved || (done === undefined && parent === base), what);
    assert.deepEqual(await tagsOf(child), before, what);
    assert.deepEqual(await readdir(folder), names, what);
    if (environment.log.length < n) break;
  }
  assert.ok(failed > 10, `${failed} operations failed`);
});
