import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import { newGuid, NIL_GUID } from '../../../../../src/engine/base/guid.ts';
import { NOT_PRESENT } from '../../../../../src/engine/disk/vhdx/structures/bat-entry.ts';
import { writeBlock } from '../../../../../src/engine/disk/vhdx/edit/block-edit.ts';
import { createVhdx } from '../../../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import { EditSession } from '../../../../../src/engine/disk/vhdx/edit/edit-session.ts';
import type { NewImage } from '../../../../../src/engine/disk/vhdx/structures/image/image-head.ts';
import { MIB } from '../../../../../src/engine/disk/vhdx/structures/layout.ts';
import { readHead } from '../../../../../src/engine/disk/vhdx/read/read-structures.ts';
import { VhdxEditor } from '../../../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import { VhdxImage } from '../../../../../src/engine/disk/vhdx/read/vhdx-image.ts';
import { CrashRecorder } from '../../../../support/files/crash-recorder.ts';
import { PageImage, PageStorage } from '../../../../support/files/page-storage.ts';
import { CrashModel, readTags, tagged } from '../../../../support/disk/tagged-disk.ts';

const SIZE = 5 * MIB + 512 * 6;
const PARENT_TAG = 7;

type Step =
  | { readonly write: number; readonly length: number; readonly tag: number }
  | { readonly zero: number; readonly length: number }
  | 'flush';

async function newImage(image: NewImage): Promise<PageImage> {
  const storage = new PageStorage();
  await createVhdx(storage, image, never);
  return storage.image;
}

/** A parent whose every sector holds PARENT_TAG. */
async function fullParent(): Promise<{ image: PageImage; linkage: NewImage['diskId'] }> {
  const image = await newImage({ size: SIZE, blockSize: MIB });
  const editor = await VhdxEditor.open(new PageStorage(image), never);
  await editor.write(0, tagged(PARENT_TAG, SIZE), never);
  await editor.close();
  return { image, linkage: editor.dataWriteGuid };
}

async function run(
  recorder: CrashRecorder,
  storage: PageStorage,
  model: CrashModel,
  steps: readonly Step[],
): Promise<void> {
  const editor = await VhdxEditor.open(storage, never);
  for (const step of steps) {
    const from = recorder.position;
    if (step === 'flush') {
      await editor.flush(never);
      model.flushed(recorder.position);
    } else if ('write' in step) {
      model.change(step.write, step.length, step.tag, from);
      await editor.write(step.write, tagged(step.tag, step.length), never);
    } else {
      model.change(step.zero, step.length, 0, from);
      await editor.zero(step.zero, step.length, never);
    }
  }
  await editor.close();
  model.flushed(recorder.position);
}

/** Cuts everywhere; returns how many states were looked at. */
async function cutEverywhere(
  recorder: CrashRecorder,
  model: CrashModel,
  below: readonly PageImage[],
): Promise<number> {
  let states = 0;
  // Half of the states have contents that another state has, too: what such a file shows is read once, and checked against each cut.
  const read = new Map<string, Uint32Array>();
  for (const { cut, variant, images } of recorder.crashes()) {
    const what = `after ${cut} events, ${variant}`;
    const image = images[0] as PageImage;
    const layers = (top: PageImage): PageStorage[] =>
      [top, ...below].map((layer) => new PageStorage(layer.clone()));
    const content = image.fingerprint();
    const seen = read.get(content) ?? (await readTags(layers(image)));
    read.set(content, seen);
    model.check(seen, cut, what);
    if (states % 7 === 0) await continueAfterCrash(image, seen, layers, what);
    states++;
  }
  return states;
}

/** The file is opened for writing, its log applied; nothing changes but what is written next. */
async function continueAfterCrash(
  image: PageImage,
  seen: Uint32Array,
  layers: (top: PageImage) => PageStorage[],
  what: string,
): Promise<void> {
  const storage = new PageStorage(image.clone());
  const editor = await VhdxEditor.open(storage, never);
  await editor.write(3 * MIB - 1024, tagged(99, 2048), never);
  await editor.close();
  const wanted = seen.slice();
  wanted.fill(99, (3 * MIB - 1024) / 512, (3 * MIB + 1024) / 512);
  assert.deepEqual(await readTags(layers(storage.image)), wanted, what);
  const { current } = await readHead(storage, never);
  assert.equal(current.header.logGuid, NIL_GUID, what);
}

