import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import type { Range } from '../../../../src/engine/base/range.ts';
import { differences } from '../../../../src/engine/disk/contents/differences.ts';
import type { Extent, VirtualDisk } from '../../../../src/engine/disk/virtual/virtual-disk.ts';

const MIB = 2 ** 20;

/** A disk of these bytes whose zero pages are holes. */
function diskOf(bytes: Uint8Array): VirtualDisk {
  return {
    name: 'disk',
    size: bytes.length,
    logicalSectorSize: 512,
    async *extents({ start, end }): AsyncGenerator<Extent> {
      for (let at = start; at < end;) {
        const to = Math.min(end, at - (at % 4096) + 4096);
        const zero = bytes.subarray(at, to).every((byte) => byte === 0);
        yield { start: at, length: to - at, kind: zero ? 'hole' : 'data', depth: 0 };
        at = to;
      }
    },
    read: (offset, into) => {
      into.set(bytes.subarray(offset, offset + into.length));
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}

async function between(a: Uint8Array, b: Uint8Array, from = 0): Promise<readonly Range[]> {
  const found: Range[] = [];
  for await (const each of differences(diskOf(a), diskOf(b), from, noProgress, never)) {
    found.push(each);
  }
  return found;
}

test('ranges are exact to the byte, and join over fewer than 16 equal bytes, also where reads meet', async () => {
  const a = new Uint8Array(4 * MIB);
  const b = new Uint8Array(4 * MIB);
  for (const at of [0, 15, 40, MIB - 1, MIB, 2 * MIB - 8, 2 * MIB + 7, 3 * MIB - 16, 3 * MIB + 1]) {
    b[at] = 1;
  }
  a[4 * MIB - 1] = 7;
  assert.deepEqual(await between(a, b), [
    { start: 0, end: 16 },
    { start: 40, end: 41 },
    { start: MIB - 1, end: MIB + 1 },
    { start: 2 * MIB - 8, end: 2 * MIB + 8 },
    { start: 3 * MIB - 16, end: 3 * MIB - 15 },
    { start: 3 * MIB + 1, end: 3 * MIB + 2 },
    { start: 4 * MIB - 1, end: 4 * MIB },
  ]);
  assert.deepEqual(await between(b, b), []);
});

test('an offset omits what lies before it; behind the end of the smaller disk there are zeros', async () => {
  const a = new Uint8Array(MIB).fill(3);
  const b = new Uint8Array(2 * MIB);
  b.set(a);
  assert.deepEqual(await between(a, b), []);
  b[MIB + 5] = 1;
  b[10] = 4;
  assert.deepEqual(await between(a, b), [
    { start: 10, end: 11 },
    { start: MIB + 5, end: MIB + 6 },
  ]);
  assert.deepEqual(await between(b, a, 11), [{ start: MIB + 5, end: MIB + 6 }]);
  assert.deepEqual(await between(b, a, 2 * MIB), []);
});
