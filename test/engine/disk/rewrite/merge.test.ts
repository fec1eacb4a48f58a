import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { openDisk } from '../../../../src/engine/disk/chain/open-disk.ts';
import { mergeInPlace } from '../../../../src/engine/disk/rewrite/merge-in-place.ts';
import { mergeToFile, type Merged } from '../../../../src/engine/disk/rewrite/merge-to-file.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { makeTagged, tagsOf } from '../../../support/disk/tagged-image.ts';
import { faultyFiles } from '../../../support/files/faulty-files.ts';
import { openFiles } from '../../../support/files/open-files.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const STORE = 'a-store.json';

async function into(child: string, target: string, replace = false): Promise<Merged> {
  const opened = await openDisk(child, {}, never);
  try {
    return await mergeToFile(opened, target, { replace }, noProgress, never);
  } finally {
    await opened.disk.close();
  }
}

const inPlace = (child: string, environment?: ReturnType<typeof faultyFiles>): Promise<Merged> =>
  mergeInPlace(
    child,
    { open: {}, storeMarker: STORE, ...(environment === undefined ? {} : { environment }) },
    noProgress,
    never,
  );

interface Sizes {
  readonly root: number;
  readonly parent: number;
  readonly child: number;
}

/** A root full of 9, a parent and a child over it with data, zeros, and what shows through. */
async function chain(folder: string, sizes: Sizes): Promise<[string, string, string]> {
  const [root, parent, child] = ['root.vhdx', 'parent.avhdx', 'child.avhdx'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const one = await makeTagged(root, { size: sizes.root, blockSize: MIB }, [[0, sizes.root, 9]]);
  const two = await makeTagged(
    parent,
    {
      size: sizes.parent,
      blockSize: 2 * MIB,
      parent: { linkage: one, relativePath: '.\\root.vhdx' },
    },
    [
      [512, 1024, 1],
      [2 * MIB, MIB, 0],
      [4 * MIB - 512, 4096, 2],
    ],
  );
  await makeTagged(
    child,
    {
      size: sizes.child,
      blockSize: MIB,
      parent: { linkage: two, relativePath: '.\\parent.avhdx' },
    },
    [
      [1024, 1024, 3],
      [3 * MIB, 4096, 0],
      [4 * MIB, MIB, 4],
    ],
  );
  return [root, parent, child];
}

const EQUAL: Sizes = { root: 6 * MIB, parent: 6 * MIB, child: 6 * MIB };
const SIZES: readonly Sizes[] = [
  EQUAL,
  // A parent that is shorter than both: behind its end the root must not show.
  { root: 8 * MIB, parent: 5 * MIB + 512, child: 8 * MIB },
  { root: 5 * MIB, parent: 8 * MIB, child: 7 * MIB + 1024 },
];

test('a new file takes the place of child and parent over the same root, whatever the sizes', async (t) => {
  for (const sizes of SIZES) {
    const folder = await temporaryFolder(t);
    const [root, parent, child] = await chain(folder, sizes);
    const before = await tagsOf(child);
    const files = await Promise.all([root, parent, child].map((file) => readFile(file)));
    const target = join(folder, 'new', 'merged.avhdx');
    await mkdir(dirname(target));
    const merged = await into(child, target);
    assert.equal(merged.parent, parent);
    assert.deepEqual(await tagsOf(target), before);
    const opened = await openDisk(target, {}, never);
    assert.deepEqual(opened.chain, [target, root]);
    await opened.disk.close();
    assert.deepEqual(await Promise.all([root, parent, child].map((file) => readFile(file))), files);
  }
});

test('a child of a root becomes an image without parent', async (t) => {
  const folder = await temporaryFolder(t);
  const [root, parent] = await chain(folder, EQUAL);
  const before = await tagsOf(parent);
  const target = join(folder, 'merged.vhdx');
  await into(parent, target);
  await rm(root);
  assert.deepEqual(await tagsOf(target), before);
  await assert.rejects(into(target, join(folder, 'x.vhdx')), { code: 'disk.edit.format' });
});

test('in place the parent takes the contents over, and the child still reads the same', async (t) => {
  for (const sizes of SIZES) {
    const folder = await temporaryFolder(t);
    const [, parent, child] = await chain(folder, sizes);
    const before = await tagsOf(child);
    await inPlace(child);
    assert.deepEqual(await tagsOf(child), before);
    await rm(child);
    assert.deepEqual(await tagsOf(parent), before);
  }
});

test('in place, if any read, write or flush fails, the pair reads as before and merging again completes it', async (t) => {
  const origin = await temporaryFolder(t);
  await chain(origin, EQUAL);
  const names = await readdir(origin);
  const folder = await temporaryFolder(t);
  const [parent, child] = [join(folder, 'parent.avhdx'), join(folder, 'child.avhdx')];
  const before = await tagsOf(join(origin, 'child.avhdx'));
  let failed = 0;
  for (let n = 1; ; n += 1 + (n >> 2)) {
    for (const name of names)
      await writeFile(join(folder, name), await readFile(join(origin, name)));
    const environment = faultyFiles({
      dead: true,
      fail: (_, number) => (number === n ? 'EIO' : undefined),
    });
    const files = openFiles();
    const done = await inPlace(child, environment).catch((error: unknown) => {
      assert.ok(isEngineError(error), String(error));
    });
    const what = `operation ${n}: ${environment.log[n - 1]}`;
    assert.equal(openFiles(), files, what);
    assert.deepEqual(await tagsOf(child), before, what);
    if (done === undefined) {
      failed++;
      await inPlace(child);
      assert.deepEqual(await tagsOf(child), before, what);
    }
    assert.deepEqual(await tagsOf(parent), before, what);
    assert.deepEqual(await readdir(folder), names);
    if (environment.log.length < n) break;
  }
  assert.ok(failed > 12, `${failed} operations failed`);
});

test('in place, a parent with another child in its folder is refused; so are the files of a store', async (t) => {
  const folder = await temporaryFolder(t);
  const [root, parent, child] = await chain(folder, EQUAL);
  const files = await Promise.all([root, parent, child].map((file) => readFile(file)));
  const other = join(folder, 'Other.AVHDX');
  await writeFile(other, files[2] as Buffer);
  await assert.rejects(inPlace(child), {
    code: 'disk.edit.children',
    data: { path: other, parent },
  });
  // A damaged image and another file do not count.
  await writeFile(other, 'vhdxfile');
  await writeFile(join(dirname(folder), STORE), '');
  t.after(() => rm(join(dirname(folder), STORE)));
  await assert.rejects(inPlace(child), { code: 'disk.edit.store' });
  assert.deepEqual(await Promise.all([root, parent, child].map((file) => readFile(file))), files);
});

test('a merge into one of its own sources is refused', async (t) => {
  const folder = await temporaryFolder(t);
  const [root, parent, child] = await chain(folder, EQUAL);
  for (const target of [root, parent, child]) {
    await assert.rejects(into(child, target, true), { code: 'disk.target.source' });
  }
});
