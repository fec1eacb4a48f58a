import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HASHES_V1, HASHES_V2 } from '../../../../src/engine/backup/hashes/hash-format.ts';
import { formatManifest } from '../../../../src/engine/backup/manifest/manifest-json.ts';
import { restorePoint } from '../../../../src/engine/backup/restore/restore.ts';
import { verifyPoints } from '../../../../src/engine/backup/verify/verify.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { MemoryStore } from '../../../support/store/memory-store.ts';
import { SAMPLE_VM } from '../../../support/store/sample-manifest.ts';
import { StoredChain, type ModelPoint } from '../../../support/backup/stored-chain.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

for (const [format, other] of [
  [HASHES_V2, HASHES_V1],
  [HASHES_V1, HASHES_V2],
] as const) {
  test(`a record of units of ${other.unit} in a chain of units of ${format.unit} is damage to its point, which no restore would prove`, async (t) => {
    const store = new MemoryStore();
    const chain = new StoredChain(store, { size: 5 * MIB, sector: 512, format });
    for (const [i, kind] of (['full', 'incr', 'incr'] as const).entries()) {
      const writes = [{ sector: 2000 * i, sectors: 300, fill: i + 1 }];
      await chain.add({ kind, blockSize: MIB, copy: true, writes });
    }
    const { manifest } = chain.points[1] as ModelPoint;
    const disks = manifest.disks.map((disk) => ({ ...disk, hashUnit: other.unit }));
    await store.replaceFile(
      chain.path(1, 'manifest'),
      formatManifest({ ...manifest, disks }),
      never,
    );
    const to = await temporaryFolder(t);
    for (const quick of [true, false]) {
      const options = { point: undefined, quick };
      const verdicts = await verifyPoints(store, SAMPLE_VM, options, noProgress, never);
      for (const { id, ok, findings } of verdicts) {
        const restored = await restorePoint(
          store,
          { vmId: SAMPLE_VM, point: id, disks: [], to, format: 'raw', force: true },
          noProgress,
          never,
        ).catch((error: unknown) => error);
        assert.equal(ok, !isEngineError(restored, 'restore.mismatch'), JSON.stringify(findings));
        const codes = findings.map(({ code }) => code);
        const expected = quick ? ['hashes.version'] : ['hashes.version', 'disk.hash'];
        assert.deepEqual(codes, id === manifest.id ? expected : []);
      }
    }
  });
}
