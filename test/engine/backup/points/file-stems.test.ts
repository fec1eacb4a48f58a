import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileNumbers } from '../../../../src/engine/backup/points/file-stems.ts';
import type { PointEntry } from '../../../../src/engine/backup/points/catalog.ts';
import { sampleDisk, sampleManifest } from '../../../support/store/sample-manifest.ts';

test('a slot keeps its number in file names, a new one takes a free one', () => {
  const manifest = sampleManifest({
    disks: [sampleDisk({ slot: 'scsi0:1', number: 4, file: '0-system.vhdx' })],
  });
  const points: PointEntry[] = [{ id: manifest.id, state: 'complete', manifest }];
  const numbers = fileNumbers(
    points,
    [],
    [
      { slot: 'scsi0:0', number: 0 },
      { slot: 'scsi0:1', number: 1 },
      { slot: 'scsi0:2', number: 2 },
    ],
  );
  assert.deepEqual(
    [...numbers],
    [
      ['scsi0:1', 0],
      ['scsi0:2', 2],
      ['scsi0:0', 3],
    ],
  );
});

test('a kept number that another slot has in the store is not used again', () => {
  const manifest = sampleManifest({ disks: [sampleDisk({ slot: 'a', file: '0-x.vhdx' })] });
  const points: PointEntry[] = [{ id: manifest.id, state: 'complete', manifest }];
  const numbers = fileNumbers(points, [{ slot: 'b', number: 0 }], [{ slot: 'b', number: 0 }]);
  assert.deepEqual(
    [...numbers],
    [
      ['a', 0],
      ['b', 1],
    ],
  );
});
