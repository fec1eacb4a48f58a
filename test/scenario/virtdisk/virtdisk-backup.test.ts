import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { ErrorCode } from '../../../src/engine/api/codes.ts';
import type { BackupOptions } from '../../../src/engine/api/backup.ts';
import type { BackupResult } from '../../../src/engine/backup/run/run-backup.ts';
import type { Store } from '../../../src/engine/backup/store/contract/store.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../src/engine/base/errors.ts';
import { virtdiskError } from '../../../src/engine/virtdisk/contract/virtdisk-errors.ts';
import {
  backup,
  openTestStore,
  pattern,
  restoredHashes,
  startBackupLab,
  verifyErrors,
  type BackupLab,
} from '../../support/backup/backup-lab.ts';
import { ALL_CASES } from '../../support/process/all-cases.ts';
import { held, labDisks, type DriverLies } from '../../support/backup/local-disks.ts';

const MIB = 2 ** 20;
const SIZE = 16 * MIB;

/** One backup by virtdisk, over an own implementation of the driver. */
function byDriver(
  lab: BackupLab,
  store: Store,
  lies: DriverLies = {},
  change: Partial<BackupOptions> = {},
): Promise<BackupResult> {
  const localDisks = () => labDisks(lab.pathMap, lab.host, lies);
  const host = Object.assign(Object.create(lab.host) as BackupLab['host'], { localDisks });
  const local: BackupLab = { ...lab, host: bound(lab.host, host) };
  const options = { method: 'virtdisk', pathMap: [], checkTracker: 'sample', ...change } as const;
  return backup(local, store, 'vm', options);
}

/** Methods of the host need the host itself, since it has private fields. */
function bound(host: BackupLab['host'], over: BackupLab['host']): BackupLab['host'] {
  return new Proxy(over, {
    get: (target, name) => {
      if (name === 'localDisks') return target.localDisks;
      const value: unknown = Reflect.get(host, name);
      return typeof value === 'function' ? (value.bind(host) as unknown) : value;
    },
  });
}

/** Asserts that a point restores what the guest has. */
async function assertRestores(
  lab: BackupLab,
  store: Store,
  { manifest }: BackupResult,
): Promise<void> {
  const restored = await restoredHashes(lab, store, manifest.vm.id, manifest.id);
  for (const { number } of manifest.disks) {
    assert.equal(restored[number], await lab.guestHash('vm', number), `disk ${number}`);
  }
  assert.deepEqual(held, { open: 0, attached: 0 });
}

/** Asserts that a point restores what the guest has, and that all points verify. */
async function assertTrue(lab: BackupLab, store: Store, result: BackupResult): Promise<void> {
  await assertRestores(lab, store, result);
  assert.deepEqual(await verifyErrors(store, result.manifest.vm.id), []);
}

/** A VM with one point. */
async function backedUpVm(t: TestContext): Promise<{ lab: BackupLab; store: Store }> {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: SIZE }] });
  await lab.write('vm', 0, MIB, pattern(1.5 * MIB, 1));
  await lab.write('vm', 0, 5 * MIB, pattern(65_536, 1));
  await byDriver(lab, store);
  return { lab, store };
}

/** Lets the guest write between two points; each seed gives other bytes. */
async function change(lab: BackupLab, seed: number): Promise<void> {
  await lab.write('vm', 0, 2 * MIB + 1024, pattern(100_352, seed + 2));
  await lab.write('vm', 0, 5 * MIB, Buffer.alloc(65_536, seed));
  await lab.write('vm', 0, SIZE - 512, pattern(512, seed + 3));
}

