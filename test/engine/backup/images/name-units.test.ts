import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { copyPiece, type CopyTarget } from '../../../../src/engine/backup/images/copy-piece.ts';
import { copyPieces } from '../../../../src/engine/backup/images/copy-pieces.ts';
import { CopyWindow } from '../../../../src/engine/backup/images/copy-window.ts';
import { nameUnits } from '../../../../src/engine/backup/images/name-units.ts';
import { digestOf } from '../../../../src/engine/backup/hashes/hash-cell.ts';
import { never } from '../../../../src/engine/base/abort.ts';

const UNIT = 64 * 1024;
const UNITS = 16;

/** A cell of random bytes, with a unit of zeros at 3, and a unit that is zeros but for its last byte at 5. */
function cell(): Buffer {
  const bytes = randomBytes(UNITS * UNIT);
  bytes.fill(0, 3 * UNIT, 4 * UNIT);
  bytes.fill(0, 5 * UNIT, 6 * UNIT - 1);
  bytes[6 * UNIT - 1] = 1;
  return bytes;
}

const units = Array.from({ length: UNITS }, (_, unit) => {
  const start = unit * UNIT;
  return { unit, start, end: start + UNIT, whole: true };
});

/** Receives digests as a tree does. */
function collector() {
  const named = new Map<number, string>();
  const set = (unit: number, digest: Uint8Array): void => {
    named.set(unit, Buffer.from(digest).toString('hex'));
  };
  return { named, tree: { set, setZero: (unit: number): void => void named.set(unit, 'zero') } };
}

const expected = (bytes: Buffer): Map<number, string> =>
  new Map(
    units.map(({ unit, start, end }) => {
      const digest = Buffer.from(digestOf(bytes.subarray(start, end))).toString('hex');
      return [unit, unit === 3 ? 'zero' : digest];
    }),
  );

const sorted = (map: ReadonlyMap<number, string>): [number, string][] =>
  [...map].sort(([a], [b]) => a - b);

for (const native of ['', 'off'] as const) {
  test(`units are named by their digests, with the library ${native || 'on'}`, async (t) => {
    const before = process.env['REFPOINT_NATIVE'];
    process.env['REFPOINT_NATIVE'] = native;
    t.after(() => {
      if (before === undefined) delete process.env['REFPOINT_NATIVE'];
      else process.env['REFPOINT_NATIVE'] = before;
    });
    const bytes = cell();
    const { named, tree } = collector();
    await nameUnits(tree, units, bytes, true);
    assert.deepEqual(sorted(named), sorted(expected(bytes)));
  });
}

test('a copy whose image cannot be written ends when no thread reads its memory any more', async () => {
  const bytes = cell();
  const { named, tree } = collector();
  const [piece] = copyPieces(
    { cell: 0, parts: [{ start: 0, end: UNITS * UNIT }], whole: true },
    UNITS * UNIT,
    UNIT,
  );
  assert.ok(piece !== undefined);
  const full = new Error('the disk is full');
  const target = {
    source: { read: async (_: number, into: Uint8Array): Promise<void> => into.set(bytes) },
    writer: { write: () => Promise.reject(full) },
    hashes: tree,
    base: null,
    window: new CopyWindow(),
  } as unknown as CopyTarget;
  const memory = Buffer.alloc(bytes.length);
  const copying = copyPiece({ piece } as never, memory, target, never);
  await assert.rejects(copying, full);
  assert.deepEqual(sorted(named), sorted(expected(bytes)));
});
