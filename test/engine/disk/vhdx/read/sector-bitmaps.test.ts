import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import type { Range } from '../../../../../src/engine/base/range.ts';
import { VhdxEditor } from '../../../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import { VhdxImage } from '../../../../../src/engine/disk/vhdx/read/vhdx-image.ts';
import { MIB } from '../../../../../src/engine/disk/vhdx/structures/layout.ts';
import { createVhdx } from '../../../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import type { ByteSource } from '../../../../../src/engine/source/byte-source.ts';
import { PageStorage } from '../../../../support/files/page-storage.ts';

const SIZE = 4096 * MIB;
const BLOCKS = 150;
/** Blocks apart: some bitmaps lie in the piece of the one before. */
const STEP = 11;

/** A child with some sectors in each of many blocks, in another place in each. */
async function scattered(): Promise<{ storage: PageStorage; written: readonly Range[] }> {
  const base = new PageStorage();
  await createVhdx(base, { size: SIZE, blockSize: MIB }, never);
  const { header } = await VhdxImage.open(base, never);
  const storage = new PageStorage();
  const parent = { linkage: header.dataWriteGuid, relativePath: '.\\p.vhdx' };
  await createVhdx(storage, { size: SIZE, blockSize: MIB, parent }, never);
  const editor = await VhdxEditor.open(storage, never);
  const written: Range[] = [];
  for (let i = 0; i < BLOCKS; i++) {
    const start = i * STEP * MIB + ((i * 7) % 1000) * 512;
    const end = start + (1 + (i % 20)) * 512;
    await editor.write(start, new Uint8Array(end - start).fill(1), never);
    written.push({ start, end });
  }
  await editor.close();
  return { storage, written };
}

/** A file of which reads at once succeed as told. */
function source(storage: PageStorage, answers: () => boolean): ByteSource & { atOnce: number } {
  const file = {
    name: storage.name,
    size: storage.size,
    atOnce: 0,
    read: storage.read.bind(storage),
    readNow: (offset: number, into: Uint8Array): boolean => {
      if (!answers()) return false;
      file.atOnce++;
      storage.image.read(offset, into);
      return true;
    },
    close: () => storage.close(),
  };
  return file;
}

let turn = 0;
const ANSWERS: readonly (readonly [string, () => boolean])[] = [
  ['always', () => true],
  ['never', () => false],
  ['mostly', () => turn++ % 3 > 0],
];
for (const [often, answers] of ANSWERS) {
  test(`sector bitmaps are right whether the file ${often} answers at once, also without what is the parent's`, async () => {
    const { storage, written } = await scattered();
    const file = source(storage, answers);
    const image = await VhdxImage.open(file, never);
    for (const way of ['extentsIn', 'surveyedIn'] as const) {
      for (const own of [false, true]) {
        const data: Range[] = [];
        let [count, covered] = [0, 0];
        for await (const batch of image[way]([{ start: 0, end: SIZE }], never, own)) {
          for (const { start, end, kind } of batch) {
            if (kind === 'data') data.push({ start, end });
            else assert.equal(kind, 'transparent');
            [count, covered] = [count + 1, covered + end - start];
          }
        }
        assert.deepEqual(data, written);
        assert.equal(covered, own ? BLOCKS * MIB : SIZE);
        assert.ok(count >= BLOCKS);
      }
    }
    assert.equal(file.atOnce > BLOCKS, often !== 'never', `${file.atOnce} reads at once`);
  });
}
