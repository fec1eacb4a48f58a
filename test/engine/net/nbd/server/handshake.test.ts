import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryExport, patterned } from '../../../../support/nbd/memory-export.ts';
import { be, named, RawClient } from '../../../../support/nbd/raw-client.ts';
import { served } from '../../../../support/nbd/served.ts';

const disk = new MemoryExport(patterned(300_000, 65_536, [1]));
const UNSUPPORTED = 2 ** 31 + 1;
const POLICY = 2 ** 31 + 2;
const INVALID = 2 ** 31 + 3;
const UNKNOWN = 2 ** 31 + 6;

test('the handshake names size, flags and block sizes', async (t) => {
  const { address } = await served(t, disk);
  const client = await RawClient.connect(t, address);
  assert.equal((await client.greet()).toString('latin1'), 'NBDMAGICIHAVEOPT\0\x03');
  const replies = await client.option(6, named('', be(2, 2), be(2, 1), be(2, 2)));
  assert.deepEqual(
    replies.map(([type, data]) => [type, data.toString('hex')]),
    [
      // HAS_FLAGS, READ_ONLY, SEND_DF, CAN_MULTI_CONN
      [3, Buffer.concat([be(2, 0), be(8, 300_000), be(2, 0x183)]).toString('hex')],
      [3, Buffer.concat([be(2, 3), be(4, 1), be(4, 4096), be(4, 2 ** 25)]).toString('hex')],
      [3, '0001'],
      [3, `0002${Buffer.from('a test').toString('hex')}`],
      [1, ''],
    ],
  );
});

test('a client of the old option gets the export, with zeroes unless it wants none', async (t) => {
  const { address } = await served(t, disk);
  for (const [flags, size] of [
    [1, 134],
    [3, 10],
  ] as const) {
    const client = await RawClient.connect(t, address);
    await client.greet(flags);
    client.send(Buffer.from('IHAVEOPT'), be(4, 1), be(4, 0));
    const facts = await client.read(size);
    assert.equal(facts.readBigUInt64BE(0), 300_000n);
    // Without structured replies a read is answered by a simple one.
    client.request(0, 7, 65_530, 10);
    assert.equal((await client.read(16)).toString('hex'), '67446698000000000000000000000007');
    assert.deepEqual([...(await client.read(10))], [...disk.bytes.subarray(65_530, 65_540)]);
  }
});

test('over TCP only who knows the random name gets in, and nobody is told it', async (t) => {
  const { address } = await served(t, disk, 'tcp');
  assert.ok(address.kind === 'tcp' && address.host === '127.0.0.1');
  assert.match(address.exportName, /^[0-9a-f]{32}$/);
  const client = await RawClient.connect(t, address);
  await client.greet();
  const said = [
    await client.option(3),
    await client.option(6, named('', be(2, 0))),
    await client.option(7, named('wrong', be(2, 1), be(2, 1))),
    await client.option(7, named(address.exportName.slice(0, -1), be(2, 0))),
  ];
  assert.deepEqual(
    said.map((replies) => replies.map(([type]) => type)),
    [[POLICY], [UNKNOWN], [UNKNOWN], [UNKNOWN]],
  );
  const text = said.flatMap((replies) => replies.map(([, data]) => data.toString())).join(' ');
  assert.ok(!text.includes(address.exportName.slice(0, 8)), text);
  await client.option(8);
  assert.equal(
    (await client.option(10, named('wrong', be(4, 1), named('base:allocation'))))[0]?.[0],
    UNKNOWN,
  );
  assert.equal((await client.option(7, named(address.exportName, be(2, 0)))).at(-1)?.[0], 1);
  const other = await RawClient.connect(t, address);
  await other.greet();
  other.send(Buffer.from('IHAVEOPT'), be(4, 1), be(4, 5), Buffer.from('wrong'));
  assert.equal((await other.end()).length, 0);
});

test('contexts are listed and chosen only after structured replies', async (t) => {
  const { address } = await served(t, disk);
  const client = await RawClient.connect(t, address);
  await client.greet();
  const choice = named('', be(4, 1), named('base:allocation'));
  assert.deepEqual(
    (await client.option(10, choice)).map(([type]) => type),
    [INVALID],
  );
  assert.deepEqual(await client.option(8), [[1, Buffer.alloc(0)]]);
  for (const query of [named('', be(4, 0)), named('', be(4, 1), named('base:')), choice]) {
    const replies = await client.option(9, query);
    assert.deepEqual(
      replies.map(([type]) => type),
      [4, 1],
    );
    assert.equal(replies[0]?.[1].subarray(4).toString(), 'base:allocation');
  }
  assert.deepEqual((await client.option(9, named('', be(4, 1), named('qemu:')))).length, 1);
  assert.deepEqual((await client.option(10, named('', be(4, 1), named('base:')))).length, 1);
  assert.deepEqual((await client.option(10, choice)).length, 2);
});

test('options that are unknown, or wrong inside, are refused and the next one is answered', async (t) => {
  const { address } = await served(t, disk);
  const client = await RawClient.connect(t, address);
  await client.greet();
  const first = async (option: number, data?: Uint8Array): Promise<number | undefined> =>
    (await client.option(option, data))[0]?.[0];
  assert.equal(await first(5), UNSUPPORTED);
  assert.equal(await first(77, Buffer.alloc(60_000)), UNSUPPORTED);
  assert.equal(await first(3, Buffer.from('x')), INVALID);
  assert.equal(await first(8, Buffer.from('x')), INVALID);
  assert.equal(await first(7, be(4, 4_000_000_000)), INVALID);
  assert.equal(await first(7, named('', be(2, 9))), INVALID);
  assert.equal(await first(7, named('', be(2, 65_535))), INVALID);
  assert.equal(await first(7, Buffer.concat([be(4, 1), Buffer.from([0xff]), be(2, 0)])), INVALID);
  assert.equal(await first(7, named('x'.repeat(5000), be(2, 0))), INVALID);
  await client.option(8);
  assert.equal(await first(9, named('', be(4, 2 ** 32 - 1))), INVALID);
  assert.equal(await first(2), 1);
  assert.equal((await client.end()).length, 0);
});

test('who breaks the handshake loses the connection', async (t) => {
  const { address } = await served(t, disk);
  const attacks: Record<string, (client: RawClient) => void> = {
    'unknown flags': (client) => client.send(be(4, 4)),
    'no option': (client) => client.send(be(4, 3), Buffer.alloc(16)),
    'a long option': (client) =>
      client.send(be(4, 3), Buffer.from('IHAVEOPT'), be(4, 7), be(4, 2 ** 32 - 1)),
    'endless options': (client) => {
      client.send(be(4, 3));
      for (let n = 0; n < 100; n++) client.send(Buffer.from('IHAVEOPT'), be(4, 3), be(4, 0));
    },
  };
  for (const [name, attack] of Object.entries(attacks)) {
    const client = await RawClient.connect(t, address);
    attack(client);
    await client.end();
    assert.ok(true, name);
  }
  const good = await RawClient.connect(t, address);
  await good.greet();
  assert.equal((await good.option(7, named('', be(2, 0)))).at(-1)?.[0], 1);
});
