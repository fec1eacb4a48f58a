import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import { diskDifference, type DiskFacts } from '../../../../src/engine/backup/select/same-disk.ts';

const id = (n: number): Guid => `6f9619ff-8b86-4d01-b42d-${String(n).padStart(12, '0')}` as Guid;
const DISK: DiskFacts = {
  virtualDiskId: id(1),
  virtualSize: 2 ** 30,
  logicalSectorSize: 512,
  physicalSectorSize: 4096,
  format: 'vhdx',
};

test('two descriptions are of one disk if id, size, sectors and format agree', () => {
  const changes: readonly (readonly [Partial<DiskFacts>, string])[] = [
    [{ virtualDiskId: id(2) }, 'disk.replaced'],
    [{ virtualSize: 2 ** 31 }, 'disk.resized'],
    [{ logicalSectorSize: 4096 }, 'disk.sectors'],
    [{ physicalSectorSize: 512 }, 'disk.sectors'],
    [{ format: 'vhd' }, 'disk.format'],
    [{ virtualDiskId: null }, 'disk.unknown'],
    [{ virtualSize: null }, 'disk.unknown'],
  ];
  assert.equal(diskDifference('scsi0:0', DISK, DISK), undefined);
  for (const [change, code] of changes) {
    const found = diskDifference('scsi0:0', DISK, { ...DISK, ...change });
    assert.equal(found?.code, code);
    assert.equal(found?.evidence['slot'], 'scsi0:0');
  }
});

test('sectors and format that one side does not know are not compared', () => {
  const { virtualDiskId, virtualSize } = DISK;
  const bare: DiskFacts = { virtualDiskId, virtualSize, logicalSectorSize: null };
  assert.equal(diskDifference('scsi0:0', bare, DISK), undefined);
  assert.equal(diskDifference('scsi0:0', DISK, bare), undefined);
  assert.equal(
    diskDifference('scsi0:0', { ...bare, virtualDiskId: null }, DISK)?.code,
    'disk.replaced',
  );
});
