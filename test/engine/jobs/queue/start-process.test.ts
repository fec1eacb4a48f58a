import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { JobInput } from '../../../../src/engine/api/jobs.ts';
import { startJobProcess } from '../../../../src/engine/jobs/queue/start-process.ts';

/** Stands for the command: tells the size of its pool. */
const COMMAND = `
  const { connect } = require('node:net');
  const line = process.env.UV_THREADPOOL_SIZE ?? 'default';
  connect(Number(process.env.TEST_PORT), '127.0.0.1').end(line);
  console.log('started');
`;

test('the process of a job has a pool of 16 threads', async (t) => {
  const server = createServer();
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const asked = once(server, 'connection') as Promise<[Socket]>;
  const env = { ...process.env, TEST_PORT: String(port), UV_THREADPOOL_SIZE: '2' };
  await startJobProcess({} as JobInput, { words: [process.execPath, '-e', COMMAND, '--'], env });
  const [socket] = await asked;
  assert.equal(await text(socket), '16');
});