test('two disks: a full, an increment by the driver’s ranges, one by file, and one by the driver again', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: SIZE }, { size: 8 * MIB }] });
  await lab.write('vm', 0, MIB, pattern(3 * MIB, 1));
  await lab.write('vm', 1, 0, pattern(MIB, 2));
  const full = await byDriver(lab, store, {}, { method: 'auto' });
  assert.equal(full.manifest.method, 'virtdisk', 'the first choice on the host itself');
  assert.equal(full.manifest.methodReason?.code, 'method.first');
  assert.ok(
    full.manifest.disks.every(({ readBytes, virtualSize }) => readBytes < virtualSize),
    'only the parts with data are read',
  );
  await assertTrue(lab, store, full);
  await lab.write('vm', 0, 6 * MIB, pattern(MIB, 3));
  await lab.write('vm', 1, 2 * MIB, pattern(64 * 1024, 4));
  const second = await byDriver(lab, store);
  assert.equal(second.manifest.kind, 'incr', second.manifest.reason.text);
  assert.deepEqual(
    second.manifest.disks.map(({ changedBytes }) => changedBytes),
    [MIB, 64 * 1024],
  );
  const { tracker, mostRecentId, newerChanges } = second.manifest.disks[0]?.reason.evidence ?? {};
  assert.deepEqual([tracker, mostRecentId, newerChanges], ['virtdisk', 'rctX:newest', false]);
  await assertTrue(lab, store, second);
  await lab.write('vm', 0, 9 * MIB, pattern(512, 5));
  const third = await backup(lab, store, 'vm', { method: 'file' });
  assert.deepEqual([third.manifest.kind, third.manifest.method], ['incr', 'file']);
  await assertTrue(lab, store, third);
  await lab.write('vm', 0, 10 * MIB, pattern(512, 6));
  const fourth = await byDriver(lab, store, {}, { checkTracker: 'off' });
  assert.equal(fourth.manifest.kind, 'incr');
  await assertTrue(lab, store, fourth);
});

test('an image that our own reader cannot read is read as a whole, with a warning', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * MIB }] });
  await lab.write('vm', 0, MIB, pattern(MIB, 1));
  const localDisks = labDisks(lab.pathMap, lab.host);
  let looks = 0;
  const access = {
    ...localDisks.files.access,
    open: () => Promise.reject(virtdiskError('virtdisk.busy', `opened ${++looks} times`)),
  };
  const disks = { ...localDisks, files: { ...localDisks.files, access } };
  const host = bound(lab.host, Object.assign({}, lab.host, { localDisks: () => disks }));
  const result = await backup({ ...lab, host }, store, 'vm', { method: 'virtdisk', pathMap: [] });
  assert.equal(result.manifest.disks[0]?.readBytes, 8 * MIB);
  assert.ok(looks > 0);
  assert.ok(result.manifest.warnings.some(({ message }) => /reads the whole disk/.test(message)));
  await assertTrue(lab, store, result);
});

const CODES = [
  'virtdisk.tracking.off',
  'virtdisk.tracking.unknownId',
  'virtdisk.tracking.lost',
  'virtdisk.tracking.inconsistent',
  'virtdisk.tracking.storage',
  'virtdisk.answer',
] as const;

test('a driver that refuses makes the disk a full with its code, and the next run is an increment', async (t) => {
  const { lab, store } = await backedUpVm(t);
  for (const [i, code] of CODES.entries()) {
    await t.test(code, async () => {
      await change(lab, i);
      const changes = (): never => {
        const data = { hex: '0xC03A002A', name: 'ERROR_VHD_CHANGE_TRACKING_DISABLED' };
        throw virtdiskError(code, 'Windows refused', { data });
      };
      const result = await byDriver(lab, store, { changes });
      const { kind, reason, warnings } = result.manifest;
      assert.equal(kind, 'full');
      assert.equal(reason.code, code);
      assert.equal(reason.evidence['error'], '0xC03A002A');
      assert.ok(warnings.some((each) => each.code === code));
      await assertRestores(lab, store, result);
      // The code changes only what is said: one run goes on with each of the two kinds of refusal.
      if (!ALL_CASES && code !== 'virtdisk.tracking.lost' && code !== 'virtdisk.answer') return;
      await lab.write('vm', 0, 9 * MIB, pattern(512, 4 + i));
      const next = await byDriver(lab, store);
      assert.equal(next.manifest.kind, 'incr');
      await assertTrue(lab, store, next);
      const refused = byDriver(lab, store, { changes }, { kind: 'incremental' });
      await assert.rejects(refused, (error: unknown) => isEngineError(error, code));
    });
  }
});

