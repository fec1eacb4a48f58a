import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { exchangeLine, headerLine, line } from '../../../../src/engine/trace/format/trace-line.ts';
import { TraceFile } from '../../../../src/engine/trace/read/trace-file.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { sampleExchange } from '../../../support/trace/sample-exchange.ts';

const HEAD = headerLine({ time: '2026-11-30T12:00:00Z', engine: '1.0.0', command: null });
const exchange = (sequence: number): string =>
  exchangeLine(sampleExchange(sequence), { job: null, phase: null });

async function opened(t: TestContext, content: string | Uint8Array): Promise<TraceFile> {
  const file = path.join(await temporaryFolder(t), 'a.rptrace');
  await fs.writeFile(file, content);
  const trace = await TraceFile.open(file, never);
  afterwards(t, () => trace.close());
  return trace;
}

test('an unfinished last line is what a dead process leaves, and no error', async (t) => {
  const trace = await opened(t, HEAD + exchange(1) + exchange(2).slice(0, -20));
  const { exchanges, unreadable, end } = trace.info('');
  assert.deepEqual([exchanges, unreadable, end], [1, 0, 'open']);
});

test('lines that are damaged are counted, and the others are read', async (t) => {
  const bad = [
    'not JSON\n',
    '[]\n',
    '\n',
    exchange(3).replace('"sequence":3', '"sequence":-3'),
    exchange(3).replace('"done":12', '"done":"12"'),
    exchange(3).replace('"host":"hv01:5985"', `"host":"${'h'.repeat(5000)}"`),
    exchange(1),
    '['.repeat(100_000) + '\n',
  ];
  const later = line({ kind: 'colour', of: 'a later version' });
  const trace = await opened(t, HEAD + exchange(1) + bad.join('') + later + exchange(2));
  const { exchanges, unreadable } = trace.info('');
  assert.deepEqual([exchanges, unreadable], [2, bad.length]);
});

test('a line longer than any that is written is skipped without being kept', async (t) => {
  const long = `{"kind":"exchange","request":"${'x'.repeat(17 * 2 ** 20)}"}\n`;
  const trace = await opened(t, HEAD + long + exchange(2));
  const { exchanges, unreadable } = trace.info('');
  assert.deepEqual([exchanges, unreadable], [1, 1]);
  assert.equal((await trace.exchange(2)).row.sequence, 2);
});

test('another file, and a recording of a later version, are refused by name', async (t) => {
  const contents = [
    '',
    'Chapter 1\n',
    '{"kind":"exchange"}\n',
    HEAD.replace('"version":1', '"version":2'),
    Buffer.alloc(3_000_000, 0xff),
  ];
  for (const content of contents) {
    await assert.rejects(opened(t, content), {
      code: 'trace.format',
      message: /a\.rptrace is not a recording of Refpoint/,
    });
  }
  await assert.rejects(TraceFile.open('/nowhere/a.rptrace', never), { code: 'trace.file' });
});
