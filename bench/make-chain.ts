/** A chain of images for benchmarks: a full of 1 TiB, and increments with changes of 64 KiB each in places that are the same in every run. */
import { join } from 'node:path';
import { never } from '../src/engine/base/abort.ts';
import { VhdxWriter } from '../src/engine/disk/vhdx/write/vhdx-writer.ts';
import { createFilePart } from '../src/engine/source/files/file-part.ts';
import { MIB, random } from './measure.ts';

const SIZE = 2 ** 40;
const CHANGE = 64 * 1024;

/** Makes `depth` images with `changes` changes each; returns the name of the last child. */
export async function makeChain(dir: string, depth: number, changes: number): Promise<string> {
  const next = random(depth);
  let parent: { linkage: VhdxWriter['dataWriteGuid']; relativePath: string } | undefined;
  for (let i = 0; i < depth; i++) {
    const part = await createFilePart(join(dir, `${i}.vhdx`), {}, never);
    const image = { size: SIZE, blockSize: 2 * MIB };
    const writer = new VhdxWriter(part, parent === undefined ? image : { ...image, parent });
    const bytes = Buffer.alloc(CHANGE, 1);
    const places = new Set<number>();
    while (places.size < changes) places.add(Math.floor(next() * (SIZE / CHANGE)));
    for (const place of places) await writer.write(place * CHANGE, bytes, never);
    const { dataWriteGuid } = await writer.complete(never);
    parent = { linkage: dataWriteGuid, relativePath: `.\\${i}.vhdx` };
  }
  return `${depth - 1}.vhdx`;
}
