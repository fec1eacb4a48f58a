import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../../support/checks/properties.ts';
import { HASHES_V1, HASHES_V2 } from '../../../../src/engine/backup/hashes/hash-format.ts';
import type { PointVerdict } from '../../../../src/engine/backup/verify/verdict.ts';
import { verifyPoints } from '../../../../src/engine/backup/verify/verify.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { MemoryStore } from '../../../support/store/memory-store.ts';
import { SAMPLE_VM } from '../../../support/store/sample-manifest.ts';
import { StoredChain } from '../../../support/backup/stored-chain.ts';

const write = fc.record({
  sector: fc.nat({ max: 9000 }),
  sectors: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 100, max: 3000 })),
  fill: fc.oneof(fc.constant(0), fc.nat(200)),
});
const step = fc.record({
  kind: fc.constantFrom('incr', 'incr', 'incr', 'full'),
  blockSize: fc.constantFrom(MIB, 2 * MIB),
  copy: fc.boolean(),
  writes: fc.array(write, { maxLength: 5 }),
});
const damage = fc.record({
  point: fc.nat(),
  what: fc.constantFrom('flip', 'flip', 'cut', 'gone', 'another point’s'),
  at: fc.nat(),
});

for (const format of [HASHES_V1, HASHES_V2]) {
  test(`whatever hash files are damaged, images that are whole give them back (version ${format.version})`, async () => {
    let rebuilt = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1100 }),
        fc.array(step, { minLength: 2, maxLength: 5 }),
        fc.array(damage, { minLength: 1, maxLength: 4 }),
        async (size, steps, damages) => {
          const store = new MemoryStore();
          const chain = new StoredChain(store, { size: size * 4096, sector: 512, format });
          for (const each of steps) await chain.add(each);
          const files = chain.points.map((_, i) => chain.path(i, 'hashes'));
          const good = files.map((file) => store.files.get(file)?.slice());
          for (const { point, what, at } of damages) {
            const file = files[point % files.length] as string;
            const bytes = store.files.get(file)?.slice() ?? new Uint8Array(1);
            bytes[at % bytes.length] = (bytes[at % bytes.length] as number) ^ 4;
            const other = store.files.get(files[(point + 1) % files.length] as string);
            await store.remove(file, never);
            if (what === 'flip') await store.replaceFile(file, bytes, never);
            if (what === 'cut') {
              await store.replaceFile(file, bytes.slice(0, at % bytes.length), never);
            }
            if (what === 'another point’s' && other !== undefined) {
              await store.replaceFile(file, other, never);
            }
          }
          const verify = (repairHashes: boolean): Promise<readonly PointVerdict[]> =>
            verifyPoints(
              store,
              SAMPLE_VM,
              { point: undefined, quick: false, repairHashes },
              noProgress,
              never,
            );
          const damaged = files.flatMap((file, i) => {
            const found = store.files.get(file);
            const same = found !== undefined && Buffer.compare(found, good[i] ?? found) === 0;
            return same ? [] : [i];
          });
          // Another point's file may have the same bytes.
          const named = (await verify(false)).flatMap(({ ok }, i) => (ok ? [] : [i]));
          assert.deepEqual(named, damaged);
          const repaired = await verify(true);
          for (const [i, { ok, findings }] of repaired.entries()) {
            assert.ok(ok, JSON.stringify(repaired));
            const codes = findings.map(({ code }) => code);
            assert.deepEqual(codes, damaged.includes(i) ? ['hashes.rebuilt'] : []);
          }
          rebuilt += damaged.length;
          for (const { ok, findings } of await verify(false)) {
            assert.deepEqual([ok, findings], [true, []]);
          }
        },
      ),
      { numRuns: 8 },
    );
    assert.ok(rebuilt > 5, `${rebuilt} were rebuilt`);
  });
}
