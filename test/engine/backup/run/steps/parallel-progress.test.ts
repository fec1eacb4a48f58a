import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParallelProgress } from '../../../../../src/engine/backup/run/steps/parallel-progress.ts';
import { JobCounter } from '../../../../../src/engine/jobs/folder/job-progress.ts';

test('pieces at the same time are one phase, whose share of the whole never falls back', () => {
  const counter = new JobCounter(() => 0);
  const percents: (number | null | undefined)[] = [];
  const look = (): string | undefined => {
    const now = counter.read();
    percents.push(now?.percent);
    return now === null ? undefined : `${now.phase}: ${now.done} of ${now.total}`;
  };
  counter.whole(300);
  const progress = new ParallelProgress(counter);
  const [a, b] = [progress.begin(), progress.begin()];
  a.phase('Disk 0', 50, 100);
  a.advance(25);
  assert.equal(look(), 'Disk 0: 25 of 50');
  b.phase('Disk 1', 150, 100);
  b.advance(5);
  assert.equal(look(), 'Disk 0, Disk 1: 30 of 200');
  a.advance(25);
  a.end();
  assert.equal(look(), 'Disk 1: 55 of 200');
  // It is begun anew, as an increment that becomes a full is.
  b.phase('Disk 1: full', 200, 100);
  b.advance(200);
  assert.equal(look(), 'Disk 1: full: 250 of 250');
  b.end();
  const c = progress.begin();
  c.phase('Disk 2', 10, 100);
  c.advance(10);
  assert.equal(look(), 'Disk 2: 10 of 10');
  c.end();
  assert.deepEqual(
    percents,
    [...percents].sort((x, y) => Number(x) - Number(y)),
  );
  assert.equal(percents.at(-1), 99);
});

test('a progress that knows no groups is told of a new phase with what was done', () => {
  const told: string[] = [];
  const progress = new ParallelProgress({
    phase: (name, total) => void told.push(`${name} ${total}`),
    advance: (bytes) => void told.push(`+${bytes}`),
    note: () => undefined,
  });
  const [a, b] = [progress.begin(), progress.begin()];
  a.phase('a', 10);
  a.advance(4);
  b.phase('b', 20);
  assert.deepEqual(told, ['a 10', '+4', 'a, b 30', '+4']);
});
