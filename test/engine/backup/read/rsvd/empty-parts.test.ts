import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Warning } from '../../../../../src/engine/api/backup.ts';
import {
  emptyParts,
  withoutEmptyParts,
} from '../../../../../src/engine/backup/read/rsvd/empty-parts.ts';
import { never } from '../../../../../src/engine/base/abort.ts';
import { newGuid } from '../../../../../src/engine/base/guid.ts';
import type { Range } from '../../../../../src/engine/base/range.ts';
import { rsvdError } from '../../../../../src/engine/net/rsvd/contract/rsvd-errors.ts';
import { RangeSet } from '../../../../../src/engine/base/range-set.ts';
import { MemoryStorage } from '../../../../support/files/memory-source.ts';

const MIB = 2 ** 20;

const said = (...parts: readonly Range[]) => ({
  async *unmapped(): AsyncGenerator<Range> {
    yield* parts;
  },
});

async function found(set: ReturnType<typeof said>, bytes: Buffer) {
  const warnings: Warning[] = [];
  const source = new MemoryStorage(bytes);
  const parts = await emptyParts(set, newGuid(), source, (each) => warnings.push(each), never);
  return { parts: parts?.ranges, warnings: warnings.map(({ code }) => code) };
}

test('parts that a server calls empty are rounded inwards; a server that does not say so gives none', async () => {
  const bytes = Buffer.alloc(8 * MIB);
  const parts = said({ start: 512, end: 3 * MIB - 512 }, { start: 4 * MIB, end: 8 * MIB });
  assert.deepEqual(await found(parts, bytes), {
    parts: [
      { start: MIB, end: 2 * MIB },
      { start: 4 * MIB, end: 8 * MIB },
    ],
    warnings: [],
  });
  const silent = {
    // oxlint-disable-next-line require-yield
    async *unmapped(): AsyncGenerator<Range> {
      throw rsvdError('rsvd.sense', 'illegal request');
    },
  };
  assert.deepEqual(await found(silent, bytes), { parts: undefined, warnings: [] });
});

test('a lie about one byte of the first or the last part, or of much, is seen: the whole disk is read', async () => {
  const all = said({ start: 0, end: 8 * MIB });
  for (const at of [446, 8 * MIB - 1]) {
    const bytes = Buffer.alloc(8 * MIB);
    bytes[at] = 1;
    assert.deepEqual(await found(all, bytes), { parts: undefined, warnings: ['disk.allocation'] });
  }
  const half = Buffer.alloc(8 * MIB).fill(7, 2 * MIB, 6 * MIB);
  assert.deepEqual(await found(all, half), { parts: undefined, warnings: ['disk.allocation'] });
});

test('a disk without its empty parts is tiled by data and zeros', async () => {
  const { parts } = await found(said({ start: MIB, end: 3 * MIB }), Buffer.alloc(8 * MIB));
  assert.ok(parts);
  const map = withoutEmptyParts(RangeSet.of(parts));
  const rows = [];
  for await (const row of map.extents({ start: 512, end: 4 * MIB })) rows.push(row);
  assert.deepEqual(rows, [
    { start: 512, length: MIB - 512, kind: 'data' },
    { start: MIB, length: 2 * MIB, kind: 'zero' },
    { start: 3 * MIB, length: MIB, kind: 'data' },
  ]);
});
