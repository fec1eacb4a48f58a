import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { tileChanges } from '../../../../../src/engine/backup/changes/range-query.ts';
import { never } from '../../../../../src/engine/base/abort.ts';
import { newGuid, type Guid } from '../../../../../src/engine/base/guid.ts';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import type { FaultName } from '../../../../../src/engine/lab/faults.ts';
import { SharedDisk } from '../../../../../src/engine/net/rsvd/client/shared-disk.ts';
import type { ByteSource } from '../../../../../src/engine/source/byte-source.ts';
import { sidecarOf } from '../../../../../src/engine/lab/rsvd/disk/set-state.ts';
import { rawWrite } from '../../../../support/rsvd/raw-tunnel.ts';
import {
  DISK_SIZE,
  MIB,
  SET,
  SHARE,
  sharedLab,
  VHDX,
  type SharedLab,
} from '../../../../support/rsvd/shared-lab.ts';

async function contents(source: ByteSource): Promise<Buffer> {
  const into = Buffer.alloc(source.size);
  try {
    await source.read(0, into, never);
  } finally {
    await source.close();
  }
  return into;
}

/** Writes as a guest does, to the disk and to a model of it. */
async function guestWrites(
  lab: SharedLab,
  model: Buffer,
  offset: number,
  bytes: Buffer,
): Promise<void> {
  const handle = await lab.handle(SET);
  assert.equal(await rawWrite(handle, offset, bytes), 0);
  await handle.close();
  model.set(bytes, offset);
}

const changesOf = async (disk: SharedDisk, limitId: Guid, targetId: Guid) =>
  tileChanges(
    (offset, length, signal) => disk.queryChanges({ limitId, targetId, offset, length }, signal),
    disk.facts.virtualSize,
    () => undefined,
    never,
  );

test('snapshots stay as they were, and the changes between them make one out of the other', async (t) => {
  const lab = await sharedLab(t);
  const disk = await lab.disk();
  const model = Buffer.alloc(DISK_SIZE);
  const [first, second] = [newGuid(), newGuid()];
  await guestWrites(lab, model, 0, randomBytes(64 * 1024));
  await guestWrites(lab, model, 3 * MIB, randomBytes(4096));
  await disk.createSnapshot(first, never);
  const before = Buffer.from(model);
  await guestWrites(lab, model, 3 * MIB + 512, randomBytes(512));
  await guestWrites(lab, model, DISK_SIZE - MIB, randomBytes(MIB));
  await guestWrites(lab, model, 0, Buffer.alloc(4096));
  await disk.createSnapshot(second, never);
  const listed = await disk.snapshots(never);
  assert.deepEqual(
    listed.map(({ id }) => id),
    [first, second],
  );
  assert.ok(listed.every(({ created }) => Math.abs(Date.now() - created) < 60_000));
  const { ranges } = await changesOf(disk, first, second);
  const copy = Buffer.from(before);
  const newer = await disk.openSnapshot(second, never);
  for (const { start, end } of ranges) await newer.read(start, copy.subarray(start, end), never);
  assert.ok(copy.equals(model), 'the older snapshot and the changes are the newer one');
  assert.ok(ranges.bytes < DISK_SIZE / 2, `${ranges.bytes} bytes`);
  // Reads are widened to whole sectors.
  const few = Buffer.alloc(7);
  await newer.read(3 * MIB + 510, few, never);
  assert.ok(few.equals(model.subarray(3 * MIB + 510, 3 * MIB + 517)));
  await newer.close();
  assert.ok((await contents(await disk.openSnapshot(first, never))).equals(before));
  assert.ok((await contents(disk.openDisk())).equals(model));
  await disk.deleteSnapshot(first, false, never);
  assert.ok((await contents(await disk.openSnapshot(second, never))).equals(model));
  await assert.rejects(disk.openSnapshot(first, never), (error) =>
    isEngineError(error, 'rsvd.snapshot'),
  );
  await disk.deleteSnapshot(second, false, never);
  assert.ok((await contents(disk.openDisk())).equals(model));
  assert.equal(readdirSync(lab.folder).filter((name) => name.endsWith('.avhdx')).length, 1);
});

test('a snapshot that is kept as a reference is a base for changes', async (t) => {
  const lab = await sharedLab(t);
  const disk = await lab.disk();
  const model = Buffer.alloc(DISK_SIZE);
  const [first, second] = [newGuid(), newGuid()];
  await disk.createSnapshot(first, never);
  await disk.deleteSnapshot(first, true, never);
  await guestWrites(lab, model, MIB, randomBytes(4096));
  await disk.createSnapshot(second, never);
  assert.ok((await changesOf(disk, first, second)).ranges.bytes >= 4096);
  await assert.rejects(disk.openSnapshot(first, never), (error) =>
    isEngineError(error, 'rsvd.snapshot'),
  );
});

test('each UNCONFIRMED point works in both readings', async (t) => {
  const lab = await sharedLab(t);
  const { faults } = lab.files.lab;
  const model = Buffer.alloc(DISK_SIZE);
  const switches: readonly (readonly [FaultName, string | null])[] = [
    ['rsvd.target', 'alone'],
    ['rsvd.target', 'both'],
    ['rsvd.filetime', null],
    ['rsvd.longReply', null],
    ['rsvd.unit', null],
    ['rsvd.wide', null],
    ['rsvd.parts', null],
    ['rsvd.short', '65536'],
  ];
  for (const [name, value] of switches) {
    faults.clear();
    faults.set(name, value, null);
    const disk = await lab.disk();
    const [first, second] = [newGuid(), newGuid()];
    await disk.createSnapshot(first, never);
    await guestWrites(lab, model, 2 * MIB, randomBytes(8192));
    await disk.createSnapshot(second, never);
    const { ranges } = await changesOf(disk, first, second);
    assert.ok(ranges.covers({ start: 2 * MIB, end: 2 * MIB + 8192 }), name);
    assert.ok((await contents(await disk.openSnapshot(second, never))).equals(model), name);
    for (const { id, created } of await disk.snapshots(never)) {
      assert.ok(Math.abs(Date.now() - created) < 60_000, name);
      await disk.deleteSnapshot(id, false, never);
    }
    await disk.close();
  }
  faults.clear();
  faults.set('rsvd.noReference', null, null);
  const disk = await lab.disk();
  const id = newGuid();
  await disk.createSnapshot(id, never);
  await assert.rejects(disk.deleteSnapshot(id, true, never), (error) =>
    isEngineError(error, 'rsvd.failed'),
  );
});

