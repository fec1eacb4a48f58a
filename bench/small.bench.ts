/** A small increment of one disk: exchanges with the host and flushes, as the test counts them that bounds them. */
import { spawnSync } from 'node:child_process';
import { line } from './bounds.ts';
import { report } from './measure.ts';

const { stdout, status } = spawnSync(
  process.execPath,
  ['--test', '--no-warnings', '--test-reporter=tap', 'test/scenario/jobs/job-cost.test.ts'],
  { encoding: 'utf8' },
);
const found = /incr: (\d+) exchanges \((\d+) with all looks\), (\d+) flushes/.exec(stdout);
if (status !== 0 || found === null) throw new Error(stdout);
const [, exchanges, all, flushes] = found;
report(`a small increment of one disk: ${all} exchanges with every look at jobs and merges`);
line('  exchanges', String(exchanges), Number(exchanges) <= 40, '40');
line('  flushes', String(flushes), Number(flushes) <= 30, '30');
