import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { delay } from '../../../../../src/engine/base/abort.ts';
import type { BlockExport } from '../../../../../src/engine/net/nbd/contract/block-export.ts';
import { MemoryExport, patterned } from '../../../../support/nbd/memory-export.ts';
import { be, named, RawClient } from '../../../../support/nbd/raw-client.ts';
import { served } from '../../../../support/nbd/served.ts';

const BLOCK = 65_536;
const SIZE = 40 * BLOCK + 100;
const bytes = patterned(SIZE, BLOCK, [1, 2, 20]);
const [READ, WRITE, DISCONNECT, FLUSH, TRIM, ZEROES, STATUS] = [0, 1, 2, 3, 4, 6, 7];
const [EPERM, EIO, EINVAL, ESHUTDOWN] = [1, 5, 22, 108];
const DONT_FRAGMENT = 4;
const REQUIRE_ONE = 8;

/** A client that chose structured replies and block status. */
async function chosen(t: TestContext, disk: BlockExport, contexts = true): Promise<RawClient> {
  const { address } = await served(t, disk);
  const client = await RawClient.connect(t, address);
  await client.greet();
  await client.option(8);
  if (contexts) await client.option(10, named('', be(4, 1), named('base:allocation')));
  await client.option(7, named('', be(2, 0)));
  return client;
}

/** All chunks of one reply. */
async function chunks(client: RawClient): Promise<{ type: number; payload: Buffer }[]> {
  const all: { type: number; payload: Buffer }[] = [];
  for (;;) {
    const { flags, type, payload } = await client.chunk();
    all.push({ type, payload });
    if (flags === 1) return all;
  }
}

const errnoOf = ({ type, payload }: { type: number; payload: Buffer }): number =>
  type >= 0x8000 ? payload.readUInt32BE(0) : 0;

test('a read is answered by data and holes that cover it, in order', async (t) => {
  const client = await chosen(t, new MemoryExport(bytes));
  client.request(READ, 1, 100, SIZE - 100);
  const reply = await chunks(client);
  const got = Buffer.alloc(SIZE, 0xaa);
  let at = 100;
  for (const { type, payload } of reply) {
    assert.equal(Number(payload.readBigUInt64BE(0)), at);
    const length = type === 2 ? payload.readUInt32BE(8) : payload.length - 8;
    if (type === 2) got.fill(0, at, at + length);
    else payload.copy(got, at, 8);
    at += length;
  }
  assert.equal(at, SIZE);
  assert.ok(got.subarray(100).equals(bytes.subarray(100)));
  assert.equal(reply.filter(({ type }) => type === 2).length, 2);
});

test('a read that must not be cut is one chunk, its holes as zeros', async (t) => {
  const client = await chosen(t, new MemoryExport(bytes));
  client.request(READ, 1, 0, SIZE, DONT_FRAGMENT);
  const reply = await chunks(client);
  assert.deepEqual(
    reply.map(({ type }) => type),
    [1],
  );
  assert.ok(reply[0]?.payload.subarray(8).equals(bytes));
});

test('block status describes the range, or its first part alone', async (t) => {
  const client = await chosen(t, new MemoryExport(bytes));
  client.request(STATUS, 1, 10, 4 * BLOCK);
  const [status] = await chunks(client);
  assert.equal(status?.type, 5);
  assert.deepEqual(
    Array.from({ length: 7 }, (_, i) => status.payload.readUInt32BE(4 * i)).slice(1),
    [BLOCK - 10, 0, 2 * BLOCK, 3, BLOCK + 10, 0],
  );
  client.request(STATUS, 2, 10, 4 * BLOCK, REQUIRE_ONE);
  assert.equal((await chunks(client))[0]?.payload.length, 12);
});

test('many parts are described in several replies', async (t) => {
  const disk = new MemoryExport(patterned(20_000, 1, []), 2);
  for (let i = 0; i < 20_000; i += 4) disk.bytes.fill(0, i, i + 2);
  const client = await chosen(t, disk);
  client.request(STATUS, 1, 0, 20_000);
  const [status] = await chunks(client);
  assert.equal(status?.payload.length, 4 + 8 * 4096);
});

