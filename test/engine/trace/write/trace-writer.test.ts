import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { TraceFile } from '../../../../src/engine/trace/read/trace-file.ts';
import { TraceWriter } from '../../../../src/engine/trace/write/trace-writer.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { sampleExchange } from '../../../support/trace/sample-exchange.ts';

/** Longest text of an envelope in a recording (TRACE.md). */
const MAX_TEXT = 2 ** 20;

const HEADER = { time: '2026-11-30T12:00:00.000Z', engine: '1.2.3', command: 'backup' } as const;

test('what was recorded is read again, whoever recorded it, in the order in which requests began', async (t) => {
  const file = path.join(await temporaryFolder(t), 'a.rptrace');
  const writer = await TraceWriter.open(file, HEADER);
  const job = writer.ofJob('5d0c4f5e-0000-4000-8000-000000000001', 'web01');
  const [first, second, third] = [writer.begin(), job.begin(), writer.begin()];
  job.phase('Disk 0: full');
  const fourth = job.begin();
  writer.record(sampleExchange(third, { outcome: 'wsman.fault.accessDenied', status: 500 }));
  job.record(sampleExchange(fourth, { changes: true, retryOf: second }));
  job.record(sampleExchange(second));
  writer.record(sampleExchange(first));
  assert.deepEqual(await writer.close(), { exchanges: 4, lost: 0, problem: undefined });

  const trace = await TraceFile.open(file, never);
  afterwards(t, () => trace.close());
  assert.deepEqual(
    trace.rows.map(({ sequence, job: of, phase, retryOf }) => [
      sequence,
      of?.slice(-1),
      phase,
      retryOf,
    ]),
    [
      [1, undefined, null, null],
      [2, '1', null, null],
      [3, undefined, null, null],
      [4, '1', 'Disk 0: full', 2],
    ],
  );
  const { traceId: _, path: __, ...info } = trace.info('');
  assert.deepEqual(info, {
    begun: HEADER.time,
    engine: '1.2.3',
    command: 'backup',
    jobs: [{ id: '5d0c4f5e-0000-4000-8000-000000000001', title: 'web01' }],
    hosts: ['hv01:5985'],
    exchanges: 4,
    errors: 1,
    changing: 1,
    milliseconds: 312,
    longest: 12,
    sentBytes: 3600,
    receivedBytes: 8000,
    end: 'complete',
    lost: 0,
    unreadable: 0,
  });
  const { request, answer } = await trace.exchange(3);
  assert.equal(request, sampleExchange(3).request);
  assert.equal(answer, sampleExchange(3).answer);
  await assert.rejects(trace.exchange(5), { code: 'trace.exchange' });
});

test('only this account can read the file, and no file but a recording is ever replaced', async (t) => {
  const folder = await temporaryFolder(t);
  const file = path.join(folder, 'a.rptrace');
  await (await TraceWriter.open(file, HEADER)).close();
  if (process.platform !== 'win32') {
    assert.equal((await fs.stat(file)).mode & 0o777, 0o600);
    await fs.chmod(file, 0o644);
  }
  const again = await TraceWriter.open(file, HEADER);
  again.record(sampleExchange(again.begin()));
  await again.close();
  if (process.platform !== 'win32') assert.equal((await fs.stat(file)).mode & 0o777, 0o600);
  assert.equal((await fs.readFile(file, 'utf8')).split('\n').length, 4);

  const other = path.join(folder, 'thesis.txt');
  await fs.writeFile(other, 'Chapter 1');
  await assert.rejects(TraceWriter.open(other, HEADER), {
    code: 'trace.file',
    message: /exists and is not a recording/,
  });
  assert.equal(await fs.readFile(other, 'utf8'), 'Chapter 1');
  for (const place of [folder, path.join(folder, 'missing', 'a.rptrace')]) {
    await assert.rejects(TraceWriter.open(place, HEADER), { code: 'trace.file' });
  }
});

test('a full recording ends with a line that says so, within its maximum size', async (t) => {
  const file = path.join(await temporaryFolder(t), 'a.rptrace');
  const limit = 20_000;
  const writer = await TraceWriter.open(file, HEADER, limit);
  for (let i = 0; i < 100; i++) writer.record(sampleExchange(writer.begin()));
  const { exchanges, lost, problem } = await writer.close();
  assert.equal(exchanges + lost, 100);
  assert.ok(lost > 50 && exchanges > 5, `${exchanges} recorded`);
  assert.match(problem ?? '', /maximum size of 20000 bytes/);
  const { size } = await fs.stat(file);
  assert.ok(size <= limit, `${size} bytes`);
  const trace = await TraceFile.open(file, never);
  afterwards(t, () => trace.close());
  const info = trace.info('');
  assert.deepEqual([info.end, info.exchanges, info.lost], ['full', exchanges, lost]);
});

test('an envelope that is too long is cut, and its record says by how much', async (t) => {
  const file = path.join(await temporaryFolder(t), 'a.rptrace');
  const writer = await TraceWriter.open(file, HEADER);
  // Each character takes six bytes in JSON: the longest line there is.
  const answer = '\u0001'.repeat(MAX_TEXT + 5);
  const request = '\u0001'.repeat(MAX_TEXT);
  writer.record(sampleExchange(writer.begin(), { request, answer }));
  await writer.close();
  const trace = await TraceFile.open(file, never);
  afterwards(t, () => trace.close());
  const found = await trace.exchange(1);
  assert.equal(found.answer.length, MAX_TEXT);
  assert.deepEqual([found.requestCut, found.answerCut], [0, 5]);
});

test('exchanges that come faster than the disk takes them are counted, not kept in memory', async (t) => {
  const file = path.join(await temporaryFolder(t), 'a.rptrace');
  const writer = await TraceWriter.open(file, HEADER);
  const answer = 'x'.repeat(MAX_TEXT);
  for (let i = 0; i < 60; i++) writer.record(sampleExchange(writer.begin(), { answer }));
  await new Promise((resolve) => setTimeout(resolve, 200));
  writer.record(sampleExchange(writer.begin()));
  const { exchanges, lost, problem } = await writer.close();
  assert.ok(lost > 10, `${lost} lost`);
  assert.equal(exchanges + lost, 61);
  assert.match(problem ?? '', /faster/);
  const trace = await TraceFile.open(file, never);
  afterwards(t, () => trace.close());
  const info = trace.info('');
  assert.deepEqual([info.exchanges, info.lost, info.end], [exchanges, lost, 'complete']);
});