const STEPS: readonly Step[] = [
  { write: 0, length: 1024, tag: 10 },
  { write: MIB - 512, length: 1024, tag: 11 },
  'flush',
  { write: 512, length: 4096, tag: 12 },
  { write: 2 * MIB, length: MIB, tag: 13 },
  { write: 2 * MIB + 512, length: 512, tag: 14 },
  'flush',
  { zero: 2 * MIB, length: MIB },
  { zero: 512, length: 1024 },
  'flush',
  // The space that was given back is used again, by another block.
  { write: 4 * MIB + 1024, length: 2048, tag: 15 },
  { write: 2 * MIB + 8192, length: 512, tag: 16 },
  { zero: 4 * MIB, length: 2048 },
  'flush',
  { write: 5 * MIB, length: 512 * 6, tag: 17 },
  { zero: 0, length: 3 * MIB },
  { write: MIB, length: 3 * MIB, tag: 18 },
  'flush',
];

test('a dynamic image survives a loss of power after every write of the editor', async () => {
  const recorder = new CrashRecorder();
  const storage = recorder.storage(await newImage({ size: SIZE, blockSize: MIB }));
  const model = new CrashModel(new Uint32Array(SIZE / 512));
  await run(recorder, storage, model, STEPS);
  assert.deepEqual(await readTags([storage]), model.final);
  assert.ok((await cutEverywhere(recorder, model, [])) > 200);
});

test('a differencing image survives a loss of power after every write, and never shows the parent wrongly', async () => {
  const { image: parent, linkage } = await fullParent();
  assert.ok(linkage !== undefined);
  const child = await newImage({
    size: SIZE,
    blockSize: MIB,
    parent: { linkage, relativePath: '.\\parent.vhdx' },
  });
  const recorder = new CrashRecorder();
  const storage = recorder.storage(child);
  const model = new CrashModel(new Uint32Array(SIZE / 512).fill(PARENT_TAG));
  await run(recorder, storage, model, STEPS);
  assert.deepEqual(await readTags([storage, new PageStorage(parent)]), model.final);
  assert.ok((await cutEverywhere(recorder, model, [parent])) > 200);
});

test('a crash while a dirty log is being applied leaves it to be applied again', async () => {
  const first = new CrashRecorder();
  const storage = first.storage(await newImage({ size: SIZE, blockSize: MIB }));
  const model = new CrashModel(new Uint32Array(SIZE / 512));
  const editor = await VhdxEditor.open(storage, never);
  await editor.write(0, tagged(21, 3 * MIB), never);
  await editor.flush(never);
  // Not closed: the log stays. The pages written in place are taken away again: only the log has them.
  const dirty = [...first.crashes()].findLast((crash) => crash.variant === 'none');
  assert.ok(dirty !== undefined);
  const before = await readTags([new PageStorage((dirty.images[0] as PageImage).clone())]);
  assert.equal(before[0], 21);
  const second = new CrashRecorder();
  await VhdxEditor.open(second.storage((dirty.images[0] as PageImage).clone()), never);
  assert.ok(second.position > 5);
  for (const { cut, variant, images } of second.crashes()) {
    const tags = await readTags([new PageStorage(images[0])]);
    assert.deepEqual(tags, before, `after ${cut} events, ${variant}`);
  }
  model.flushed(0);
});

test('an image that was opened and closed without a change is the same file', async () => {
  const recorder = new CrashRecorder();
  const storage = recorder.storage(await newImage({ size: SIZE, diskId: newGuid() }));
  const editor = await VhdxEditor.open(storage, never);
  await editor.flush(never);
  await editor.close();
  assert.equal(recorder.position, 0);
});

test('the log goes round its ring without losing the entry that is active', async () => {
  const recorder = new CrashRecorder();
  const storage = recorder.storage(await newImage({ size: SIZE, blockSize: MIB }));
  const model = new CrashModel(new Uint32Array(SIZE / 512));
  // One page each: an entry of 8 KiB; the ring of 1 MiB is full after 127 of them.
  const turn = (i: number): readonly Step[] => [
    i % 2 === 0 ? { write: 0, length: MIB, tag: i + 1 } : { zero: 0, length: MIB },
    'flush',
  ];
  const steps = Array.from({ length: 132 }, (_, i) => turn(i)).flat();
  await run(recorder, storage, model, steps);
  let states = 0;
  for (const { cut, variant, images } of recorder.crashes(recorder.position - 40)) {
    const tags = await readTags([new PageStorage(images[0])]);
    model.check(tags, cut, `after ${cut} events, ${variant}`);
    states++;
  }
  const log = recorder.eventsOf(0).filter((e) => e.kind === 'write' && e.offset === MIB);
  assert.ok(log.length > 1, 'the ring did not come round');
  assert.ok(states > 40);
});

test('each header is durable before the other is written', async () => {
  const recorder = new CrashRecorder();
  const storage = recorder.storage(await newImage({ size: SIZE, blockSize: MIB }));
  await run(recorder, storage, new CrashModel(new Uint32Array(SIZE / 512)), STEPS);
  const events = recorder.eventsOf(0);
  const headers = events.flatMap((e, i) => (e.kind === 'write' && e.offset < 0x30000 ? [i] : []));
  assert.ok(headers.length >= 6);
  for (const i of headers) assert.equal(events[i + 1]?.kind, 'flush');
  const slots = headers.map((i) => (events[i] as { offset: number }).offset);
  assert.deepEqual(
    slots,
    slots.map((_, i) => ((slots[0] === 0x10000) === (i % 2 === 0) ? 0x10000 : 0x20000)),
  );
});