test('what is not a read is refused, and the connection goes on', async (t) => {
  const client = await chosen(t, new MemoryExport(bytes), false);
  const refused: [number, number, number, number?, number?][] = [
    [EPERM, TRIM, 512],
    [EPERM, ZEROES, 512],
    [EINVAL, FLUSH, 0],
    [EINVAL, 99, 512],
    [EINVAL, STATUS, 512],
    [EINVAL, READ, 0],
    [EINVAL, READ, 1, SIZE],
    [EINVAL, READ, 512, Number.MAX_SAFE_INTEGER],
    [EINVAL, READ, 512, 0, 1],
    [EINVAL, READ, 2 ** 32 - 1],
  ];
  for (const [errno, command, length, offset = 0, flags = 0] of refused) {
    client.request(command, 5, offset, length, flags);
    const reply = await client.chunk();
    assert.equal(reply.handle, 5);
    assert.equal(reply.flags, 1);
    assert.equal(errnoOf(reply), errno, `command ${command}, length ${length}`);
  }
  client.request(WRITE, 6, 0, 3_000_000);
  client.send(Buffer.alloc(3_000_000, 1));
  assert.equal(errnoOf(await client.chunk()), EPERM);
  client.request(READ, 7, 0, 4);
  assert.ok((await chunks(client))[0]?.payload.subarray(8).equals(bytes.subarray(0, 4)));
});

test('a read that fails names the place, and others are answered meanwhile', async (t) => {
  const disk = new MemoryExport(bytes);
  disk.beforeRead = async (offset, signal) => {
    if (offset !== 0) return;
    await delay(100, signal);
    throw new Error('the block is damaged');
  };
  const client = await chosen(t, disk);
  client.request(READ, 1, 0, 512);
  client.request(READ, 2, 5 * BLOCK, 512);
  assert.equal((await client.chunk()).handle, 2);
  const failed = await client.chunk();
  assert.deepEqual([failed.handle, failed.type, errnoOf(failed)], [1, 0x8002, EIO]);
  assert.match(failed.payload.toString('latin1'), /the block is damaged\0{8}$/);
});

test('requests under way when the server ends are answered, and reading stops', async (t) => {
  const disk = new MemoryExport(bytes);
  let stopped = false;
  disk.beforeRead = async (_, signal) => {
    await delay(60_000, signal).finally(() => (stopped = true));
  };
  const server = await served(t, disk);
  const client = await RawClient.connect(t, server.address);
  await client.greet();
  await client.option(8);
  await client.option(7, named('', be(2, 0)));
  client.request(READ, 9, 0, 512);
  await delay(50, AbortSignal.timeout(5000));
  await server.close();
  assert.equal(errnoOf(await client.chunk()), ESHUTDOWN);
  assert.equal((await client.end()).length, 0);
  assert.ok(stopped);
});

test('a client that leaves stops what is read for it; a polite one gets its replies', async (t) => {
  const disk = new MemoryExport(bytes);
  disk.beforeRead = (_, signal) => delay(30, signal);
  const client = await chosen(t, disk);
  for (let n = 0; n < 40; n++) client.request(READ, n, 0, 512);
  client.request(DISCONNECT, 99, 0, 0);
  for (let n = 0; n < 40; n++) assert.equal((await client.chunk()).type, 1);
  assert.equal((await client.end()).length, 0);
});

test('a client that breaks the protocol loses the connection, others do not', async (t) => {
  const disk = new MemoryExport(bytes);
  const client = await chosen(t, disk);
  client.send(Buffer.alloc(28));
  await client.end();
  const writer = await chosen(t, disk);
  writer.request(WRITE, 1, 0, 2 ** 32 - 1);
  await writer.end();
});

test('bytes of replies in memory are bounded, however many reads are asked for', async (t) => {
  const disk = new MemoryExport(new Uint8Array(32 * 2 ** 20));
  let most = 0;
  let now = 0;
  disk.beforeRead = async (_, signal) => {
    most = Math.max(most, ++now);
    await delay(20, signal).finally(() => now--);
  };
  const client = await chosen(t, disk);
  for (let n = 0; n < 6; n++) client.request(READ, n, 0, 16 * 2 ** 20, DONT_FRAGMENT);
  for (let n = 0; n < 6; n++) assert.equal((await chunks(client)).length, 1);
  assert.equal(most, 2);
});