test('a missing file and a server without shared disks are different errors; nothing is made', async (t) => {
  const lab = await sharedLab(t);
  const open = (name: string) => SharedDisk.open(lab.link, SHARE, name, {}, never);
  await assert.rejects(open('missing.vhds'), (error) => isEngineError(error, 'smb.notFound'));
  assert.equal(existsSync(join(lab.folder, 'missing.vhds')), false);
  const { smb } = lab.files.lab.state;
  assert.ok(smb !== undefined);
  smb.shares = smb.shares.map((each) => ({ ...each, scaleOut: false }));
  await assert.rejects(open(SET), (error) => isEngineError(error, 'rsvd.unsupported'));
  await assert.rejects(open('missing.vhds'), (error) => isEngineError(error, 'smb.notFound'));
});

test('a shared VHDX is read, also from a server of version 1', async (t) => {
  const lab = await sharedLab(t);
  const handle = await lab.handle(VHDX);
  const bytes = randomBytes(MIB);
  assert.equal(await rawWrite(handle, MIB, bytes), 0);
  for (const version of [2, 1]) {
    lab.files.lab.faults.clear();
    if (version === 1) lab.files.lab.faults.set('rsvd.v1', null, null);
    const disk = await lab.disk(VHDX);
    assert.equal(disk.facts.serverVersion, version);
    const found = await contents(disk.openDisk());
    assert.ok(found.subarray(MIB, 2 * MIB).equals(bytes));
    const code = version === 1 ? 'rsvd.version' : 'rsvd.kind';
    await assert.rejects(disk.snapshots(never), (error) => isEngineError(error, code));
    await disk.close();
  }
});

test('the parts that a disk calls deallocated are zeros', async (t) => {
  const lab = await sharedLab(t);
  const model = Buffer.alloc(DISK_SIZE);
  await guestWrites(lab, model, 5 * MIB, randomBytes(4096));
  const disk = await lab.disk();
  const parts = [];
  for await (const part of disk.unmapped(undefined, never)) parts.push(part);
  assert.ok(parts.length > 0);
  for (const { start, length } of parts) {
    assert.ok(model.subarray(start, start + length).every((byte) => byte === 0));
  }
});

test('files that were replaced between two opens give no stale answer', async (t) => {
  const lab = await sharedLab(t);
  const aside = join(lab.files.root, 'aside');
  const model = Buffer.alloc(DISK_SIZE);
  await guestWrites(lab, model, 0, randomBytes(4096));
  await cp(lab.folder, aside, { recursive: true });
  const old = Buffer.from(model);
  const disk = await lab.disk();
  const id = newGuid();
  await disk.createSnapshot(id, never);
  await disk.close();
  await guestWrites(lab, model, 4096, randomBytes(4096));
  // Once with the sidecar of the newer files, which does not belong to the older ones.
  await rm(join(aside, sidecarOf(SET)));
  for (const file of readdirSync(lab.folder)) {
    if (file !== sidecarOf(SET)) await rm(join(lab.folder, file));
  }
  await cp(aside, lab.folder, { recursive: true });
  const again = await lab.disk();
  assert.deepEqual(await again.snapshots(never), []);
  assert.ok((await contents(again.openDisk())).equals(old));
  await assert.rejects(
    again.queryChanges({ limitId: id, targetId: id, offset: 0, length: 512 }, never),
    (error) => isEngineError(error, 'rsvd.snapshot'),
  );
});

test('a set that was only looked at is not written, and its snapshots are opened with few requests', async (t) => {
  const lab = await sharedLab(t);
  const disk = await lab.disk();
  const id = newGuid();
  await disk.createSnapshot(id, never);
  await disk.close();
  const times = (): readonly string[] =>
    readdirSync(lab.folder).map(
      (name) => `${name} ${statSync(join(lab.folder, name), { bigint: true }).mtimeNs}`,
    );
  const before = times();
  const again = await lab.disk();
  const { faults } = lab.files.lab;
  const opened = faults.exchanges;
  const source = await again.openSnapshot(id, never);
  // The entry of the snapshot, its open, its facts in two requests, and a read that tells whether more is needed.
  assert.equal(faults.exchanges - opened, 5);
  await source.close();
  await again.close();
  assert.deepEqual(times(), before);
});

test('slow operations report their progress and can be cancelled', async (t) => {
  const lab = await sharedLab(t);
  const disk = await lab.disk();
  lab.files.lab.faults.set('rsvd.pending', '1200', null);
  const seen: number[] = [];
  await disk.optimize(never, (current) => seen.push(current));
  assert.ok(seen.length >= 1 && seen.every((each) => each >= 0 && each <= 100), seen.join());
  const stop = new AbortController();
  const work = disk.optimize(stop.signal);
  setTimeout(() => stop.abort(new Error('enough')), 100);
  await assert.rejects(work, /enough/);
  lab.files.lab.faults.clear();
  assert.equal(await disk.validate(never), true);
});
