import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../../../support/checks/properties.ts';
import { BLOCK_STATES } from '../../../../../src/engine/api/anatomy.ts';
import { ClusterRuns } from '../../../../../src/engine/disk/anatomy/qcow2/cluster-runs.ts';

const KINDS = ['data', 'zero', 'transparent', 'lost'] as const;
type Kind = (typeof KINDS)[number];

function statesOf(
  pieces: readonly (readonly [length: number, kind: Kind])[],
  size: number,
): string[] {
  const runs = new ClusterRuns(size);
  const states: string[] = [];
  const take = (found: Iterable<{ first: number; end: number; state: number }>): void => {
    for (const { first, end, state } of found) {
      assert.equal(first, states.length, 'runs are in order and without gaps');
      for (let i = first; i < end; i++) states.push(BLOCK_STATES[state] ?? '');
    }
  };
  let at = 0;
  for (const [length, kind] of pieces) {
    take(runs.add({ start: at, end: at + length, kind }));
    at += length;
  }
  take(runs.finish());
  return states;
}

test('whole clusters keep their state; one with several kinds is partial, or bad if a part is lost', () => {
  assert.deepEqual(
    statesOf(
      [
        [8, 'data'],
        [4, 'zero'],
      ],
      4,
    ),
    ['present', 'present', 'zero'],
  );
  assert.deepEqual(
    statesOf(
      [
        [2, 'data'],
        [2, 'transparent'],
        [4, 'lost'],
      ],
      4,
    ),
    ['partial', 'bad'],
  );
  assert.deepEqual(
    statesOf(
      [
        [6, 'data'],
        [1, 'lost'],
        [1, 'zero'],
      ],
      4,
    ),
    ['present', 'bad'],
  );
  // The last cluster of a disk may be short.
  assert.deepEqual(
    statesOf(
      [
        [4, 'zero'],
        [1, 'data'],
      ],
      4,
    ),
    ['zero', 'present'],
  );
});

test('any pieces give each cluster one state, that of its bytes', () => {
  const piece = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.constantFrom(...KINDS));
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 30 }), (pieces) => {
      const bytes = pieces.flatMap(([length, kind]) => Array<Kind>(length).fill(kind));
      const expected: string[] = [];
      for (let at = 0; at < bytes.length; at += 4) {
        const kinds = new Set(bytes.slice(at, at + 4));
        const [only] = kinds;
        const names = { data: 'present', zero: 'zero', transparent: 'notPresent', lost: 'bad' };
        if (kinds.has('lost')) expected.push('bad');
        else expected.push(kinds.size > 1 || only === undefined ? 'partial' : names[only]);
      }
      assert.deepEqual(statesOf(pieces, 4), expected);
    }),
  );
});
