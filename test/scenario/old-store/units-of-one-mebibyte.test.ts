import type { BackupOptions } from '../../../src/engine/api/backup.ts';
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { HostVm } from '../../../src/engine/backup/host/host.ts';
import { storeLedger } from '../../../src/engine/backup/ledger/ledger-file.ts';
import { lastVerdicts } from '../../../src/engine/backup/plan/last-verdicts.ts';
import { planBackup, type BackupPlan } from '../../../src/engine/backup/plan/plan-backup.ts';
import { restorePoint } from '../../../src/engine/backup/restore/restore.ts';
import { listPoints } from '../../../src/engine/backup/points/catalog.ts';
import { isDamaged } from '../../../src/engine/backup/verify/verdict.ts';
import { verifyPoints } from '../../../src/engine/backup/verify/verify.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../src/engine/base/errors.ts';
import { noProgress } from '../../../src/engine/base/progress.ts';
import { MIB } from '../../../src/engine/disk/vhdx/structures/layout.ts';
import { pattern } from '../../support/backup/backup-lab.ts';
import { diskSha256 } from '../../support/disk/disk-sha256.ts';
import { unpackOldStore, type OldStore } from '../../support/store/old-store.ts';

const verify = (old: OldStore, repairHashes = false): ReturnType<typeof verifyPoints> =>
  verifyPoints(
    old.store,
    old.vmId,
    { point: undefined, quick: false, repairHashes },
    noProgress,
    never,
  );

/** The points with an error, by number. */
const hit = async (old: OldStore): Promise<readonly number[]> =>
  (await verify(old)).flatMap((verdict, i) => (isDamaged(verdict) ? [i] : []));

async function assertRestores(old: OldStore, formats: readonly ('raw' | 'vhdx')[]): Promise<void> {
  for (const format of formats) {
    for (const { id, sha256 } of old.points) {
      const to = join(old.folder, `restored-${format}`);
      const options = { vmId: old.vmId, point: id, disks: [], to, format, force: false };
      const { disks, warnings } = await restorePoint(old.store, options, noProgress, never);
      assert.deepEqual(warnings, []);
      assert.equal(await diskSha256(disks[0]?.file ?? ''), sha256, `${id} as ${format}`);
      await rm(to, { recursive: true });
    }
  }
}

test('a store with hash units of 1 MiB is listed, verified and restored byte for byte', async (t) => {
  const old = await unpackOldStore(t);
  const points = await listPoints(old.store, old.vmId, never);
  assert.deepEqual(
    points.map((point) => point.state === 'complete' && point.manifest.disks[0]?.hashUnit),
    [MIB, MIB, MIB],
    'a manifest without the field has units of 1 MiB',
  );
  assert.deepEqual(
    (await verify(old)).map(({ ok, findings }) => ({ ok, findings })),
    Array.from({ length: 3 }, () => ({ ok: true, findings: [] })),
  );
  await assertRestores(old, ['raw', 'vhdx']);
});

test('a flipped byte in a store with hash units of 1 MiB is found, and each point that reads it is named', async (t) => {
  const old = await unpackOldStore(t);
  const [full, first, second] = old.points;
  const [image, one, two] = [
    old.pathOf(full, '0-disk0.vhdx'),
    old.pathOf(first, '0-disk0.avhdx'),
    old.pathOf(second, '0-disk0.avhdx'),
  ];
  const kinds: readonly (readonly [string, string, Uint8Array | number, readonly number[]])[] = [
    ['bytes of the full that all points read', image, pattern(8192, 2).subarray(0, 64), [0, 1, 2]],
    ['bytes of the full that the first increment replaced', image, 4 * MIB + 8192 + 10, [0]],
    ['bytes of the first increment that the second kept', one, pattern(64, 4), [1, 2]],
    ['bytes of the second increment', two, pattern(64, 14), [2]],
    ['a page of the hash file of the full', old.pathOf(full, '0-disk0.hashes'), 100, [0]],
    ['the index of an increment’s hash file', old.pathOf(first, '0-disk0.hashes'), -180, [1]],
    ['a page of the last hash file', old.pathOf(second, '0-disk0.hashes'), 100, [2]],
    ['the manifest of the first increment', old.pathOf(first, 'point.chain.json'), 90, [1, 2]],
  ];
  for (const [what, path, place, expected] of kinds) {
    const good = await readFile(path);
    const bytes = Buffer.from(good);
    const at = typeof place === 'number' ? place : bytes.indexOf(place);
    assert.ok(typeof place === 'number' || at > 0, `${what}: the bytes are in the file`);
    const offset = at < 0 ? bytes.length + at : at;
    bytes[offset] = (bytes[offset] ?? 0) ^ 1;
    await writeFile(path, bytes);
    assert.deepEqual(await hit(old), expected, what);
    await writeFile(path, good);
  }
  assert.deepEqual(await hit(old), []);
});

