import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { NbdClient } from '../../../../../src/engine/net/nbd/client/nbd-client.ts';
import { collect } from '../../../../support/checks/collect.ts';
import { be } from '../../../../support/nbd/raw-client.ts';
import { scriptedServer, type Peer } from '../../../../support/nbd/scripted-server.ts';

const HELLO = Buffer.concat([Buffer.from('NBDMAGICIHAVEOPT'), be(2, 3)]);

/** Greets, and answers each option as told until the script has no more to say. */
const answering =
  (answer: (peer: Peer, option: number) => void) =>
  async (peer: Peer): Promise<void> => {
    peer.send(HELLO);
    await peer.read(4);
    for (;;) answer(peer, (await peer.option()).option);
  };

const SCRIPTS: Record<
  string,
  { play: (peer: Peer) => Promise<void> | void; code: string; message: RegExp }
> = {
  'another protocol': {
    play: (peer) => peer.send(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')),
    code: 'nbd.answer',
    message: /instead of NBDMAGIC/,
  },
  'the oldstyle handshake': {
    play: (peer) =>
      peer.send(Buffer.from('NBDMAGIC'), Buffer.from('00420281861253', 'hex'), Buffer.alloc(140)),
    code: 'nbd.answer',
    message: /instead of IHAVEOPT/,
  },
  'a reply with a wrong magic': {
    play: answering((peer) => peer.send(Buffer.alloc(20, 1))),
    code: 'nbd.answer',
    message: /begins with 0x101010101010101/,
  },
  'a reply to another option': {
    play: answering((peer) => peer.reply(3, 1)),
    code: 'nbd.answer',
    message: /reply to option 3/,
  },
  'a reply of 4 GiB': {
    play: answering((peer, option) =>
      peer.send(
        Buffer.from('0003e889045565a9', 'hex'),
        be(4, option),
        be(4, 3),
        be(4, 2 ** 32 - 1),
      ),
    ),
    code: 'nbd.answer',
    message: /4294967295 bytes of data; at most 65536/,
  },
  'endless replies': {
    play: answering((peer, option) => {
      for (let n = 0; n < 1000; n++) peer.reply(option, 3, Buffer.alloc(12));
    }),
    code: 'nbd.answer',
    message: /more than 64 replies to option 8/,
  },
  'no size': {
    play: answering((peer, option) => peer.reply(option, 1)),
    code: 'nbd.answer',
    message: /without its size/,
  },
  'a size of 2^60': {
    play: answering((peer, option) => {
      if (option === 7) peer.reply(7, 3, Buffer.concat([be(2, 0), be(8, 2n ** 60n), be(2, 3)]));
      peer.reply(option, 1);
    }),
    code: 'nbd.answer',
    message: /size of the export is 1152921504606846976/,
  },
  'block sizes that contradict each other': {
    play: answering((peer, option) => {
      if (option === 7) peer.reply(7, 3, Buffer.concat([be(2, 3), be(4, 0), be(4, 1), be(4, 0)]));
      peer.reply(option, 1);
    }),
    code: 'nbd.answer',
    message: /minimum 0, preferred 1, maximum 0/,
  },
  'no such export': {
    play: answering((peer, option) => peer.reply(option, 2 ** 31 + 6, Buffer.from('who?'))),
    code: 'nbd.export',
    message: /no export “disk”: who\?/,
  },
  TLS: {
    play: answering((peer, option) => peer.reply(option, 2 ** 31 + 5)),
    code: 'nbd.refused',
    message: /requires TLS/,
  },
  'no export of this name, by the old option': {
    play: answering((peer, option) => {
      if (option === 1) peer.hangUp();
      else peer.reply(option, 2 ** 31 + 1);
    }),
    code: 'nbd.export',
    message: /ended the connection/,
  },
  'an end in the middle': {
    play: (peer) => {
      peer.send(HELLO.subarray(0, 10));
      setTimeout(() => peer.hangUp(), 50);
    },
    code: 'nbd.lost',
    message: /ended/,
  },
  silence: { play: () => undefined, code: 'nbd.timeout', message: /handshake was not answered/ },
};

for (const [name, { play, code, message }] of Object.entries(SCRIPTS)) {
  test(`a server that begins with ${name} is given up with one error, and left`, async (t) => {
    let peer: Peer | undefined;
    const address = await scriptedServer(t, (each) => play((peer = each)));
    await assert.rejects(NbdClient.open(address, never, { deadline: 2000 }), { code, message });
    await peer?.gone();
  });
}

test('a server without options, structured replies or block status can be read', async (t) => {
  const address = await scriptedServer(t, async (peer) => {
    peer.send(Buffer.from('NBDMAGICIHAVEOPT'), be(2, 0));
    await peer.read(4);
    const { option, data } = await peer.option();
    assert.deepEqual([option, data.toString()], [1, 'disk']);
    peer.send(be(8, 1000), be(2, 1), Buffer.alloc(124));
    for (;;) {
      const { handle, offset, length } = await peer.request();
      peer.send(be(4, 0x67446698), be(4, 0), be(8, handle), Buffer.alloc(length, offset));
    }
  });
  const client = await NbdClient.open(address, never);
  assert.equal(client.size, 1000);
  const into = new Uint8Array(10);
  await client.read(77, into, never);
  assert.deepEqual(into, new Uint8Array(10).fill(77));
  const extents = await collect(client.extents({ start: 5, end: 1000 }, never));
  assert.deepEqual(extents, [{ start: 5, length: 995, kind: 'data' }]);
  await client.close();
});
