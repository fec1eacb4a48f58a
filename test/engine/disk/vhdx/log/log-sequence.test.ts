import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from '../../../../../src/engine/api/codes.ts';
import { crc32cWithoutField } from '../../../../../src/engine/base/bytes/crc32c.ts';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import { newGuid } from '../../../../../src/engine/base/guid.ts';
import { MIB } from '../../../../../src/engine/disk/vhdx/structures/layout.ts';
import {
  decodeLogEntry,
  encodeLogEntry,
} from '../../../../../src/engine/disk/vhdx/log/log-entry.ts';
import {
  findActiveSequence,
  type LogPlace,
} from '../../../../../src/engine/disk/vhdx/log/log-sequence.ts';

const code = (wanted: ErrorCode) => (error: unknown) => {
  assert.ok(isEngineError(error, wanted), `${wanted} was expected: ${String(error)}`);
  return true;
};
const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset);
/** Puts the right checksum over bytes that were changed. */
function seal(bytes: Uint8Array): Uint8Array {
  view(bytes).setUint32(4, crc32cWithoutField(bytes, 4), true);
  return bytes;
}

const ring = { logGuid: newGuid(), offset: MIB, length: MIB };
const page = { kind: 'page' as const, offset: 3 * MIB, bytes: new Uint8Array(4096).fill(7) };
const whole = { tail: 0, sequenceNumber: 5n, flushedFileOffset: 0, lastFileOffset: 0 };

/** What the decoder says of an entry that was changed and sealed again. */
function defect(change: (bytes: Uint8Array) => void, resealed = true): string {
  const bytes = encodeLogEntry({ ...whole, writes: [page] }, ring.logGuid);
  change(bytes);
  const decoded = decodeLogEntry(resealed ? seal(bytes) : bytes, ring);
  assert.ok('defect' in decoded, 'the entry was taken');
  return decoded.defect.code;
}

test('log entries: every rule of validity', () => {
  assert.match(
    defect((b) => (b[5000] = 1), false),
    /checksum/,
  );
  assert.match(
    defect((b) => b.fill(0, 0, 4)),
    /log\.signature/,
  );
  assert.match(
    defect((b) => b.fill(1, 32, 48)),
    /log\.signature/,
  );
  assert.match(
    defect((b) => view(b).setUint32(8, 0, true)),
    /log\.signature/,
  );
  assert.match(
    defect((b) => view(b).setUint32(8, 4095, true)),
    /log\.signature/,
  );
  assert.match(
    defect((b) => view(b).setUint32(8, 4 * MIB, true)),
    /log\.signature/,
  );
  assert.match(
    defect((b) => view(b).setUint32(24, 2 ** 32 - 1, true)),
    /log\.signature/,
  );
  assert.match(
    defect((b) => view(b).setUint32(24, 2, true)),
    /log\.descriptor/,
  );
  assert.match(
    defect((b) => view(b).setUint32(24, 0, true)),
    /log\.length/,
  );
  assert.match(
    defect((b) => view(b).setUint32(12, 100, true)),
    /tail/,
  );
  assert.match(
    defect((b) => view(b).setUint32(12, MIB, true)),
    /tail/,
  );
  assert.match(
    defect((b) => view(b).setUint32(16, 0, true)),
    /equence/,
  );
  assert.match(
    defect((b) => b.fill(0xff, 48, 56)),
    /log\.fileOffset/,
  );
  assert.match(
    defect((b) => view(b).setUint32(88, 6, true)),
    /equence/,
  );
  assert.match(
    defect((b) => b.fill(0, 64, 68)),
    /log\.descriptor$/,
  );
  for (const offset of [0x2f000n, 3n * 2n ** 20n + 512n, 2n ** 20n, 2n ** 60n]) {
    assert.match(
      defect((b) => view(b).setBigUint64(80, offset, true)),
      /target/,
    );
  }
  assert.match(
    defect((b) => b.fill(0, 4096, 4100)),
    /log\.sector/,
  );
  assert.match(
    defect((b) => view(b).setUint32(8188, 6, true)),
    /torn/,
  );
  assert.match(
    defect((b) => view(b).setUint32(4100, 6, true)),
    /torn/,
  );
});

/** A ring image with entries of one page each: [offset, sequence, tail]. */
function log(...entries: readonly (readonly [number, bigint, number])[]): Uint8Array {
  const image = new Uint8Array(ring.length);
  for (const [offset, sequenceNumber, tail] of entries) {
    const write = { ...page, bytes: new Uint8Array(4096).fill(Number(sequenceNumber)) };
    const bytes = encodeLogEntry({ ...whole, sequenceNumber, tail, writes: [write] }, ring.logGuid);
    const first = Math.min(bytes.length, image.length - offset);
    image.set(bytes.subarray(0, first), offset);
    image.set(bytes.subarray(first), 0);
  }
  return image;
}

function active(image: Uint8Array): readonly number[] {
  const search = findActiveSequence(ring);
  let step = search.next();
  while (step.done !== true) step = search.next(ringBytes(image, step.value));
  return step.value.entries.map((place) => place.offset);
}

test('replay begins at the tail of the last entry, not at the start of the run', () => {
  assert.deepEqual(active(log([0, 1n, 0], [8192, 2n, 0], [16384, 3n, 8192])), [8192, 16384]);
});

test('of two runs the one with the greater number is active, however long the other is', () => {
  const long = [
    [65536, 10n, 65536],
    [73728, 11n, 65536],
    [81920, 12n, 65536],
  ] as const;
  assert.deepEqual(active(log(...long, [0, 13n, 0])), [0]);
  assert.deepEqual(active(log(...long, [0, 9n, 0])), [65536, 73728, 81920]);
});

test('an entry may wrap at the end of the ring', () => {
  const last = MIB - 4096;
  assert.deepEqual(active(log([last - 8192, 4n, last - 8192], [last, 5n, last])), [last]);
});

test('a run whose last tail points outside it does not count', () => {
  assert.throws(() => active(log([8192, 2n, 0])), code('vhdx.log.corrupt'));
  assert.throws(() => active(new Uint8Array(MIB)), code('vhdx.log.corrupt'));
  assert.deepEqual(active(log([0, 1n, 0], [65536, 7n, 4096])), [0]);
});

test('an entry torn in any one sector ends the run before it', () => {
  for (let sector = 0; sector < 16; sector++) {
    const image = log([0, 1n, 0], [8192, 2n, 0]);
    image.fill(0xee, 8192 + sector * 512, 8192 + sector * 512 + 512);
    assert.deepEqual(active(image), [0]);
  }
});

test('a log full of entries that lead nowhere is searched in one pass', () => {
  const image = log(
    ...Array.from({ length: 127 }, (_, i) => [i * 8192, BigInt(i + 1), 4096] as const),
  );
  let requests = 0;
  const search = findActiveSequence(ring);
  assert.throws(() => {
    let step = search.next();
    while (step.done !== true) {
      requests++;
      step = search.next(ringBytes(image, step.value));
    }
  }, code('vhdx.log.corrupt'));
  assert.ok(requests < 300, `${requests} reads of the log`);
});

/** Returns the requested bytes from a ring image in memory. */
function ringBytes(log: Uint8Array, { offset, length }: LogPlace): Uint8Array {
  const end = offset + length;
  if (end <= log.length) return log.subarray(offset, end);
  const bytes = new Uint8Array(length);
  bytes.set(log.subarray(offset));
  bytes.set(log.subarray(0, end - log.length), log.length - offset);
  return bytes;
}
