import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  LEAF_DATA,
  LEAF_ZERO,
  Pump,
  PUMP_CELL,
  type PumpOptions,
  type PumpProgress,
} from '../../../../src/engine/native/loops/pump.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { CPU_PATHS, hasNative, withNative } from '../../../support/native/with-native.ts';

const LEAF = 65_536;
const HASH_ONLY = {
  target: undefined,
  diskSize: 8 * PUMP_CELL,
  blockSize: 0,
  end: 0,
  leaf: LEAF,
  compare: false,
};

/** A file of random bytes, open for reading. */
async function opened(t: TestContext, bytes: Uint8Array): Promise<number> {
  const path = join(await temporaryFolder(t), 'data');
  writeFileSync(path, bytes);
  const fd = openSync(path, 'r');
  afterwards(t, () => Promise.resolve(closeSync(fd)));
  return fd;
}

function start(options: PumpOptions): Pump {
  const pump = Pump.open(options);
  if (pump === undefined) throw new Error('The library is loaded, so a pump can be opened');
  return pump;
}

async function settled(pump: Pump): Promise<PumpProgress> {
  for (;;) {
    const state = pump.poll();
    const done = state.failure !== undefined || state.finished === state.batches;
    if (state.busy === 0 && done) return state;
    await sleep(1);
  }
}

for (const paths of CPU_PATHS) {
  test(`leaves have the SHA-256 that Node computes (${paths})`, async (t) => {
    if (!(await hasNative(t))) return;
    // Twenty-one leaves over two cells, with zeros in three, and a part of a last one.
    const bytes = randomBytes(21 * LEAF + 512);
    for (const zero of [0, 7, 20]) bytes.fill(0, zero * LEAF, (zero + 1) * LEAF);
    const whole = Buffer.concat([bytes, Buffer.alloc(32 * LEAF - bytes.length)]);
    const fd = await opened(t, bytes);
    await withNative(paths, async () => {
      const pump = start({ ...HASH_ONLY, files: [fd] });
      pump.submit([{ start: 0, length: bytes.length, offset: 0, file: 0 }]);
      const state = await settled(pump);
      assert.equal(state.readBytes, bytes.length);
      const { cells, states, digests } = pump.take();
      pump.close();
      assert.deepEqual(cells, [0, 1]);
      for (let leaf = 0; leaf < 32; leaf++) {
        const part = whole.subarray(leaf * LEAF, (leaf + 1) * LEAF);
        const expected = leaf > 21 ? 0 : part.every((byte) => byte === 0) ? LEAF_ZERO : LEAF_DATA;
        assert.equal(states[leaf], expected, `state of leaf ${leaf}`);
        if (expected !== LEAF_DATA) continue;
        const digest = Buffer.from(digests.subarray(32 * leaf, 32 * leaf + 32)).toString('hex');
        assert.equal(digest, createHash('sha256').update(part).digest('hex'), `leaf ${leaf}`);
      }
    });
  });
}

test('two disks that differ in one byte differ at its offset, whatever follows', async (t) => {
  if (!(await hasNative(t))) return;
  const left = randomBytes(3 * PUMP_CELL);
  const right = Buffer.from(left);
  const at = PUMP_CELL + 12_345;
  right.writeUInt8(right.readUInt8(at) ^ 1, at);
  right.fill(0, 2 * PUMP_CELL);
  const files = [await opened(t, left), await opened(t, right)];
  const extent = { start: 0, length: left.length, offset: 0 };
  for (const paths of CPU_PATHS) {
    await withNative(paths, async () => {
      const pump = start({ ...HASH_ONLY, files, leaf: 0, compare: true });
      pump.submit([{ ...extent, file: 0 }], [{ ...extent, file: 1 }]);
      const { difference } = await settled(pump);
      pump.close();
      assert.equal(difference, at, paths);
    });
  }
});

test('a file that ends early is a failure that names the file and the place', async (t) => {
  if (!(await hasNative(t))) return;
  const files = [await opened(t, randomBytes(4096)), await opened(t, randomBytes(4096))];
  const pump = start({ ...HASH_ONLY, files });
  pump.submit([{ start: 0, length: 8192, offset: 0, file: 1 }]);
  const { failure } = await settled(pump);
  pump.close();
  assert.deepEqual(failure, { code: 'short', operation: 'read', file: 1, offset: 0, length: 8192 });
});

test('extents outside of the disk, in unknown files, or out of order are refused', async (t) => {
  if (!(await hasNative(t))) return;
  const files = [await opened(t, randomBytes(4096))];
  const pump = start({ ...HASH_ONLY, files });
  const good = { start: 0, length: 512, offset: 0, file: 0 };
  for (const bad of [
    { ...good, start: HASH_ONLY.diskSize },
    { ...good, length: HASH_ONLY.diskSize + 512 },
    { ...good, file: 1 },
    { ...good, length: 0 },
  ]) {
    assert.throws(() => pump.submit([bad]), /rp_pump_submit: EINVAL/);
  }
  assert.throws(() => pump.submit([{ ...good, start: 1024 }, good]), /EINVAL/);
  pump.close();
});

test('a cancelled pump stops, and the event loop is never blocked', async (t) => {
  if (!(await hasNative(t))) return;
  const fd = await opened(t, randomBytes(64 * PUMP_CELL));
  await withNative('portable', async () => {
    const pump = start({ ...HASH_ONLY, diskSize: 64 * PUMP_CELL, files: [fd] });
    pump.submit([{ start: 0, length: 64 * PUMP_CELL, offset: 0, file: 0 }]);
    while (pump.poll().readBytes === 0) await sleep(1);
    pump.cancel();
    while (pump.poll().busy > 0) await sleep(1);
    const { readBytes, finished, batches } = pump.poll();
    pump.close();
    assert.ok(readBytes < 64 * PUMP_CELL, `${readBytes} bytes were read`);
    assert.deepEqual({ finished, batches }, { finished: 0, batches: 1 });
  });
});
