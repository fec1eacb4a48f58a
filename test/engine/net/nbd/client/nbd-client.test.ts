import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { NbdClient } from '../../../../../src/engine/net/nbd/client/nbd-client.ts';
import { deferred } from '../../../../../src/engine/base/deferred.ts';
import { MemoryExport, patterned } from '../../../../support/nbd/memory-export.ts';
import { collect } from '../../../../support/checks/collect.ts';
import { be } from '../../../../support/nbd/raw-client.ts';
import { scriptedServer } from '../../../../support/nbd/scripted-server.ts';
import { served } from '../../../../support/nbd/served.ts';

const SIZE = 5 * 2 ** 20 + 77;
const disk = new MemoryExport(patterned(SIZE, 65_536, [0, 3, 4, 20, 80]));

for (const transport of ['unix', 'tcp'] as const) {
  test(`what our server exports over ${transport} is read as it is, many parts at once`, async (t) => {
    const { address } = await served(t, disk, transport);
    const client = await NbdClient.open(address, never);
    assert.equal(client.size, SIZE);
    const parts = Array.from({ length: 60 }, () => {
      const start = randomInt(SIZE);
      return { start, end: start + randomInt(Math.min(SIZE - start, 3 * 2 ** 20)) };
    });
    await Promise.all(
      parts.map(async ({ start, end }) => {
        const into = new Uint8Array(end - start).fill(0xee);
        await client.read(start, into, never);
        assert.ok(Buffer.from(into).equals(disk.bytes.subarray(start, end)), `${start} to ${end}`);
      }),
    );
    const extents = await collect(client.extents({ start: 10, end: SIZE }, never));
    assert.deepEqual(extents.slice(0, 3), [
      { start: 10, length: 65_526, kind: 'hole' },
      { start: 65_536, length: 131_072, kind: 'data' },
      { start: 196_608, length: 131_072, kind: 'hole' },
    ]);
    assert.equal(
      extents.reduce((at, { start, length }) => (start === at ? at + length : -1), 10),
      SIZE,
    );
    await client.close();
  });
}

test('a server with whole blocks only is asked for whole blocks', async (t) => {
  const asked: string[] = [];
  const address = await scriptedServer(t, async (peer) => {
    await peer.handshake(8192, 4096);
    for (;;) {
      const { command, handle, offset, length } = await peer.request();
      asked.push(`${command} ${offset} ${length}`);
      if (command === 0)
        peer.chunk(handle, 1, 1, Buffer.concat([be(8, offset), Buffer.alloc(length, 5)]));
      // Servers may tell more of the last part than was asked for.
      else peer.chunk(handle, 1, 5, Buffer.concat([be(4, 3), be(4, 2 ** 31), be(4, 2)]));
    }
  });
  const client = await NbdClient.open(address, never);
  const into = new Uint8Array(3);
  await client.read(4095, into, never);
  assert.deepEqual(into, new Uint8Array(3).fill(5));
  const extents = await collect(client.extents({ start: 100, end: 200 }, never));
  assert.deepEqual(extents, [{ start: 100, length: 100, kind: 'zero' }]);
  assert.deepEqual(asked, ['0 0 8192', '7 0 4096']);
  await client.close();
});

test('an error of the server fails one request, with its name and words', async (t) => {
  const broken = new MemoryExport(disk.bytes);
  broken.beforeRead = async (offset) => {
    if (offset === 512) throw new Error('sector 1 is gone');
  };
  const { address } = await served(t, broken);
  const client = await NbdClient.open(address, never);
  await assert.rejects(client.read(512, new Uint8Array(512), never), {
    code: 'nbd.failed',
    message: /could not read 512 bytes at 512 \(EIO\): sector 1 is gone/,
  });
  await client.read(1024, new Uint8Array(512), never);
  await client.close();
});

test('a request without an answer is given up after its deadline, with the connection', async (t) => {
  const address = await scriptedServer(t, async (peer) => peer.handshake(8192));
  const client = await NbdClient.open(address, never, { deadline: 300 });
  const all = [0, 512].map((at) => client.read(at, new Uint8Array(512), never));
  for (const each of all)
    await assert.rejects(each, { code: 'nbd.timeout', message: /512 bytes at 0/ });
});

test('a cancelled read returns at once, its memory is left alone, and others go on', async (t) => {
  const arrived = deferred<void>();
  const address = await scriptedServer(t, async (peer) => {
    await peer.handshake(8192);
    const first = await peer.request();
    arrived.resolve();
    const second = await peer.request();
    peer.chunk(first.handle, 1, 1, Buffer.concat([be(8, 0), Buffer.alloc(512, 1)]));
    peer.chunk(second.handle, 1, 1, Buffer.concat([be(8, 512), Buffer.alloc(512, 2)]));
  });
  const client = await NbdClient.open(address, never);
  const cancelled = new AbortController();
  const [first, second] = [new Uint8Array(512), new Uint8Array(512)];
  const read = client.read(0, first, cancelled.signal);
  await arrived.promise;
  cancelled.abort();
  await assert.rejects(read, { name: 'AbortError' });
  await client.read(512, second, never);
  assert.deepEqual(first, new Uint8Array(512));
  assert.deepEqual(second, new Uint8Array(512).fill(2));
  await client.close();
});

test('a server that goes away fails what waits for it', async (t) => {
  const address = await scriptedServer(t, async (peer) => {
    await peer.handshake(8192);
    await peer.request();
    peer.hangUp();
  });
  const client = await NbdClient.open(address, never);
  await assert.rejects(client.read(0, new Uint8Array(8), never), { code: 'nbd.lost' });
});

test('nobody at the address is said with the address', async () => {
  const open = NbdClient.open({ kind: 'unix', socket: '/nowhere/x', exportName: '' }, never);
  await assert.rejects(open, {
    code: 'nbd.unreachable',
    message: /nbd\+unix:.*\/nowhere\/x.*ENOENT/,
  });
});
