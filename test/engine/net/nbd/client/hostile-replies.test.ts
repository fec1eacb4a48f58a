import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { NbdClient } from '../../../../../src/engine/net/nbd/client/nbd-client.ts';
import { collect } from '../../../../support/checks/collect.ts';
import { be } from '../../../../support/nbd/raw-client.ts';
import { scriptedServer, type Peer } from '../../../../support/nbd/scripted-server.ts';

const SIZE = 2 ** 20;
const LENGTH = 4096;
const OFFSET = 8192;
type Attack = (peer: Peer, handle: bigint) => void;

const data = (offset: number, length: number): Buffer =>
  Buffer.concat([be(8, offset), Buffer.alloc(length, 0xcc)]);
const hole = (offset: number, length: number): Buffer =>
  Buffer.concat([be(8, offset), be(4, length)]);

/** Replies to a read of 4096 bytes at 8192. */
const READS: Record<string, [Attack, RegExp]> = {
  'a wrong magic': [(peer) => peer.send(Buffer.alloc(40, 7)), /starts no reply/],
  'an unknown handle': [
    (peer, handle) => peer.chunk(handle + 1n, 1, 0, Buffer.alloc(0)),
    /which was not sent/,
  ],
  'a simple reply': [
    (peer, handle) => peer.send(be(4, 0x67446698), be(4, 0), be(8, handle), Buffer.alloc(LENGTH)),
    /instead of chunks/,
  ],
  'a chunk that is too long': [
    (peer, handle) => peer.chunk(handle, 1, 1, data(OFFSET, 8), 2 ** 32 - 1),
    /4294967295 bytes, expected 9 to 4104/,
  ],
  'data beyond the request': [
    (peer, handle) => peer.chunk(handle, 1, 1, data(OFFSET + 1, LENGTH)),
    /4096 bytes at 8193 for a request of bytes 8192 up to 12288/,
  ],
  'data before the request': [
    (peer, handle) => peer.chunk(handle, 1, 1, data(OFFSET - 1, 1)),
    /1 bytes at 8191/,
  ],
  'a hole beyond the request': [
    (peer, handle) => peer.chunk(handle, 1, 2, hole(OFFSET, LENGTH + 1)),
    /4097 bytes at 8192/,
  ],
  'a hole at 2^63': [
    (peer, handle) => peer.chunk(handle, 1, 2, Buffer.concat([be(8, 2n ** 63n), be(4, 1)])),
    /more than 9007199254740991/,
  ],
  'a hole without bytes': [
    (peer, handle) => peer.chunk(handle, 1, 2, hole(OFFSET, 0)),
    /0 bytes at/,
  ],
  'parts that overlap': [
    (peer, handle) => {
      peer.chunk(handle, 0, 1, data(OFFSET, LENGTH - 1));
      peer.chunk(handle, 1, 2, hole(OFFSET + LENGTH - 2, 2));
    },
    /overlap/,
  ],
  'a part that is missing': [
    (peer, handle) => peer.chunk(handle, 1, 1, data(OFFSET, LENGTH - 1)),
    /ends after 4095 of 4096 bytes/,
  ],
  nothing: [(peer, handle) => peer.chunk(handle, 1, 0, Buffer.alloc(0)), /ends after 0 of 4096/],
  'an empty chunk that is not the last': [
    (peer, handle) => peer.chunk(handle, 0, 0, Buffer.alloc(0)),
    /not the last/,
  ],
  'block status': [
    (peer, handle) => peer.chunk(handle, 1, 5, Buffer.concat([be(4, 3), be(4, 1), be(4, 0)])),
    /not asked for/,
  ],
  'an unknown chunk': [
    (peer, handle) => peer.chunk(handle, 1, 77, Buffer.alloc(4)),
    /unknown type 77/,
  ],
  'an error without a number': [
    (peer, handle) => peer.chunk(handle, 1, 0x8001, Buffer.alloc(6)),
    /is 0/,
  ],
  'an error that is too long': [
    (peer, handle) => peer.chunk(handle, 1, 0x8001, Buffer.alloc(6), 2 ** 31),
    /expected 6 to 4110/,
  ],
  'an error whose message is longer than it': [
    (peer, handle) => peer.chunk(handle, 1, 0x8001, Buffer.concat([be(4, 5), be(2, 100)])),
    /100 bytes at 6 were needed/,
  ],
};

for (const [name, [attack, message]] of Object.entries(READS)) {
  test(`a read that is answered by ${name} fails, and the server is left`, async (t) => {
    let peer: Peer | undefined;
    const address = await scriptedServer(t, async (each) => {
      peer = each;
      await each.handshake(SIZE);
      attack(each, (await each.request()).handle);
    });
    const client = await NbdClient.open(address, never, { deadline: 5000 });
    const failed = { code: 'nbd.answer', message };
    await assert.rejects(client.read(OFFSET, new Uint8Array(LENGTH), never), failed);
    await peer?.gone();
    // What is asked for later fails at once, for the same reason.
    await assert.rejects(client.read(0, new Uint8Array(1), never), failed);
    await client.close();
  });
}

const STATUS: Record<string, [Attack, RegExp]> = {
  'another context': [
    (peer, handle) => peer.chunk(handle, 1, 5, Buffer.concat([be(4, 9), be(4, 1), be(4, 0)])),
    /context 9, asked for was 3/,
  ],
  'no descriptor': [
    (peer, handle) => peer.chunk(handle, 1, 5, be(4, 3)),
    /4 bytes, expected 12 to/,
  ],
  'half a descriptor': [
    (peer, handle) => peer.chunk(handle, 1, 5, Buffer.concat([be(4, 3), Buffer.alloc(12)])),
    /no multiple of 8/,
  ],
  'an empty descriptor': [
    (peer, handle) => peer.chunk(handle, 1, 5, Buffer.concat([be(4, 3), be(8, 0)])),
    /descriptor 0 has no length/,
  ],
  'descriptors beyond the request': [
    (peer, handle) => {
      const one = Buffer.concat([be(4, SIZE), be(4, 0)]);
      peer.chunk(handle, 1, 5, Buffer.concat([be(4, 3), one, one]));
    },
    /beyond the 1048576 bytes at 0/,
  ],
  'more descriptors than anybody needs': [
    (peer, handle) => peer.chunk(handle, 1, 5, be(4, 3), 2 ** 30),
    /expected 12 to 1048580/,
  ],
  nothing: [(peer, handle) => peer.chunk(handle, 1, 0, Buffer.alloc(0)), /no block status/],
};

for (const [name, [attack, message]] of Object.entries(STATUS)) {
  test(`block status of ${name} fails, and the server is left`, async (t) => {
    let peer: Peer | undefined;
    const address = await scriptedServer(t, async (each) => {
      peer = each;
      await each.handshake(SIZE);
      attack(each, (await each.request()).handle);
    });
    const client = await NbdClient.open(address, never, { deadline: 5000 });
    const all = collect(client.extents({ start: 0, end: SIZE }, never));
    await assert.rejects(all, { code: 'nbd.answer', message });
    await peer?.gone();
  });
}
