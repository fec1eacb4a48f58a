import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HASHES_V2 } from '../../../../src/engine/backup/hashes/hash-format.ts';
import { filesLength, type DiskFiles } from '../../../../src/engine/backup/room/require-room.ts';
import { RoomOfRun } from '../../../../src/engine/backup/room/room-of-run.ts';
import type { Store } from '../../../../src/engine/backup/store/contract/store.ts';
import { never } from '../../../../src/engine/base/abort.ts';

const MIB = 2 ** 20;
/** Left free besides the files. */
const RESERVE = 64 * MIB;

/** A store that has nothing but room. */
const storeWith = (free: () => number): Store =>
  ({
    location: '/store',
    freeBytes: async () => free(),
    hasSparseFiles: async () => false,
  }) as Partial<Store> as Store;

const DISK: DiskFiles = {
  source: { size: 256 * MIB, ranges: [{ start: 0, end: 128 * MIB }] },
  shape: { blockSize: MIB, logicalSectorSize: 512 },
  format: HASHES_V2,
  kind: 'full',
  changesBytes: 0,
};

test('what a disk that is being written was promised is not free for the next one', async () => {
  const need = await filesLength(DISK);
  // Nothing is written yet, so the store itself says the same all the time.
  const room = new RoomOfRun(
    storeWith(() => need * 2 + RESERVE - 1),
    true,
  );
  const first = await room.claim(DISK, never);
  await assert.rejects(room.claim(DISK, never), { code: 'store.space' });
  first.release(false);
  const again = await room.claim(DISK, never);
  again.release(true);
});

test('disks that fit beside each other are written at the same time', async () => {
  const need = await filesLength(DISK);
  const room = new RoomOfRun(
    storeWith(() => need * 2 + RESERVE),
    true,
  );
  const claims = await Promise.all([room.claim(DISK, never), room.claim(DISK, never)]);
  assert.deepEqual(
    claims.map(({ warnings }) => warnings),
    [[], []],
  );
});

test('one after the other, only what is free counts', async () => {
  const need = await filesLength(DISK);
  let free = need * 2 + RESERVE;
  const room = new RoomOfRun(
    storeWith(() => free),
    true,
  );
  (await room.claim(DISK, never)).release(true);
  free -= need;
  (await room.claim(DISK, never)).release(true);
  free -= need;
  await assert.rejects(room.claim(DISK, never), { code: 'store.space' });
});
