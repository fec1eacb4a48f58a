import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { noLog } from '../../../../src/engine/base/log.ts';
import { SessionTrace } from '../../../../src/engine/operations/trace/session-trace.ts';
import { TraceFile } from '../../../../src/engine/trace/read/trace-file.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { sampleExchange } from '../../../support/trace/sample-exchange.ts';

test('a session is recorded only while it is switched on, in a file of the user’s folder', async (t) => {
  const session = new SessionTrace(await temporaryFolder(t), noLog);
  assert.equal(session.begin(), 0, 'nothing is recorded');
  const file = await session.switch(true);
  assert.ok(file !== null);
  assert.equal(await session.switch(true), file);
  session.record(sampleExchange(session.begin()));
  assert.equal(await session.switch(false), null);
  assert.equal(session.begin(), 0);
  // An exchange that began before is not an error.
  session.record(sampleExchange(2));
  const trace = await TraceFile.open(file, never);
  afterwards(t, () => trace.close());
  const { exchanges, command, end } = trace.info('');
  assert.deepEqual([exchanges, command, end], [1, 'workbench', 'complete']);
});

test('old recordings of sessions are removed, and nothing else in their folder', async (t) => {
  const home = await temporaryFolder(t);
  const folder = path.join(home, 'traces');
  await fs.mkdir(folder);
  for (let day = 10; day < 30; day++) {
    await fs.writeFile(path.join(folder, `session-202611${day}T120000Z-1.rptrace`), '');
  }
  await fs.writeFile(path.join(folder, 'mine.rptrace'), '');
  const session = new SessionTrace(home, noLog);
  const file = await session.switch(true);
  await session.close();
  const left = (await fs.readdir(folder)).sort();
  assert.equal(left.length, 11);
  assert.ok(left.includes('mine.rptrace') && left.includes(path.basename(file ?? '')));
  assert.ok(left.includes('session-20261129T120000Z-1.rptrace'));
});

test('a folder that cannot be made is an error that names it', async (t) => {
  const home = path.join(await temporaryFolder(t), 'file');
  await fs.writeFile(home, '');
  const session = new SessionTrace(home, noLog);
  await assert.rejects(session.switch(true), { code: 'trace.file', message: /traces/ });
  assert.equal(session.begin(), 0);
});
