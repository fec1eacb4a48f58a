import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceFiles } from '../support/repo/source-files.ts';

const SOFT_LIMIT = 300;
const HARD_LIMIT = 450;

const files = sourceFiles('src').map((file) => ({
  path: file.path,
  lines: file.text.split('\n').length - 1,
}));

test('no source file is longer than one concept needs', () => {
  assert.ok(files.length >= 120, `only ${files.length} files were seen`);
  const long = files.filter((file) => file.lines > HARD_LIMIT);
  assert.deepEqual(long, [], `files over ${HARD_LIMIT} lines`);
  const soft = files.filter((file) => file.lines > SOFT_LIMIT);
  assert.ok(soft.length * 20 <= files.length, `over ${SOFT_LIMIT} lines: ${JSON.stringify(soft)}`);
});

test('the middle source file stays near a hundred lines', () => {
  const sorted = files.map((file) => file.lines).sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  assert.ok(median > 0 && median <= 150, `the median is ${median} lines`);
});

test('source files are named in kebab-case', () => {
  const wrong = files.filter((file) => !/^[a-z0-9./-]+$/.test(file.path));
  assert.deepEqual(wrong, []);
});
