import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordingName } from '../../../../src/engine/jobs/folder/recording-name.ts';

const TIME = new Date(2026, 10, 30, 9, 8, 7);

test('recordings of two jobs have different names, in local time', () => {
  assert.equal(recordingName('backup web01', TIME), 'backup web01 2026-11-30 09-08-07.rptrace');
});

test('any title gives a name that every file system takes', () => {
  const name = recordingName('../a\\b:c*?"<>|\u0000\u202e Zürich 東京', TIME);
  assert.equal(name, '_a_b_c________ Zürich 東京 2026-11-30 09-08-07.rptrace');
  const long = recordingName('𠀀'.repeat(5000), TIME);
  assert.ok(Buffer.byteLength(long) <= 255, `${Buffer.byteLength(long)} bytes`);
  assert.equal(recordingName(' .. ', TIME), '2026-11-30 09-08-07.rptrace');
});
