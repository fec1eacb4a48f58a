import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import { newGuid, type Guid } from '../../../../../src/engine/base/guid.ts';
import { noProgress } from '../../../../../src/engine/base/progress.ts';
import { createVhdx } from '../../../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import type {
  NewImage,
  NewImageParent,
} from '../../../../../src/engine/disk/vhdx/structures/image/image-head.ts';
import { MIB } from '../../../../../src/engine/disk/vhdx/structures/layout.ts';
import {
  encodeMetadataRegion,
  metadataItems,
} from '../../../../../src/engine/disk/vhdx/structures/metadata/metadata-items.ts';
import { mergeVhdx } from '../../../../../src/engine/disk/vhdx/edit/merge-vhdx.ts';
import { relinkVhdx } from '../../../../../src/engine/disk/vhdx/edit/parent-link.ts';
import {
  readMetadata,
  readRegionTable,
} from '../../../../../src/engine/disk/vhdx/read/read-structures.ts';
import { VhdxEditor } from '../../../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import { VhdxImage } from '../../../../../src/engine/disk/vhdx/read/vhdx-image.ts';
import { CrashRecorder } from '../../../../support/files/crash-recorder.ts';
import { PageImage, PageStorage } from '../../../../support/files/page-storage.ts';
import { readTags, tagged } from '../../../../support/disk/tagged-disk.ts';
import { ALL_CASES } from '../../../../support/process/all-cases.ts';

/** Every N-th state is merged again. */
const AGAIN = ALL_CASES ? 2 : 5;

type Write = readonly [offset: number, length: number, tag: number];

/** An image with the given writes (tag 0 zeroes) and what it must be linked to. */
async function made(
  image: NewImage,
  writes: readonly Write[],
): Promise<{ image: PageImage; guid: Guid }> {
  const storage = new PageStorage();
  await createVhdx(storage, image, never);
  const editor = await VhdxEditor.open(storage, never);
  for (const [offset, length, tag] of writes) {
    if (tag === 0) await editor.zero(offset, length, never);
    else await editor.write(offset, tagged(tag, length), never);
  }
  await editor.close();
  return { image: storage.image, guid: editor.dataWriteGuid };
}

const parentOf = (linkage: Guid): NewImageParent => ({
  linkage,
  relativePath: '.\\parent.vhdx',
});
const layers = (...images: PageImage[]): PageStorage[] =>
  images.map((image) => new PageStorage(image.clone()));

const CHILD_WRITES: readonly Write[] = [
  [MIB - 512, 1024, 40],
  [2 * MIB, MIB, 41],
  [4 * MIB + 4096, 512, 42],
  [3 * MIB, MIB, 0],
];

async function linkable(child: PageImage, parent: PageImage): Promise<boolean> {
  const [c, p] = layers(child, parent);
  const locator = (await VhdxImage.open(c as PageStorage, never)).metadata.parent;
  const { dataWriteGuid } = (await VhdxImage.open(p as PageStorage, never)).header;
  return dataWriteGuid === locator?.linkage || dataWriteGuid === locator?.linkage2;
}

/** Merges, cuts everywhere, and checks that the pair reads as before and that merging again ends it. */
async function mergeAndCut(parent: PageImage, child: PageImage, below: PageImage[]): Promise<void> {
  const before = await readTags(layers(child, parent, ...below));
  const recorder = new CrashRecorder();
  const childStorage = recorder.storage(child, 'child');
  const parentStorage = recorder.storage(parent, 'parent');
  const merged = await mergeVhdx(childStorage, parentStorage, noProgress, never);
  assert.deepEqual(await readTags(layers(parentStorage.image, ...below)), before);
  assert.ok(merged.copied > 0);
  let states = 0;
  for (const { cut, variant, images } of recorder.distinctCrashes()) {
    const what = `after ${cut} events, ${variant}`;
    const [c, p] = images as [PageImage, PageImage];
    assert.ok(await linkable(c, p), `${what}: the child no longer accepts its parent`);
    assert.deepEqual(await readTags(layers(c, p, ...below)), before, what);
    if (states++ % AGAIN !== 0) continue;
    const again = [new PageStorage(c.clone()), new PageStorage(p.clone())] as const;
    await mergeVhdx(again[0], again[1], noProgress, never);
    assert.ok(await linkable(again[0].image, again[1].image), `${what}, merged again`);
    assert.deepEqual(
      await readTags(layers(again[1].image, ...below)),
      before,
      `${what}, merged again`,
    );
  }
  assert.ok(states > 40, `only ${states} states of the files`);
}

test('a merge into a dynamic parent can be cut anywhere and run again', async () => {
  const size = 5 * MIB;
  const base = await made({ size, blockSize: MIB }, [
    [0, 2 * MIB, 50],
    [3 * MIB, MIB, 51],
  ]);
  const child = await made({ size, blockSize: MIB, parent: parentOf(base.guid) }, CHILD_WRITES);
  await mergeAndCut(base.image, child.image, []);
});

test('a merge into a differencing parent keeps what shows through and what hides', async () => {
  const size = 5 * MIB;
  const root = await made({ size, blockSize: MIB }, [[0, size, 60]]);
  const base = await made({ size, blockSize: 2 * MIB, parent: parentOf(root.guid) }, [
    [512, 1024, 50],
    [4 * MIB, 4096, 0],
  ]);
  const child = await made({ size, blockSize: MIB, parent: parentOf(base.guid) }, CHILD_WRITES);
  await mergeAndCut(base.image, child.image, [root.image]);
});

