import type { Guid } from '../../../src/engine/base/guid.ts';
import type { DiskRecord, PointManifest } from '../../../src/engine/backup/manifest/manifest.ts';

const guid = (n: number): Guid =>
  `6f9619ff-8b86-4d01-b42d-${n.toString(16).padStart(12, '0')}` as Guid;

export const SAMPLE_VM = guid(1);
export const SAMPLE_STORE = guid(2);

const hash = (digit: string): string => digit.repeat(64);

/** A disk record as a full backup writes it; `changes` for everything else. */
export function sampleDisk(changes: Partial<DiskRecord> = {}): DiskRecord {
  const number = changes.number ?? 0;
  return {
    number,
    name: 'system.vhdx',
    slot: `scsi0:${number}`,
    locationId: `Microsoft:X\\Y\\${number}\\D`,
    path: `C:\\VMs\\system${number}.vhdx`,
    file: `${number}-system.vhdx`,
    kind: 'full',
    reason: {
      code: 'first',
      text: 'There is no earlier point of this VM',
      evidence: { points: 0 },
    },
    parentPoint: null,
    virtualSize: 1024 ** 3,
    logicalSectorSize: 512,
    physicalSectorSize: 4096,
    blockSize: 2 * 1024 ** 2,
    virtualDiskId: guid(10 + number),
    dataWriteGuid: guid(20 + number),
    rctId: 'rctX:e59e6991:208a:44d9:ae6a:2f14351d792f:00000000',
    hashUnit: 64 * 1024,
    hashRoot: hash('a'),
    fileSize: 4 * 1024 ** 2,
    readBytes: 1024 ** 2,
    writtenBytes: 1024 ** 2,
    changedBytes: null,
    hashesFile: { file: `${number}-system.hashes`, size: 192, sha256: hash('b') },
    changesFile: { file: `${number}-system.changes.ndjson.gz`, size: 99, sha256: hash('c') },
    ...changes,
  };
}

/** A whole full point; `changes` for everything else. */
export function sampleManifest(changes: Partial<PointManifest> = {}): PointManifest {
  return {
    version: 2,
    id: '20261122T140305Z-full',
    storeId: SAMPLE_STORE,
    vm: { id: SAMPLE_VM, name: 'Web server', lastAppliedSnapshot: null },
    host: 'https://hv01:5986',
    computerName: 'HV01',
    kind: 'full',
    reason: { code: 'first', text: 'There is no earlier point of this VM', evidence: {} },
    created: '2026-11-22T14:03:05Z',
    finished: '2026-11-22T14:05:10.250Z',
    consistency: { asked: 'default', achieved: 'application' },
    method: 'file',
    methodReason: {
      code: 'method.first',
      text: 'file is the first method that can read every disk.',
      evidence: { export: 'possible' },
    },
    parent: null,
    referencePoint: {
      id: 'Microsoft:RP\\1',
      disks: [{ locationId: 'Microsoft:X\\Y\\0\\D', rctId: 'rctX:1' }],
    },
    disks: [sampleDisk(), sampleDisk({ number: 1, virtualDiskId: null, changesFile: null })],
    excluded: [{ slot: 'scsi0:2', path: 'D:\\shared.vhdx', why: 'shared between machines' }],
    configFiles: [{ file: 'config/settings.json', size: 10, sha256: hash('d') }],
    warnings: [{ code: 'consistency.crash', message: 'The guest did not answer' }],
    trackerCheck: { mode: 'off', checkedBytes: 0, disks: null },
    ...changes,
  };
}

/** An increment of one disk on `parent`. */
export function sampleIncrement(id: string, parent: string): PointManifest {
  const disk = sampleDisk({
    kind: 'incr',
    parentPoint: parent,
    file: '0-system.avhdx',
    changedBytes: 1024 ** 2,
  });
  return sampleManifest({ id, kind: 'incr', parent, disks: [disk] });
}
