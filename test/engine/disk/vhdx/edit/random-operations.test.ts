import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../../src/engine/base/progress.ts';
import { mergeVhdx } from '../../../../../src/engine/disk/vhdx/edit/merge-vhdx.ts';
import { relinkVhdx } from '../../../../../src/engine/disk/vhdx/edit/parent-link.ts';
import { VhdxEditor } from '../../../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import { VhdxImage } from '../../../../../src/engine/disk/vhdx/read/vhdx-image.ts';
import { MIB } from '../../../../../src/engine/disk/vhdx/structures/layout.ts';
import { createVhdx } from '../../../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import { readTags, tagged } from '../../../../support/disk/tagged-disk.ts';
import { generator } from '../../../../support/files/crash-recorder.ts';
import { PageStorage } from '../../../../support/files/page-storage.ts';
import { SEED as USUAL_SEED } from '../../../../support/process/all-cases.ts';

const SIZE = 4 * MIB;
/** Millions in a run of hours: REFPOINT_MODEL_OPERATIONS=5000000. */
const OPERATIONS = Number(process.env['REFPOINT_MODEL_OPERATIONS'] ?? 1500);
/** Ends the run after this time, whatever is left of it. */
const SECONDS = Number(process.env['REFPOINT_MODEL_SECONDS'] ?? Infinity);
const SEED = Number(process.env['REFPOINT_MODEL_SEED'] ?? USUAL_SEED);
/** The whole chain is read and compared with the model after this many operations. */
const CHECK_EVERY = 60;

/** A chain of images, the base first, and a flat disk that must always read the same. */
class ChainAndModel {
  readonly #random = generator(SEED);
  readonly #model = new Uint32Array(SIZE / 512);
  #layers: PageStorage[] = [];
  #editor: VhdxEditor | undefined;
  #tag = 0;
  readonly done = new Map<string, number>();

  async step(): Promise<void> {
    const dice = this.#random();
    const deep = this.#layers.length;
    if (deep === 0 || (dice < 0.03 && deep < 6)) await this.#count('layer', this.#addLayer());
    else if (dice < 0.06 && deep > 1) await this.#count('merge', this.#merge());
    else if (dice < 0.09 && deep > 1) await this.#count('rebase', this.#rebase());
    else if (dice < 0.14) await this.#count('reopen', this.#close());
    else if (dice < 0.35) await this.#count('zero', this.#change(0));
    else if (dice < 0.4) await this.#count('flush', (await this.#open()).flush(never));
    else await this.#count('write', this.#change(++this.#tag));
  }

  async check(what: string): Promise<void> {
    await this.#close();
    assert.deepEqual(await readTags([...this.#layers].reverse()), this.#model, what);
  }

  async #count(name: string, work: Promise<void>): Promise<void> {
    await work;
    this.done.set(name, (this.done.get(name) ?? 0) + 1);
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  async #open(): Promise<VhdxEditor> {
    this.#editor ??= await VhdxEditor.open(this.#layers.at(-1) as PageStorage, never);
    return this.#editor;
  }

  async #close(): Promise<void> {
    await this.#editor?.close();
    this.#editor = undefined;
  }

  async #change(tag: number): Promise<void> {
    // Whole blocks now and then: a trim frees them.
    const whole = this.#random() < 0.2;
    const unit = whole ? MIB : 512;
    const offset = this.#below(SIZE / unit) * unit;
    const length = Math.min((1 + this.#below(whole ? 2 : 40)) * unit, SIZE - offset);
    const editor = await this.#open();
    if (tag === 0) await editor.zero(offset, length, never);
    else await editor.write(offset, tagged(tag, length), never);
    this.#model.fill(tag, offset / 512, (offset + length) / 512);
  }

  async #addLayer(): Promise<void> {
    await this.#close();
    const below = this.#layers.at(-1);
    const storage = new PageStorage();
    const image = { size: SIZE, blockSize: MIB * 2 ** this.#below(3) };
    if (below === undefined) await createVhdx(storage, image, never);
    else {
      const { header } = await VhdxImage.open(below, never);
      const parent = { linkage: header.dataWriteGuid, relativePath: '.\\below.vhdx' };
      await createVhdx(storage, { ...image, parent }, never);
    }
    this.#layers.push(storage);
  }

  async #merge(): Promise<void> {
    await this.#close();
    const at = this.#below(this.#layers.length - 1);
    const [parent, child, grandchild] = this.#layers.slice(at, at + 3);
    assert.ok(parent !== undefined && child !== undefined);
    const { dataWriteGuid } = await mergeVhdx(child, parent, noProgress, never);
    this.#layers.splice(at + 1, 1);
    if (grandchild === undefined) return;
    await relinkVhdx(grandchild, { linkage: dataWriteGuid, relativePath: '.\\x.vhdx' }, never);
  }

  /** Renames the parent of a layer: a path of any length. */
  async #rebase(): Promise<void> {
    await this.#close();
    const at = 1 + this.#below(this.#layers.length - 1);
    const { header } = await VhdxImage.open(this.#layers[at - 1] as PageStorage, never);
    const relativePath = `.\\${'n'.repeat(1 + this.#below(200))}.vhdx`;
    const locator = { linkage: header.dataWriteGuid, relativePath };
    await relinkVhdx(this.#layers[at] as PageStorage, locator, never);
  }
}

test(`random operations on a chain read as a flat model (REFPOINT_MODEL_SEED=${SEED})`, async (t) => {
  const chain = new ChainAndModel();
  const end = performance.now() + SECONDS * 1000;
  let more = true;
  for (let n = 1; more; n++) {
    await chain.step();
    more = n < OPERATIONS && performance.now() < end;
    if (n % CHECK_EVERY === 0 || !more) await chain.check(`seed ${SEED}, operation ${n}`);
  }
  t.diagnostic([...chain.done].map(([name, count]) => `${count} ${name}`).join(', '));
  assert.equal(chain.done.size, 7);
});