test('a merge takes over a larger and a smaller size', async () => {
  for (const size of [7 * MIB + 1024, 4 * MIB + 4096 + 512]) {
    const root = await made({ size: 9 * MIB, blockSize: MIB }, [[0, 9 * MIB, 60]]);
    const base = await made({ size: 5 * MIB + 512, blockSize: MIB, parent: parentOf(root.guid) }, [
      [512, 1024, 50],
      [5 * MIB, 512, 51],
    ]);
    const parent = parentOf(base.guid);
    const child = await made({ size, blockSize: MIB, parent }, CHILD_WRITES);
    await mergeAndCut(base.image, child.image, [root.image]);
  }
});

test('a cancelled merge leaves the pair readable and can be run again', async () => {
  const size = 5 * MIB;
  const base = await made({ size, blockSize: MIB }, [[0, size, 50]]);
  const child = await made({ size, blockSize: MIB, parent: parentOf(base.guid) }, CHILD_WRITES);
  const before = await readTags(layers(child.image, base.image));
  const stop = new AbortController();
  const progress = { ...noProgress, advance: () => stop.abort(new Error('stop')) };
  const c = new PageStorage(child.image);
  const p = new PageStorage(base.image);
  await assert.rejects(mergeVhdx(c, p, progress, stop.signal), /stop/);
  assert.ok(await linkable(c.image, p.image));
  assert.deepEqual(await readTags(layers(c.image, p.image)), before);
  await mergeVhdx(c, p, noProgress, never);
  assert.deepEqual(await readTags(layers(p.image)), before);
});

test('a merge refuses a parent that the child was not made from, and changes neither file', async () => {
  const size = 5 * MIB;
  const base = await made({ size, blockSize: MIB }, []);
  const child = await made({ size, blockSize: MIB, parent: parentOf(newGuid()) }, CHILD_WRITES);
  const recorder = new CrashRecorder();
  const merge = mergeVhdx(
    recorder.storage(child.image),
    recorder.storage(base.image),
    noProgress,
    never,
  );
  await assert.rejects(merge, (error) => isEngineError(error, 'vhdx.merge.parent'));
  assert.equal(recorder.position, 0);
});

test('a grandchild is linked to the parent that took its own parent in', async () => {
  const size = 5 * MIB;
  const base = await made({ size, blockSize: MIB }, [[0, size, 50]]);
  const child = await made({ size, blockSize: MIB, parent: parentOf(base.guid) }, CHILD_WRITES);
  const top = await made({ size, blockSize: MIB, parent: parentOf(child.guid) }, [[0, 512, 70]]);
  const before = await readTags(layers(top.image, child.image, base.image));
  const p = new PageStorage(base.image);
  const { dataWriteGuid } = await mergeVhdx(new PageStorage(child.image), p, noProgress, never);
  const recorder = new CrashRecorder();
  const locator = {
    linkage: dataWriteGuid,
    relativePath: '.\\a longer name than before.vhdx',
    absolutePath: 'D:\\VMs\\a longer name than before.vhdx',
  };
  const topStorage = recorder.storage(top.image);
  await relinkVhdx(topStorage, locator, never);
  assert.deepEqual(await readTags(layers(topStorage.image, p.image)), before);
  for (const { cut, variant, images } of recorder.crashes()) {
    const image = await VhdxImage.open(new PageStorage(images[0]), never);
    const found = image.metadata.parent;
    const old = found?.linkage === child.guid && found.absolutePath === undefined;
    if (!old) assert.deepEqual(found, locator, `after ${cut} events, ${variant}`);
    assert.equal(image.header.dataWriteGuid, top.guid);
  }
});

test('a child that is being created is whole or no image', async () => {
  const base = await made({ size: 5 * MIB, blockSize: MIB }, [[0, 5 * MIB, 50]]);
  const recorder = new CrashRecorder();
  const storage = recorder.storage(new PageImage());
  await createVhdx(
    storage,
    { size: 5 * MIB, parent: { linkage: base.guid, relativePath: '.\\p.vhdx' } },
    never,
  );
  let whole = 0;
  for (const { cut, variant, images } of recorder.crashes()) {
    const what = `after ${cut} events, ${variant}`;
    try {
      const tags = await readTags([new PageStorage(images[0]), ...layers(base.image)]);
      assert.ok(
        tags.every((tag) => tag === 50),
        what,
      );
      whole++;
    } catch (error) {
      assert.ok(isEngineError(error), `${what}: ${String(error)}`);
      assert.ok(cut < recorder.position, `${what}: the finished child does not open`);
    }
  }
  assert.ok(whole > 0);
});

test('a locator that grows moves behind the other items, wherever it lay', async () => {
  const base = await made({ size: 5 * MIB, blockSize: MIB }, [[0, 5 * MIB, 50]]);
  const child = await made({ size: 5 * MIB, parent: parentOf(base.guid) }, []);
  const storage = new PageStorage(child.image);
  const regions = await readRegionTable(storage, never);
  const { metadata } = await readMetadata(storage, regions.metadata, never);
  const locatorFirst = encodeMetadataRegion([...metadataItems(metadata)].reverse());
  await storage.write(regions.metadata.offset, locatorFirst);
  const locator = { ...metadata.parent, linkage: base.guid, relativePath: `.\\${'x'.repeat(300)}` };
  await relinkVhdx(storage, locator, never);
  const after = await readMetadata(storage, regions.metadata, never);
  assert.deepEqual(after.metadata, { ...metadata, parent: locator });
});
