import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceRow } from '../../../../src/engine/api/trace.ts';
import { alignRows, isUnlike } from '../../../../src/engine/trace/compare/align-rows.ts';
import { sampleExchange } from '../../../support/trace/sample-exchange.ts';

const rows = (calls: string): TraceRow[] =>
  Array.from(calls, (about, i) => {
    const { timings, request: _, answer: __, ...facts } = sampleExchange(i + 1, { about });
    return { ...facts, ...timings, job: null, phase: null };
  });

const aligned = (a: string, b: string): string =>
  alignRows(rows(a), rows(b))
    .map(({ left, right }) => `${left?.about ?? '-'}${right?.about ?? '-'}`)
    .join(' ');

test('equal calls stand side by side, in order, and others alone', () => {
  assert.equal(aligned('abc', 'abc'), 'aa bb cc');
  assert.equal(aligned('abcd', 'acxd'), 'aa b- cc -x dd');
  assert.equal(aligned('', 'ab'), '-a -b');
  assert.equal(aligned('ab', ''), 'a- b-');
  assert.equal(aligned('', ''), '');
  assert.equal(aligned('appppz', 'appz'), 'aa pp pp p- p- zz');
});

test('no call is lost or doubled, and as many as possible stand side by side', () => {
  let seed = 7;
  const next = (most: number): number => (seed = (seed * 1103515245 + 12345) % 2 ** 31) % most;
  const word = (): string => Array.from({ length: next(14) }, () => 'abc'[next(3)]).join('');
  for (let i = 0; i < 300; i++) {
    const [a, b] = [word(), word()];
    const pairs = alignRows(rows(a), rows(b));
    assert.equal(pairs.map(({ left }) => left?.about ?? '').join(''), a);
    assert.equal(pairs.map(({ right }) => right?.about ?? '').join(''), b);
    const common = pairs.filter(({ left, right }) => left !== null && right !== null);
    assert.ok(common.every(({ left, right }) => left?.about === right?.about));
    assert.equal(common.length, longestCommon(a, b), `${a} ${b}`);
  }
});

test('recordings that have little in common take bounded time', () => {
  const many = (from: number): string =>
    Array.from({ length: 10_000 }, (_, i) =>
      String.fromCodePoint(0x4e00 + ((i * from) % 997)),
    ).join('');
  const begun = process.cpuUsage();
  const [a, b] = [rows(many(3)), rows(many(5))];
  const pairs = alignRows(a, b);
  assert.equal(pairs.filter(({ left }) => left !== null).length, 10_000);
  assert.equal(pairs.filter(({ right }) => right !== null).length, 10_000);
  assert.ok(process.cpuUsage(begun).user < 5_000_000);
});

test('a pair differs if one is missing or they ended differently', () => {
  const [a, b] = [rows('a')[0] ?? null, { ...rows('a')[0], outcome: 'http.lost' } as TraceRow];
  assert.deepEqual(
    [
      isUnlike({ left: a, right: a }),
      isUnlike({ left: a, right: null }),
      isUnlike({ left: a, right: b }),
    ],
    [false, true, true],
  );
});

/** Length of the longest common subsequence, by the table. */
function longestCommon(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, () => 0);
  for (const x of a) {
    const next = [0];
    for (let j = 1; j <= b.length; j++) {
      const same = b[j - 1] === x ? (row[j - 1] ?? 0) + 1 : 0;
      next.push(Math.max(same, row[j] ?? 0, next[j - 1] ?? 0));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