const LIES: readonly { what: string; lies: DriverLies; code: string }[] = [
  {
    what: 'a tracker that makes no progress',
    lies: { changes: (answer) => ({ ...answer, processed: 0 }) },
    code: 'tracker.lied',
  },
  {
    what: 'a range beyond the disk',
    lies: { changes: (answer) => ({ ...answer, ranges: [{ start: SIZE, length: 512 }] }) },
    code: 'tracker.lied',
  },
  {
    what: 'an answer although tracking is off',
    lies: { tracking: { enabled: false } },
    code: 'tracker.refused',
  },
];

test('a driver that lies makes the disk a full', async (t) => {
  const { lab, store } = await backedUpVm(t);
  for (const [i, { what, lies, code }] of LIES.entries()) {
    await t.test(what, async () => {
      await change(lab, i);
      const result = await byDriver(lab, store, lies);
      assert.equal(result.manifest.kind, 'full');
      assert.equal(result.manifest.reason.code, code);
      await assertTrue(lab, store, result);
    });
  }
});

const SEEN: readonly { what: string; lies: DriverLies; code: ErrorCode; kept: RegExp }[] = [
  {
    what: 'a driver that leaves a range out',
    lies: { changes: (answer) => ({ ...answer, ranges: answer.ranges.slice(1) }) },
    code: 'tracker.readers',
    kept: /wmi\.ndjson\.gz$|virtdisk\.ndjson\.gz$/,
  },
  {
    what: 'a driver that reads other bytes where our reader finds data',
    lies: {
      read: (offset, into) => {
        if (offset <= 2 * MIB && offset + into.length > 2 * MIB) into[2 * MIB - offset] = 0;
      },
    },
    code: 'disk.readers',
    kept: /(own|windows)-2097152\.bin$/,
  },
  {
    what: 'a driver that reads bytes where our reader finds zeros',
    lies: {
      read: (offset, into) => {
        if (offset <= 9 * MIB && offset + into.length > 9 * MIB) into[9 * MIB - offset] = 7;
      },
    },
    code: 'disk.readers',
    kept: /(own|windows)-9437184\.bin$/,
  },
];

test('a driver that the own reader contradicts is found: the run ends without a point and keeps both answers', async (t) => {
  const { lab, store } = await backedUpVm(t);
  const { id } = await lab.host.findVm('vm', never);
  const folder = join(store.location, id);
  const points = async (): Promise<string[]> =>
    (await readdir(folder)).filter((name) => /-(?:full|incr)$/.test(name)).sort();
  const evidence = (): Promise<string[]> => readdir(join(folder, 'evidence')).catch(() => []);
  for (const [i, { what, lies, code, kept }] of SEEN.entries()) {
    await t.test(what, async () => {
      await change(lab, i);
      const before = await points();
      const earlier = await evidence();
      await assert.rejects(byDriver(lab, store, lies), (error: unknown) =>
        isEngineError(error, code),
      );
      assert.deepEqual(await points(), before);
      const fresh = (await evidence()).filter((name) => !earlier.includes(name));
      assert.equal(fresh.length, 2);
      for (const name of fresh) assert.match(name, kept);
      const vm = await lab.host.findVm('vm', never);
      assert.deepEqual([vm.checkpoints.length, vm.referencePoints.length], [0, 1]);
      assert.deepEqual(held, { open: 0, attached: 0 });
      const next = await byDriver(lab, store);
      assert.equal(next.manifest.kind, 'incr');
      await assertTrue(lab, store, next);
    });
  }
});

test('without a check of the tracker only the first run of a VM by this method compares the readers', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: SIZE }] });
  await lab.write('vm', 0, MIB, pattern(MIB, 1));
  const lies: DriverLies = { read: (_, into) => void (into[0] = 7) };
  const off = { checkTracker: 'off' } as const;
  await assert.rejects(byDriver(lab, store, lies, off), (e: unknown) =>
    isEngineError(e, 'disk.readers'),
  );
  await byDriver(lab, store, {}, off);
  await lab.write('vm', 0, 2 * MIB, pattern(MIB, 2));
  await byDriver(lab, store, lies, off);
});
