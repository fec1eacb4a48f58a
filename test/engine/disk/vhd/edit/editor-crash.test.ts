import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { newGuid } from '../../../../../src/engine/base/guid.ts';
import { noProgress } from '../../../../../src/engine/base/progress.ts';
import type { NewDisk, NewParent } from '../../../../../src/engine/disk/image/image-writer.ts';
import { mergeVhd } from '../../../../../src/engine/disk/vhd/edit/merge-vhd.ts';
import { relinkVhd } from '../../../../../src/engine/disk/vhd/edit/relink-vhd.ts';
import { VhdEditor } from '../../../../../src/engine/disk/vhd/edit/vhd-editor.ts';
import { readParts } from '../../../../../src/engine/disk/vhd/read/vhd-parts.ts';
import { VhdImage } from '../../../../../src/engine/disk/vhd/read/vhd-image.ts';
import { VhdWriter } from '../../../../../src/engine/disk/vhd/write/vhd-writer.ts';
import { CrashModel, readTags, tagged } from '../../../../support/disk/tagged-disk.ts';
import { CrashRecorder, generator } from '../../../../support/files/crash-recorder.ts';
import { MemoryPart } from '../../../../support/files/memory-part.ts';
import { PageImage, PageStorage } from '../../../../support/files/page-storage.ts';

const KIB = 1024;
const BLOCK = 512 * KIB;
/** The last block is not whole. */
const SIZE = 4 * BLOCK + 7 * 512;
const PARENT_TAG = 7;

const open = (layer: PageStorage): Promise<VhdImage> => VhdImage.open(layer, {}, never);
const tagsOf = (...images: readonly PageImage[]): Promise<Uint32Array> =>
  readTags(
    images.map((image) => new PageStorage(image.clone())),
    (source) => VhdImage.open(source, {}, never),
  );

/** An image without data. */
async function empty(disk: Partial<NewDisk>): Promise<PageImage> {
  const part = new MemoryPart();
  const base = { size: SIZE, subformat: 'dynamic' } as const;
  const block = disk.subformat === 'fixed' ? {} : { blockSize: BLOCK };
  await new VhdWriter(part, { ...base, ...block, ...disk }).complete(never);
  return PageImage.of(part.result);
}

async function linkTo(image: PageImage, name = 'parent.vhd'): Promise<NewParent> {
  const { identity, size } = await open(new PageStorage(image.clone()));
  return { identity, size, relativePath: name, absolutePath: undefined };
}

async function filled(image: PageImage, tag: number): Promise<PageImage> {
  const editor = await VhdEditor.open(new PageStorage(image), never);
  await editor.write(0, tagged(tag, SIZE), never);
  await editor.close();
  return image;
}

type Change = readonly [offset: number, length: number, tag: number] | 'flush';
const CHANGES: readonly Change[] = [
  [0, 1024, 10],
  'flush',
  [512, 4096, 11],
  // Two new blocks at once, and one that has a place already.
  [BLOCK - 1024, BLOCK + 4096, 12],
  'flush',
  [2 * BLOCK, 512, 13],
  [2 * BLOCK + 8 * 512, 512, 14],
  [BLOCK, BLOCK, 0],
  'flush',
  [4 * BLOCK, 7 * 512, 15],
  [4 * BLOCK + 512, 512, 0],
  [512, 512, 0],
];

for (const subformat of ['dynamic', 'differencing', 'fixed'] as const) {
  test(`a ${subformat} VHD that is changed in place holds each sector old or new after a crash at any write`, async () => {
    const parent = await filled(await empty({}), PARENT_TAG);
    const below = subformat === 'differencing' ? [parent] : [];
    const image =
      subformat === 'differencing'
        ? await empty({ subformat, parent: await linkTo(parent) })
        : await empty({ subformat });
    const recorder = new CrashRecorder();
    const model = new CrashModel(await tagsOf(image, ...below));
    const storage = recorder.storage(image);
    const editor = await VhdEditor.open(storage, never);
    for (const change of CHANGES) {
      if (change === 'flush') {
        await editor.flush(never);
        model.flushed(recorder.position);
        continue;
      }
      const [offset, length, tag] = change;
      model.change(offset, length, tag, recorder.position);
      if (tag === 0) await editor.zero(offset, length, never);
      else await editor.write(offset, tagged(tag, length), never);
    }
    await editor.close();
    model.flushed(recorder.position);
    let states = 0;
    for (const { cut, variant, images } of recorder.crashes()) {
      const what = `after ${cut} events, ${variant}`;
      const [crashed] = images as [PageImage];
      const seen = await tagsOf(crashed, ...below);
      model.check(seen, cut, what);
      const parts = await readParts(new PageStorage(crashed), never);
      assert.equal(parts.footers.tail?.sound, true, `${what}: the footer is at the end`);
      if (states++ % 5 !== 0) continue;
      const again = new PageStorage(crashed.clone());
      const next = await VhdEditor.open(again, never);
      await next.write(3 * BLOCK - 512, tagged(99, 1024), never);
      await next.close();
      seen.fill(99, (3 * BLOCK - 512) / 512, (3 * BLOCK + 512) / 512);
      assert.deepEqual(await tagsOf(again.image, ...below), seen, what);
    }
    assert.ok(states > 50, `${states} states`);
    assert.deepEqual(await tagsOf(image, ...below), model.final);
  });
}