test('bits left over in a sector bitmap do not count when a block is used again', async () => {
  const { image: parent, linkage } = await fullParent();
  assert.ok(linkage !== undefined);
  const child = new PageStorage(
    await newImage({ size: SIZE, blockSize: MIB, parent: { linkage, relativePath: '.\\p.vhdx' } }),
  );
  const session = await EditSession.open(child, never);
  await writeBlock(session, { block: 1, within: 0, length: 4096 }, tagged(30, 4096));
  // As a writer may leave it that releases a block without touching its bitmap.
  await session.setEntry(1, NOT_PRESENT, 0);
  await session.close();
  const editor = await VhdxEditor.open(child, never);
  await editor.write(MIB + 8192, tagged(31, 512), never);
  await editor.close();
  const tags = await readTags([child, new PageStorage(parent)]);
  const wanted = new Uint32Array(SIZE / 512).fill(PARENT_TAG);
  wanted[(MIB + 8192) / 512] = 31;
  assert.deepEqual(tags, wanted);
});

test('many changed pages are cut into entries that leave the one before intact', async () => {
  const stride = 512 * MIB;
  const count = 200;
  const recorder = new CrashRecorder();
  // Each write changes another page of the BAT.
  const size = stride * count;
  const storage = recorder.storage(await newImage({ size, blockSize: MIB }));
  const editor = await VhdxEditor.open(storage, never);
  const cuts: number[] = [];
  for (const tag of [1, 2]) {
    for (let i = 0; i < count; i++) {
      await editor.write(i * stride + tag * MIB, tagged(tag, 512), never);
    }
    cuts.push(recorder.position);
    await editor.flush(never);
  }
  const present = async (image: PageImage, offset: number): Promise<boolean> => {
    const disk = await VhdxImage.open(new PageStorage(image), never);
    const [extent] = await disk.extentsOf({ start: offset, end: offset + 512 }, never);
    return extent?.kind === 'data';
  };
  const [, from = 0] = cuts;
  let states = 0;
  for (const { cut, variant, images } of recorder.crashes(from)) {
    if (cut > from + 20) break;
    const what = `after ${cut} events, ${variant}`;
    assert.ok(await present(images[0] as PageImage, MIB), what);
    assert.ok(await present(images[0] as PageImage, (count - 1) * stride + MIB), what);
    states++;
  }
  assert.ok(states > 50);
  await editor.close();
  assert.ok(await present(storage.image, (count - 1) * stride + 2 * MIB));
});

test('after the storage failed the editor writes no more, and reopening finds what was flushed', async () => {
  const image = await newImage({ size: SIZE, blockSize: MIB });
  let left = Number.POSITIVE_INFINITY;
  class Failing extends PageStorage {
    override async write(offset: number, bytes: Uint8Array): Promise<void> {
      if (left-- <= 0) throw new Error('the disk is gone');
      return super.write(offset, bytes);
    }
  }
  const storage = new Failing(image);
  const editor = await VhdxEditor.open(storage, never);
  await editor.write(0, tagged(1, 4096), never);
  await editor.flush(never);
  left = 1;
  await assert.rejects(editor.write(0, tagged(2, 3 * MIB), never), /gone/);
  left = Number.POSITIVE_INFINITY;
  const failed = (error: unknown): boolean => isEngineError(error, 'vhdx.write.failed');
  await assert.rejects(editor.write(MIB, tagged(3, 512), never), failed);
  await assert.rejects(editor.flush(never), failed);
  await editor.close();
  const tags = await readTags([new PageStorage(image)]);
  assert.ok(tags[0] === 1 || tags[0] === 2);
  assert.equal(tags[MIB / 512], 0);
});

test('writes outside the disk or off the sectors are refused before anything is written', async () => {
  const recorder = new CrashRecorder();
  const storage = recorder.storage(await newImage({ size: SIZE }));
  const editor = await VhdxEditor.open(storage, never);
  const argument = (error: unknown): boolean => isEngineError(error, 'vhdx.write.argument');
  await assert.rejects(editor.write(100, new Uint8Array(512), never), argument);
  await assert.rejects(editor.write(0, new Uint8Array(100), never), argument);
  await assert.rejects(editor.write(SIZE, new Uint8Array(512), never), argument);
  await assert.rejects(editor.zero(-512, 512, never), argument);
  await assert.rejects(editor.resize(SIZE + 100, never), argument);
  await editor.flush(never);
  await editor.close();
  assert.equal(recorder.position, 0);
});
