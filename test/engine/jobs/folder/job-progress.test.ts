import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JobCounter } from '../../../../src/engine/jobs/folder/job-progress.ts';

const MIB = 2 ** 20;

test('a job of two disks goes from 0 to 99 percent once, with the time that is left', () => {
  let now = 0;
  const counter = new JobCounter(() => now);
  counter.phase('Checkpoint on the host', 0);
  assert.equal(counter.read()?.percent, null, 'nothing is known yet');
  counter.whole(200 * MIB);
  const seen: (number | null)[] = [];
  for (const disk of [0, 1]) {
    // Half of each disk holds data; it stands for the whole disk.
    counter.phase(`Disk ${disk}`, 50 * MIB, 100 * MIB);
    for (let i = 0; i < 5; i++) {
      counter.advance(10 * MIB);
      now += 1000;
      seen.push(counter.read()?.percent ?? null);
    }
  }
  assert.deepEqual(seen, [10, 20, 30, 40, 50, 60, 70, 80, 90, 99]);
  counter.phase('Merging on the host', 0);
  assert.deepEqual(counter.read()?.percent, 99, 'the end is told by the job, not by its bytes');
});

test('the time left follows from the speed of the whole', () => {
  let now = 0;
  const counter = new JobCounter(() => now);
  counter.whole(100 * MIB);
  counter.phase('Disk 0', 100 * MIB);
  for (let i = 0; i < 5; i++) {
    now += 1000;
    counter.advance(5 * MIB);
    counter.read();
  }
  const { percent, secondsLeft, bytesPerSecond } = counter.read() ?? {};
  assert.deepEqual([percent, secondsLeft, bytesPerSecond], [25, 15, 5 * MIB]);
});

test('a disk that is begun anew, and a check of the tracker, take nothing back', () => {
  const counter = new JobCounter(() => 0);
  counter.whole(100 * MIB);
  counter.phase('Disk 0: increment', 10 * MIB, 100 * MIB);
  counter.advance(5 * MIB);
  assert.equal(counter.read()?.percent, 50);
  counter.phase('Checking the tracker', 100 * MIB, 0);
  counter.advance(MIB);
  assert.ok((counter.read()?.percent ?? 0) >= 50);
  counter.phase('Disk 0: full', 80 * MIB, 100 * MIB);
  assert.ok((counter.read()?.percent ?? 0) >= 50);
});