test('a merge that is cut anywhere leaves the pair as it was, and completes when it runs again', async () => {
  const parent = await empty({});
  const first = await VhdEditor.open(new PageStorage(parent), never);
  await first.write(BLOCK, tagged(PARENT_TAG, BLOCK), never);
  await first.close();
  const child = await empty({ subformat: 'differencing', parent: await linkTo(parent) });
  const editor = await VhdEditor.open(new PageStorage(child), never);
  await editor.write(BLOCK - 512, tagged(20, 1536), never);
  await editor.zero(BLOCK + 4096, 512, never);
  await editor.write(3 * BLOCK, tagged(21, BLOCK + 512), never);
  await editor.close();
  const wanted = await tagsOf(child, parent);
  const recorder = new CrashRecorder();
  const storages = [recorder.storage(child), recorder.storage(parent)] as const;
  const { copied } = await mergeVhd(...storages, noProgress, never);
  assert.equal(copied, 1536 + 512 + BLOCK + 512);
  assert.deepEqual(await tagsOf(parent), wanted);
  for (const { cut, variant, images } of recorder.crashes()) {
    const what = `after ${cut} events, ${variant}`;
    const [top, base] = images as [PageImage, PageImage];
    assert.deepEqual(await tagsOf(top, base), wanted, what);
    if (variant !== 'some sectors of each') continue;
    await mergeVhd(new PageStorage(top), new PageStorage(base), noProgress, never);
    assert.deepEqual(await tagsOf(base), wanted, what);
  }
});

test('a link to another parent is the old or the new one after a crash at any write', async () => {
  const parent = await filled(await empty({}), PARENT_TAG);
  const child = await empty({ subformat: 'differencing', parent: await linkTo(parent) });
  const editor = await VhdEditor.open(new PageStorage(child), never);
  await editor.write(BLOCK, tagged(30, 4096), never);
  await editor.close();
  const wanted = await tagsOf(child, parent);
  const old = (await open(new PageStorage(child.clone()))).parent;
  const to = { ...(await linkTo(parent, 'other.vhd')), identity: newGuid() };
  const recorder = new CrashRecorder();
  await relinkVhd(recorder.storage(child), to, never);
  const after = await open(new PageStorage(child.clone()));
  assert.equal(after.parent?.relativePath, '.\\other.vhd');
  const fits = (image: VhdImage, identity: string | undefined): boolean =>
    image.parent?.mismatch({ name: 'p', format: 'vhd', identity }) === undefined;
  const before = (await linkTo(parent)).identity;
  let [olds, news] = [0, 0];
  for (const { cut, variant, images } of recorder.crashes()) {
    const what = `after ${cut} events, ${variant}`;
    const [crashed] = images as [PageImage];
    assert.deepEqual(await tagsOf(crashed, parent), wanted, what);
    const image = await open(new PageStorage(crashed));
    const isNew = image.parent?.relativePath === '.\\other.vhd';
    assert.equal(isNew || image.parent?.relativePath === old?.relativePath, true, what);
    assert.equal(fits(image, isNew ? to.identity : before), true, what);
    if (isNew) news++;
    else olds++;
  }
  assert.ok(olds > 0 && news > 0);
  const { defects } = await readParts(new PageStorage(child), never);
  assert.deepEqual(
    defects.filter(({ severity }) => severity !== 'info'),
    [],
  );
});

test('random writes and zeros of a chain follow a flat model', async () => {
  const seed = Number(process.env['REFPOINT_SEED'] ?? 20261130);
  const random = generator(seed);
  const pick = (below: number): number => Math.floor(random() * below);
  const sectors = SIZE / 512;
  const model = new Uint32Array(sectors).fill(PARENT_TAG);
  let stack = [await filled(await empty({ subformat: 'fixed' }), PARENT_TAG)];
  for (let step = 1; step <= 400; step++) {
    const [top] = stack as [PageImage];
    if (step % 40 === 0) {
      stack = [await empty({ subformat: 'differencing', parent: await linkTo(top) }), ...stack];
    } else if (step % 100 === 99 && stack.length > 1) {
      const [child, parent, ...rest] = stack as [PageImage, PageImage];
      await mergeVhd(new PageStorage(child), new PageStorage(parent), noProgress, never);
      stack = [parent, ...rest];
    } else {
      const start = pick(sectors);
      const count = 1 + pick(Math.min(sectors - start, pick(4) === 0 ? 3000 : 20));
      const tag = pick(3) === 0 ? 0 : step;
      const editor = await VhdEditor.open(new PageStorage(top), never);
      if (tag === 0) await editor.zero(start * 512, count * 512, never);
      else await editor.write(start * 512, tagged(tag, count * 512), never);
      await editor.close();
      model.fill(tag, start, start + count);
    }
    if (step % 20 === 0) assert.deepEqual(await tagsOf(...stack), model, `seed ${seed}, ${step}`);
  }
  assert.ok(stack.length > 2);
});
