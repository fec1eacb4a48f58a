import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import fc, { thinned } from '../../../support/checks/properties.ts';
import { diskRoot } from '../../../../src/engine/backup/hashes/disk-root.ts';
import { HASHES_V1, HASHES_V2 } from '../../../../src/engine/backup/hashes/hash-format.ts';
import { DirectoryStore } from '../../../../src/engine/backup/store/directory/directory-store.ts';
import type { Store } from '../../../../src/engine/backup/store/contract/store.ts';
import { openStoredImages } from '../../../../src/engine/backup/images/stored-disk.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { ChainDisk } from '../../../../src/engine/disk/chain/chain.ts';
import { RawImage } from '../../../../src/engine/disk/raw/raw-image.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { MemoryStorage } from '../../../support/files/memory-source.ts';
import { MemoryStore } from '../../../support/store/memory-store.ts';
import { naiveLeaves, naiveRoot } from '../../../support/store/naive-root.ts';
import {
  StoredChain,
  type ChainShape,
  type ChainStep,
} from '../../../support/backup/stored-chain.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const write = fc.record({
  sector: fc.nat({ max: 9000 }),
  sectors: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 100, max: 3000 })),
  fill: fc.oneof(fc.constant(0), fc.nat(200)),
});
const step = fc.record({
  kind: fc.constantFrom('incr', 'full'),
  blockSize: fc.constantFrom(MIB, 2 * MIB, 8 * MIB),
  copy: fc.boolean(),
  writes: fc.array(write, { maxLength: 5 }),
});

/** Makes the points and returns the root that the last one recorded, and the one that reading it gives. */
async function roots(store: Store, shape: ChainShape, steps: readonly ChainStep[]) {
  const chain = new StoredChain(store, shape);
  for (const each of steps) await chain.add(each);
  const last = chain.points.length - 1;
  const disk = await openStoredImages(store, chain.links(last), never);
  const read = await diskRoot(disk, shape.format, noProgress, never);
  await disk.close();
  const { manifest, contents } = chain.points[last] ?? {};
  return { recorded: manifest?.disks[0]?.hashRoot, read, contents: contents ?? new Uint8Array() };
}

for (const format of [HASHES_V1, HASHES_V2]) {
  test(`a root tells the contents and nothing of blocks, chain, sectors or store (version ${format.version})`, async (t) => {
    const folder = await temporaryFolder(t);
    let stores = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1100 }),
        fc.constantFrom(512, 4096),
        fc.array(step, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(MIB, 4 * MIB),
        async (size, sector, steps, blockSize) => {
          const shape = { size: size * 4096, sector, format };
          const chain = await roots(new MemoryStore(), shape, steps);
          const expected = naiveRoot(shape.size, naiveLeaves(chain.contents, format.unit), format);
          assert.deepEqual([chain.recorded, chain.read], [expected, expected]);
          // All changes in one full, with other blocks, in a folder.
          const path = join(folder, `${stores++}`);
          const store = await DirectoryStore.open(path, { create: true }, never);
          const writes = steps.flatMap((each) => each.writes);
          const whole = [{ kind: 'full', blockSize, copy: true, writes } as const];
          const full = await roots(store, shape, whole);
          assert.deepEqual([full.recorded, full.read], [expected, expected]);
          // Without any image.
          const raw = new ChainDisk([new RawImage(new MemoryStorage(chain.contents))]);
          assert.equal(await diskRoot(raw, format, noProgress, never), expected);
        },
      ),
      { numRuns: thinned(10) },
    );
  });
}
