import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { HashThreads } from '../../../../src/engine/backup/verify/hash-threads.ts';
import { Hasher } from '../../../../src/engine/backup/verify/hasher.ts';
import { BatchBuffers, UnitChecks } from '../../../../src/engine/backup/verify/unit-checks.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const KIB = 1024;
const UNIT = 64 * KIB;

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** Bytes that differ from place to place. */
function fill(bytes: Uint8Array, seed: number): void {
  for (let i = 0; i < bytes.length; i += 61) bytes[i] = (seed + i * 7) & 0xff;
}

/** Asks for the digests of so many MiB at once. */
async function expectDigests(hasher: Hasher, count: number): Promise<void> {
  const asked = Array.from({ length: count }, async (_, i) => {
    const bytes = hasher.memory(1024 * KIB);
    fill(bytes, i);
    const places = [0, 0, 1, 100, 5, 1024 * KIB, i * 1000, i * 1000 + UNIT];
    const digests = await hasher.digests(bytes, Uint32Array.from(places));
    for (let at = 0; at < places.length; at += 2) {
      const expected = sha256(bytes.subarray(places[at], places[at + 1]));
      const found = Buffer.from(digests.subarray(at * 16, at * 16 + 32));
      assert.deepEqual(found, expected, `${i} ${at}`);
    }
  });
  await Promise.all(asked);
}

/** Hashers with the native library, if there is one, with a thread, and with neither. */
const hashers = (): readonly Hasher[] => [
  Hasher.start(false),
  new Hasher(new HashThreads()),
  Hasher.start(true),
];

test('digests are the same in the native library, with a thread, without one, and after it was closed', async () => {
  for (const hasher of hashers()) {
    // More than wait for a thread.
    await expectDigests(hasher, 24);
    await hasher.close();
    await expectDigests(hasher, 2);
  }
});

test('a second thread is started once the first has work, and no third one', async () => {
  const threads = new HashThreads();
  const bytes = threads.memory(8 * 1024 * KIB);
  const ask = (): Promise<Uint8Array | undefined> =>
    threads.ofMemory(bytes, Uint32Array.of(0, bytes.length));
  assert.deepEqual(Buffer.from((await ask()) ?? []), sha256(bytes));
  assert.equal(threads.count, 1, 'one request after another');
  const found = await Promise.all([ask(), ask(), ask(), ask()]);
  assert.equal(threads.count, Math.min(2, availableParallelism()));
  for (const digest of found) assert.deepEqual(Buffer.from(digest ?? []), sha256(bytes));
  await threads.close();
});

test('what a thread was given that fails is hashed all the same', async () => {
  for (const when of ['', "require('node:worker_threads').parentPort.on('message', () => {"]) {
    const hasher = new Hasher(
      new HashThreads(`${when} throw new Error('no thread'); ${when && '})'}`),
    );
    await expectDigests(hasher, 4);
    await expectDigests(hasher, 4);
    await hasher.close();
  }
});

test('parts of an open file are hashed elsewhere; a part that cannot be read is reported', async (t) => {
  for (const hasher of hashers().slice(0, 2)) await expectPartsOfFile(t, hasher);
});

async function expectPartsOfFile(t: TestContext, hasher: Hasher): Promise<void> {
  const path = join(await temporaryFolder(t), 'file');
  const whole = Buffer.alloc(5 * 1024 * KIB);
  fill(whole, 3);
  await writeFile(path, whole);
  const handle = await open(path);
  t.after(() => handle.close());
  const file = { fd: handle.fd, name: path, local: true, release: () => undefined };
  try {
    // Neighbours, more of them than one read takes, a part alone, an empty one, and steps back.
    const places = Array.from({ length: 40 }, (_, i) => [i * UNIT, (i + 1) * UNIT]).flat();
    places.push(4 * 1024 * KIB + 7, 4 * 1024 * KIB + 100, 9, 9, 0, 2 * 1024 * KIB);
    const digests = await hasher.fileDigests(file, Float64Array.from(places));
    for (let at = 0; at < places.length; at += 2) {
      const expected = sha256(whole.subarray(places[at], places[at + 1]));
      assert.deepEqual(Buffer.from(digests?.subarray(at * 16, at * 16 + 32) ?? []), expected);
    }
    assert.equal(hasher.readFailed, false);
    const beyond = Float64Array.of(0, UNIT, whole.length - UNIT, whole.length + 1);
    assert.equal(await hasher.fileDigests(file, beyond), undefined);
    assert.equal(hasher.readFailed, true);
  } finally {
    await hasher.close();
  }
}

test('whoever waits for other threads goes on, also when they end', async (t) => {
  for (const hasher of hashers().slice(0, 2)) await expectRoom(t, hasher);
});

async function expectRoom(t: TestContext, hasher: Hasher): Promise<void> {
  const path = join(await temporaryFolder(t), 'file');
  await writeFile(path, Buffer.alloc(1024 * KIB, 1));
  const handle = await open(path);
  t.after(() => handle.close());
  const file = { fd: handle.fd, name: path, local: true, release: () => undefined };
  const parts = Float64Array.from({ length: 256 }, (_, i) => (i % 2) * 1024 * KIB);
  const running = [hasher.fileDigests(file, parts), hasher.fileDigests(file, parts)];
  // Several at once.
  await Promise.all([hasher.hasRoom(), hasher.hasRoom(), hasher.hasRoom()]);
  running.push(hasher.fileDigests(file, parts));
  const waiting = [hasher.hasRoom(), hasher.hasRoom()];
  await hasher.close();
  await Promise.all([...waiting, ...running]);
  assert.equal(hasher.readsFiles, false);
  assert.equal(await hasher.fileDigests(file, parts), undefined);
}

test('parts without their digest are named, whatever batch they are in and in whatever order they are read', async () => {
  const hasher = Hasher.start(false);
  try {
    const buffers = new BatchBuffers(hasher);
    for (let round = 0; round < 3; round++) {
      const checks = new UnitChecks(buffers);
      const wrong: number[] = [];
      // Twelve MiB in reads of one to three units: several batches, each with reads that end in another order.
      const reads: (() => void)[] = [];
      for (let start = 0, i = 0; start < 12 * 1024 * KIB; i++) {
        const units = 1 + (i % 3);
        const slot = checks.slot({ start, end: start + units * UNIT });
        const from = start;
        reads.push(() => {
          fill(slot.bytes, i);
          const parts = Array.from({ length: units }, (_, n) => {
            const bytes = slot.bytes.subarray(n * UNIT, (n + 1) * UNIT);
            const digest = sha256(bytes);
            if ((from / UNIT + n + round) % 29 === 0) {
              wrong.push(from + n * UNIT);
              bytes[UNIT - 1] = (bytes[UNIT - 1] ?? 0) ^ 1;
            }
            return { start: from + n * UNIT, end: from + (n + 1) * UNIT, digest };
          });
          slot.filled(parts);
        });
        if (reads.length === 8) for (const read of reads.splice(0).reverse()) read();
        start += units * UNIT;
      }
      for (const read of reads) read();
      const found = (await checks.damaged()).map(({ start }) => start);
      assert.ok(wrong.length > 3);
      assert.deepEqual(
        found.toSorted((a, b) => a - b),
        wrong.toSorted((a, b) => a - b),
      );
    }
  } finally {
    await hasher.close();
  }
});
