import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { newGuid } from '../../../../src/engine/base/guid.ts';
import { OverlappedReads } from '../../../../src/engine/win32/handles/overlapped-reads.ts';
import { WindowsHandle } from '../../../../src/engine/win32/handles/windows-handle.ts';
import { openOverlapped } from '../../../support/win32/overlapped-file.ts';
import { assertInTime } from '../../../support/process/in-time.ts';

const skip = process.platform === 'win32' ? false : 'needs Windows';

/** A pipe whose reads wait until its server writes: a disk that answers late. */
async function latePipe(t: TestContext): Promise<{ path: string; server: Promise<Socket> }> {
  const path = `\\\\.\\pipe\\refpoint-test-${newGuid()}`;
  let connected: (socket: Socket) => void = () => undefined;
  const server = new Promise<Socket>((resolve) => {
    connected = resolve;
  });
  const listener = createServer((socket) => {
    socket.on('error', () => undefined);
    t.after(() => socket.destroy());
    connected(socket);
  });
  await new Promise<void>((resolve) => void listener.listen(path, resolve));
  t.after(() => listener.close());
  return { path, server };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

test('reads that wait take no thread from fs, and each gets its bytes', { skip }, async (t) => {
  const { path, server } = await latePipe(t);
  const handle = openOverlapped(path);
  const reads = new OverlappedReads(handle);
  const socket = await server;
  const found: string[] = [];
  const take = (bytes: Buffer): void => void found.push(bytes.toString('latin1'));
  const six = Array.from({ length: 6 }, () => reads.read(0, 1, take, never));
  await pause(300);
  assert.deepEqual(found, []);
  const start = performance.now();
  await stat(process.execPath);
  assertInTime(performance.now() - start, 250, 'fs.stat');
  for (const letter of 'abcdef') {
    socket.write(letter);
    await pause(20);
  }
  assert.deepEqual(
    (await Promise.all(six)).map((outcome) => ('bytes' in outcome ? outcome.bytes : outcome)),
    [1, 1, 1, 1, 1, 1],
  );
  assert.deepEqual(new Set(found), new Set('abcdef'));
  await reads.end();
  await handle.close();
  assert.equal(WindowsHandle.openCount, 0);
});

test('a read that waits is cancelled at once, and its buffer stays alone', { skip }, async (t) => {
  const { path, server } = await latePipe(t);
  const handle = openOverlapped(path);
  const reads = new OverlappedReads(handle);
  await server;
  const abort = new AbortController();
  let taken = 0;
  const read = reads.read(0, 512, () => void taken++, abort.signal);
  await pause(100);
  const start = performance.now();
  abort.abort();
  await assert.rejects(read, { name: 'AbortError' });
  await reads.end();
  await handle.close();
  assertInTime(performance.now() - start, 2000);
  assert.equal(taken, 0);
  assert.equal(WindowsHandle.openCount, 0);
});

test('closing a handle cancels its reads and waits for them', { skip }, async (t) => {
  const { path, server } = await latePipe(t);
  const handle = openOverlapped(path);
  const reads = new OverlappedReads(handle);
  await server;
  const read = reads.read(0, 512, () => undefined, never);
  await pause(100);
  const closing = handle.close();
  assert.deepEqual(await read, { error: 995 });
  await closing;
  await assert.rejects(
    reads.read(0, 512, () => undefined, never),
    { code: 'win32.closed' },
  );
  await reads.end();
  assert.equal(WindowsHandle.openCount, 0);
});
