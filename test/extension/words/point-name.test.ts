import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byName } from '../../../src/extension/words/by-name.ts';
import { formatAgo, formatSecond } from '../../../src/extension/words/format.ts';
import { pointName, pointTime, withPointNames } from '../../../src/extension/words/point-name.ts';

test('a point has one name, whether all of it is known or its id alone', () => {
  const id = '20260301T100005Z-incr';
  const time = formatSecond('2026-03-01T10:00:05Z');
  assert.match(time, /:05/, 'to the second');
  assert.equal(pointName(id), `${time} (incremental)`);
  assert.equal(pointName({ id, created: '2026-03-01T10:00:05.120Z', kind: 'incr' }), pointName(id));
  assert.equal(pointTime({ id }), time);
  assert.equal(pointName('latest'), 'latest', 'what is not an id stays as it is');
  const odd = { id: 'odd', created: '2026-03-01T10:00:05Z', kind: 'full' } as const;
  assert.equal(pointName(odd), `${time} (full)`);
});

test('how long ago something was is short', () => {
  const now = Date.parse('2026-03-01T10:00:00Z');
  const ago = (seconds: number): string =>
    formatAgo(new Date(now - seconds * 1000).toISOString(), now);
  assert.deepEqual([0, 59].map(ago), ['now', 'now']);
  // The units are the locale's; each has its own.
  const shown = [60, 3600, 86_400 * 3, 86_400 * 400].map(ago);
  assert.deepEqual(
    shown.map((text) => text.replace(/\D/g, '')),
    ['1', '1', '3', '1'],
  );
  assert.equal(new Set(shown).size, 4);
  assert.ok(
    shown.every((text) => text.length <= 12),
    shown.join(),
  );
  assert.equal(ago(-100), 'now', 'a clock that is ahead tells no future');
  assert.equal(formatAgo(null, now), '');
});

test('texts of the engine name points as everything else does; paths stay as they are', () => {
  const id = '20260301T100005Z-incr';
  assert.equal(withPointNames(`Changes since ${id}.`), `Changes since ${pointName(id)}.`);
  assert.equal(withPointNames(`${id}: disk 0`), `${pointName(id)}: disk 0`);
  const path = `/stores/a/${id}/0-disk.vhdx and C:\\s\\${id}`;
  assert.equal(withPointNames(path), path);
});

test('a time of this year leaves the year out, so that rows fit', () => {
  const now = Date.parse('2026-07-01T00:00:00Z');
  assert.doesNotMatch(formatSecond('2026-03-01T10:00:05Z', now), /2026/);
  assert.match(formatSecond('2025-03-01T10:00:05Z', now), /2025/);
});

test('names are in the order in which people read them', () => {
  const names = ['vm10', 'vm2', 'Vm1', 'äpfel', 'zebra', 'vm2'];
  assert.deepEqual(
    byName(
      [...names.entries()],
      ([, name]) => name,
      ([at]) => String(at),
    ).map(([, name]) => name),
    ['äpfel', 'Vm1', 'vm2', 'vm2', 'vm10', 'zebra'],
  );
});
