import assert from 'node:assert/strict';
import { never } from '../../../src/engine/base/abort.ts';
import type { DiskImage } from '../../../src/engine/disk/image/image.ts';
import { VhdxImage } from '../../../src/engine/disk/vhdx/read/vhdx-image.ts';
import type { ByteSource } from '../../../src/engine/source/byte-source.ts';

const SECTOR = 512;

/** Sectors filled with one number each, so that a test can tell which write a sector came from. */
export function tagged(tag: number, bytes: number): Uint8Array {
  const out = new Uint8Array(bytes);
  new Uint32Array(out.buffer).fill(tag);
  return out;
}

type Open = (layer: ByteSource) => Promise<DiskImage>;

/**
 * Reads a chain of layers (top first), VHDX unless `open` says otherwise, with the engine's reader and
 * returns the tag of each sector. Fails at a sector that holds two.
 */
export async function readTags(
  layers: readonly ByteSource[],
  open: Open = (layer) => VhdxImage.open(layer, never),
): Promise<Uint32Array> {
  const images: DiskImage[] = [];
  for (const layer of layers) images.push(await open(layer));
  const top = images[0];
  assert.ok(top !== undefined);
  const tags = new Uint32Array(top.size / SECTOR);
  const known = new Uint8Array(tags.length);
  let size = top.size;
  for (const image of images) {
    // What a layer does not have is zero, whatever lies below it.
    size = Math.min(size, image.size);
    for await (const batch of image.extentsIn([{ start: 0, end: size }], never)) {
      for (const extent of batch) {
        if (extent.kind === 'transparent') continue;
        const bytes = new Uint8Array(extent.end - extent.start);
        if (extent.kind === 'data') await image.readData(extent.start, extent.offset, bytes, never);
        lay(tags, known, extent.start, bytes);
      }
    }
    known.fill(1, size / SECTOR);
  }
  return tags;
}

function lay(tags: Uint32Array, known: Uint8Array, start: number, bytes: Uint8Array): void {
  const words = new Uint32Array(bytes.buffer);
  for (let i = 0; i < words.length; i += SECTOR / 4) {
    const sector = start / SECTOR + i / (SECTOR / 4);
    if (known[sector] === 1) continue;
    known[sector] = 1;
    const tag = words[i] as number;
    for (let k = 1; k < SECTOR / 4; k++) {
      if (words[i + k] !== tag) assert.fail(`sector ${sector} holds ${tag} and ${words[i + k]}`);
    }
    tags[sector] = tag;
  }
}

interface Change {
  readonly start: number;
  readonly end: number;
  readonly tag: number;
  readonly from: number;
}

/** What a disk must hold after a crash: everything flushed; anything else old or new, sector by sector. */
export class CrashModel {
  #base: Uint32Array;
  readonly #steps: (Change | { readonly flushedAt: number })[] = [];

  constructor(initial: Uint32Array) {
    this.#base = initial.slice();
  }

  /** A change of sectors that began when `from` events were recorded. */
  change(offset: number, length: number, tag: number, from: number): void {
    this.#steps.push({ start: offset / SECTOR, end: (offset + length) / SECTOR, tag, from });
  }

  /** A flush that had returned when `at` events were recorded. */
  flushed(at: number): void {
    this.#steps.push({ flushedAt: at });
  }

  /** Fails unless `tags` are a possible content after a crash at `cut`. */
  check(tags: Uint32Array, cut: number, what: string): void {
    const durable = this.#base.slice();
    let open: Change[] = [];
    for (const step of this.#steps) {
      if ('tag' in step) {
        if (step.from <= cut) open.push(step);
      } else if (step.flushedAt <= cut) {
        for (const { start, end, tag } of open) durable.fill(tag, start, end);
        open = [];
      }
    }
    for (let i = 0; i < tags.length; i++) {
      if (tags[i] === durable[i]) continue;
      if (open.some((c) => c.start <= i && i < c.end && c.tag === tags[i])) continue;
      assert.fail(`${what}: sector ${i} holds ${tags[i]}, flushed was ${durable[i]}`);
    }
  }

  /** The content when all has been done. */
  get final(): Uint32Array {
    const all = this.#base.slice();
    for (const step of this.#steps) if ('tag' in step) all.fill(step.tag, step.start, step.end);
    return all;
  }
}
