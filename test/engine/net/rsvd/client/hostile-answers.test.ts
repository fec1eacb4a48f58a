import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { ErrorCode } from '../../../../../src/engine/api/codes.ts';
import { tileChanges } from '../../../../../src/engine/backup/changes/range-query.ts';
import { never } from '../../../../../src/engine/base/abort.ts';
import { newGuid, type Guid } from '../../../../../src/engine/base/guid.ts';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import type { FaultName } from '../../../../../src/engine/lab/faults.ts';
import type { SharedDisk } from '../../../../../src/engine/net/rsvd/client/shared-disk.ts';
import { rawWrite } from '../../../../support/rsvd/raw-tunnel.ts';
import {
  DISK_SIZE,
  MIB,
  SET,
  sharedLab,
  type SharedLab,
} from '../../../../support/rsvd/shared-lab.ts';
import { assertInTime } from '../../../../support/process/in-time.ts';

interface Scene {
  readonly lab: SharedLab;
  readonly disk: SharedDisk;
  readonly bytes: Buffer;
  readonly ids: readonly [Guid, Guid];
}

/** A set with two snapshots, between which all of it was written. */
async function scene(t: Parameters<typeof sharedLab>[0]): Promise<Scene> {
  const lab = await sharedLab(t);
  const disk = await lab.disk();
  const bytes = randomBytes(MIB);
  const ids = [newGuid(), newGuid()] as const;
  await disk.createSnapshot(ids[0], never);
  const guest = await lab.handle(SET);
  assert.equal(await rawWrite(guest, 0, bytes), 0);
  await guest.close();
  await disk.createSnapshot(ids[1], never);
  return { lab, disk, bytes, ids };
}

/** Reads a snapshot as a backup does. */
async function backUp({ disk, ids }: Scene): Promise<Buffer> {
  const [limitId, targetId] = ids;
  const { ranges } = await tileChanges(
    (offset, length, signal) => disk.queryChanges({ limitId, targetId, offset, length }, signal),
    disk.facts.virtualSize,
    () => undefined,
    never,
  );
  const copy = Buffer.alloc(DISK_SIZE);
  const source = await disk.openSnapshot(targetId, never);
  try {
    for (const { start, end } of ranges) await source.read(start, copy.subarray(start, end), never);
  } finally {
    await source.close();
  }
  return copy;
}

const SENSES = Array.from({ length: 16 }, (_, key) => key);
const ATTENTIONS = [1, 2, 3, 4, 5, 6];

/** Each fault, how often it occurs, and the codes with which a backup may end; none: it succeeds. */
const FAULTS: readonly (readonly [
  FaultName,
  string | null,
  number | null,
  ...codes: ErrorCode[],
])[] = [
  ['rsvd.stall', null, null, 'tracker.lied'],
  ['rsvd.short', '0', null, 'tracker.lied'],
  ['rsvd.short', '4096', 3],
  ['rsvd.over', null, null, 'tracker.lied'],
  ['rsvd.beyond', null, null, 'tracker.lied'],
  ['rsvd.overshoot', null, null],
  ['rsvd.shortRead', '0', 1, 'smb.answer'],
  ['rsvd.shortRead', '512', null, 'smb.answer'],
  ['rsvd.reserved', null, null, 'rsvd.reserved'],
  ['rsvd.senseLost', null, null],
  ...SENSES.map((key) => ['rsvd.sense', String(key), null, 'rsvd.sense'] as const),
  ...ATTENTIONS.map((each) => ['rsvd.attention', String(each), 1] as const),
  ...ATTENTIONS.map((each) => ['rsvd.attention', String(each), null, 'rsvd.attention'] as const),
];

test('a backup of hostile answers has the right bytes, or ends with one code; handles are closed', async (t) => {
  const all = await scene(t);
  const { faults } = all.lab.files.lab;
  const expected = Buffer.alloc(DISK_SIZE);
  expected.set(all.bytes);
  const open = (): number => all.lab.files.lab.sharedDisks.openHandles;
  const before = open();
  for (const [name, value, times, ...codes] of FAULTS) {
    faults.clear();
    faults.set(name, value, times);
    const began = Date.now();
    const where = `${name}=${value} ${times}`;
    try {
      assert.ok((await backUp(all)).equals(expected), where);
      assert.deepEqual(codes, [], `${where} was expected to fail`);
    } catch (error) {
      assert.ok(isEngineError(error, ...codes) && codes.length > 0, `${where}: ${String(error)}`);
    }
    assertInTime(Date.now() - began, 5000, where);
    assert.equal(open(), before, `${where}: a handle was left open`);
  }
});

test('a read that fails behind another one names the sense data of the disk', async (t) => {
  const all = await scene(t);
  const source = await all.disk.openSnapshot(all.ids[1], never);
  const { faults } = all.lab.files.lab;
  faults.set('rsvd.sense', '4', 1);
  await assert.rejects(source.read(0, new Uint8Array(4096), never), (error) => {
    assert.ok(isEngineError(error, 'rsvd.sense'));
    assert.match(error.message, /hardware error \(04\/11\/00\)/);
    return true;
  });
  faults.set('rsvd.sense', '3', 1);
  faults.set('rsvd.senseLost', null, 1);
  await assert.rejects(source.read(0, new Uint8Array(4096), never), /has no sense data/);
  const few = new Uint8Array(4096);
  await source.read(0, few, never);
  assert.ok(Buffer.from(few).equals(all.bytes.subarray(0, 4096)));
  await source.close();
});

test('endless lists end, and snapshots that vanish are missing', async (t) => {
  const { lab, disk, ids } = await scene(t);
  const { faults } = lab.files.lab;
  for (const count of ['1000000', '4294967295', '3']) {
    faults.set('rsvd.endless', count, null);
    await assert.rejects(disk.snapshots(never), (error) => isEngineError(error, 'smb.answer'));
  }
  faults.clear();
  const other = await lab.disk();
  await other.deleteSnapshot(ids[0], false, never);
  const query = { limitId: ids[0], targetId: ids[1], offset: 0, length: 512 };
  await assert.rejects(disk.queryChanges(query, never), (error) =>
    isEngineError(error, 'rsvd.snapshot'),
  );
  const source = await disk.openSnapshot(ids[1], never);
  await assert.rejects(other.deleteSnapshot(ids[1], false, never), (error) =>
    isEngineError(error, 'rsvd.busy'),
  );
  await source.close();
});

test('failing meta operations change nothing and have one code', async (t) => {
  const { lab, disk } = await scene(t);
  const before = await disk.snapshots(never);
  const statuses: readonly (readonly [number, ErrorCode])[] = [
    [0xc000_0001, 'rsvd.failed'],
    [0xc000_0022, 'smb.denied'],
    [0xc05c_ff09, 'rsvd.version'],
    [0xc000_0010, 'rsvd.kind'],
    [0xc000_0043, 'rsvd.busy'],
  ];
  for (const [status, code] of statuses) {
    lab.files.lab.faults.set('rsvd.fail', String(status), 1);
    await assert.rejects(disk.createSnapshot(newGuid(), never), (error) =>
      isEngineError(error, code),
    );
  }
  assert.deepEqual(await disk.snapshots(never), before);
});

test('a connection that is lost while a snapshot is read is made again', async (t) => {
  const all = await scene(t);
  const { faults } = all.lab.files.lab;
  for (let at = 1; at <= 12; at += 3) {
    faults.clear();
    faults.set('smb.drop', null, 1, at);
    const found = await backUp(all);
    assert.ok(found.subarray(0, MIB).equals(all.bytes), `dropped at ${at}`);
  }
});
