import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc, { thinned } from '../../../../support/checks/properties.ts';
import { never } from '../../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../../src/engine/base/progress.ts';
import { createVhdx } from '../../../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import { MIB } from '../../../../../src/engine/disk/vhdx/structures/layout.ts';
import { mergeVhdx } from '../../../../../src/engine/disk/vhdx/edit/merge-vhdx.ts';
import { relinkVhdx } from '../../../../../src/engine/disk/vhdx/edit/parent-link.ts';
import { VhdxEditor } from '../../../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import { VhdxImage } from '../../../../../src/engine/disk/vhdx/read/vhdx-image.ts';
import { PageStorage } from '../../../../support/files/page-storage.ts';
import { readTags, tagged } from '../../../../support/disk/tagged-disk.ts';

const UNIT = 4096;
const SIZE = 6 * MIB;

/** What a lab does to a disk: guest writes and TRIM, checkpoints, merges of any two layers, growth. */
const operations = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constant('write' as const), fc.nat(), fc.nat(400)) },
    { weight: 3, arbitrary: fc.tuple(fc.constant('zero' as const), fc.nat(), fc.nat(800)) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('checkpoint' as const), fc.nat(2), fc.nat(0)) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('merge' as const), fc.nat(), fc.nat(0)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('resize' as const), fc.nat(2), fc.nat(600)) },
  ),
  { minLength: 4, maxLength: 24, size: 'max' },
);

class Chain {
  /** The base first. */
  layers: PageStorage[] = [];
  model: Uint32Array;
  readonly #sector: 512 | 4096;

  constructor(sector: 512 | 4096) {
    this.#sector = sector;
    this.model = new Uint32Array(SIZE / 512);
  }

  get size(): number {
    return this.model.length * 512;
  }

  async addLayer(blockSize: number): Promise<void> {
    const below = this.layers.at(-1);
    const storage = new PageStorage();
    const image = { size: this.size, blockSize, logicalSectorSize: this.#sector };
    if (below === undefined) {
      await createVhdx(storage, image, never);
    } else {
      const { header } = await VhdxImage.open(below, never);
      const parent = { linkage: header.dataWriteGuid, relativePath: '.\\below.vhdx' };
      await createVhdx(storage, { ...image, parent }, never);
    }
    this.layers.push(storage);
  }

  async edit(change: (editor: VhdxEditor) => Promise<void>): Promise<void> {
    const editor = await VhdxEditor.open(this.layers.at(-1) as PageStorage, never);
    await change(editor);
    await editor.close();
  }

  async merge(at: number): Promise<void> {
    const [parent, child, grandchild] = this.layers.slice(at, at + 3);
    assert.ok(parent !== undefined && child !== undefined);
    const { dataWriteGuid } = await mergeVhdx(child, parent, noProgress, never);
    this.layers.splice(at + 1, 1);
    if (grandchild === undefined) return;
    await relinkVhdx(grandchild, { linkage: dataWriteGuid, relativePath: '.\\x.vhdx' }, never);
  }

  /** Every child names the layer below it, and the chain reads as the model. */
  async check(what: string): Promise<void> {
    const images: VhdxImage[] = [];
    for (const layer of this.layers) images.push(await VhdxImage.open(layer, never));
    images.forEach((image, i) => {
      const below = images[i - 1];
      assert.equal(image.metadata.parent?.linkage, below?.header.dataWriteGuid, what);
    });
    assert.deepEqual(await readTags([...this.layers].reverse()), this.model, what);
  }
}

for (const sector of [512, 4096] as const) {
  test(`a chain with sectors of ${sector} reads as a flat model through writes, checkpoints, merges and growth`, async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(operations, async (list) => {
        const chain = new Chain(sector);
        await chain.addLayer(MIB);
        let tag = 0;
        for (const [kind, a, b] of list) {
          const offset = (a % (chain.size / UNIT)) * UNIT;
          const length = Math.min((b + 1) * UNIT, chain.size - offset);
          if (kind === 'write' || kind === 'zero') {
            const value = kind === 'zero' ? 0 : ++tag;
            chain.model.fill(value, offset / 512, (offset + length) / 512);
            await chain.edit((editor) =>
              kind === 'zero'
                ? editor.zero(offset, length, never)
                : editor.write(offset, tagged(value, length), never),
            );
          } else if (kind === 'checkpoint' && chain.layers.length < 6) {
            await chain.addLayer(MIB * 2 ** a);
          } else if (kind === 'merge' && chain.layers.length > 1) {
            await chain.merge(a % (chain.layers.length - 1));
          } else if (kind === 'resize') {
            const size = Math.max(MIB, chain.size + (a === 0 ? -b : b) * UNIT);
            const model = new Uint32Array(size / 512);
            model.set(chain.model.subarray(0, size / 512));
            chain.model = model;
            await chain.edit((editor) => editor.resize(size, never));
          }
          seen.set(kind, (seen.get(kind) ?? 0) + 1);
        }
        await chain.check(JSON.stringify(list));
      }),
      { numRuns: thinned(60) },
    );
    assert.equal(seen.size, 5);
  });
}