test('the hash files of a store with units of 1 MiB are rebuilt as they were', async (t) => {
  const old = await unpackOldStore(t);
  const files = old.points.map((point) => old.pathOf(point, '0-disk0.hashes'));
  const whole = await Promise.all(files.map((file) => readFile(file)));
  for (const [i, file] of files.entries()) {
    const bytes = Buffer.from(whole[i] ?? []);
    bytes[80] = (bytes[80] ?? 0) ^ 1;
    if (i === 1) await rm(file);
    else await writeFile(file, bytes);
  }
  assert.deepEqual(await hit(old), [0, 1, 2]);
  const repaired = await verify(old, true);
  assert.deepEqual(
    repaired.map(({ ok, findings }) => [ok, findings.map(({ code }) => code)]),
    Array.from({ length: 3 }, () => [true, ['hashes.rebuilt']]),
  );
  for (const [i, file] of files.entries()) assert.deepEqual(await readFile(file), whole[i]);
  assert.deepEqual(await hit(old), []);
  await assertRestores(old, ['vhdx']);
});

/** Plans the next backup on a host on which nothing happened to the VM since the last point. */
async function plan(old: OldStore, kind: BackupOptions['kind']): Promise<BackupPlan> {
  const points = await listPoints(old.store, old.vmId, never);
  const last = points.at(-1);
  assert.ok(last?.state === 'complete');
  const { manifest } = last;
  const [record] = manifest.disks;
  assert.ok(record !== undefined && manifest.referencePoint !== null);
  const vm: HostVm = {
    id: old.vmId,
    name: 'vm',
    state: 'running',
    generation: 2,
    version: '9.0',
    operation: null,
    merged: true,
    disks: [
      {
        slot: record.slot,
        locationId: record.locationId,
        path: record.path,
        format: 'vhdx',
        shared: false,
        virtualSize: record.virtualSize,
        virtualDiskId: record.virtualDiskId,
        parentPath: null,
        logicalSectorSize: 512,
      },
    ],
    checkpoints: [],
    referencePoints: [{ ...manifest.referencePoint, type: 'rct', consistency: 'crash' }],
    lastAppliedSnapshot: manifest.vm.lastAppliedSnapshot,
    findings: [],
    settings: {},
  };
  return planBackup({
    vm,
    capabilities: { referencePoints: true, guestBackupType: true },
    points,
    ledger: await storeLedger(old.store, old.vmId).load(never),
    verdicts: await lastVerdicts(old.store, old.vmId, points, never),
    computerName: manifest.computerName,
    options: {
      kind,
      method: 'file',
      consistency: 'crash',
      guestBackup: 'copy',
      checkTracker: 'off',
      maxChain: 60,
      pathMap: [],
      exportDirectory: null,
      excludeDisks: [],
    },
    methods: [],
  });
}

test('a chain with hash units of 1 MiB is not continued: the next backup is a full that says so', async (t) => {
  const old = await unpackOldStore(t);
  await verify(old);
  const { kind, reason, disks } = await plan(old, 'auto');
  const last = old.points[2].id;
  assert.deepEqual([kind, reason.code, disks[0]?.kind], ['full', 'hashes.version', 'full']);
  assert.deepEqual(reason.evidence, { point: last, unit: MIB });
  await assert.rejects(plan(old, 'incremental'), (error: unknown) => {
    assert.ok(isEngineError(error, 'plan.incremental'));
    assert.deepEqual(error.data, { reason: 'hashes.version' });
    assert.equal(
      error.message,
      `An incremental backup is not possible: The hash tree of ${last} has units of 1048576 bytes; a chain cannot mix them with units of 65536.`,
    );
    return true;
  });
});
