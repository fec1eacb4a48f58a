import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../../../support/checks/properties.ts';
import type { SealedBytes } from '../../../../../src/engine/net/auth/contract/security-context.ts';
import { messageKeys } from '../../../../../src/engine/net/auth/ntlm/keys/message-keys.ts';
import { combineFlags } from '../../../../../src/engine/net/auth/ntlm/messages/flags.ts';
import { Sealing } from '../../../../../src/engine/net/auth/ntlm/sealing.ts';

const STRENGTHS = [combineFlags('key128'), combineFlags('key56'), 0];

function pairOf(flags: number, keyExchange: boolean): { client: Sealing; server: Sealing } {
  const key = Buffer.from('0f1e2d3c4b5a69788796a5b4c3d2e1f0', 'hex');
  const toServer = messageKeys(key, flags, 'client-to-server');
  const toClient = messageKeys(key, flags, 'server-to-client');
  return {
    client: new Sealing(toServer, toClient, keyExchange),
    server: new Sealing(toClient, toServer, keyExchange),
  };
}

const anyPair = fc
  .tuple(fc.constantFrom(...STRENGTHS), fc.boolean())
  .map(([flags, exchange]) => pairOf(flags, exchange));
const anyMessage = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
const refused = { code: 'http.auth.sealed' } as const;

function flipped({ signature, data }: SealedBytes, bit: number): SealedBytes {
  const all = Buffer.concat([signature, data]);
  const at = bit % (all.length * 8);
  all[at >> 3] = (all[at >> 3] as number) ^ (1 << (at & 7));
  return { signature: all.subarray(0, 16), data: all.subarray(16) };
}

test('messages of any length arrive, in both directions, at every strength', () => {
  fc.assert(
    fc.property(anyPair, fc.array(fc.tuple(anyMessage, fc.boolean())), (pair, messages) => {
      for (const [message, up] of messages) {
        const [from, to] = up ? [pair.client, pair.server] : [pair.server, pair.client];
        const sealed = from.seal(message);
        assert.equal(sealed.data.length, message.length);
        assert.deepEqual(to.unseal(sealed), message);
      }
    }),
  );
});

test('every altered bit is noticed, and nothing is read after it', () => {
  fc.assert(
    fc.property(anyPair, anyMessage, fc.nat(), ({ client, server }, message, bit) => {
      const first = client.seal(message);
      assert.throws(() => server.unseal(flipped(first, bit)), refused);
      assert.throws(() => server.unseal(first), refused);
      assert.throws(() => server.seal(message), refused);
    }),
  );
});

test('a replayed message and a reordered one are refused', () => {
  const replay = pairOf(STRENGTHS[0] as number, true);
  const once = replay.client.seal(Buffer.from('once'));
  replay.server.unseal(once);
  assert.throws(() => replay.server.unseal(once), { ...refused, message: /replayed/ });

  const order = pairOf(STRENGTHS[0] as number, true);
  order.client.seal(Buffer.from('one'));
  const two = order.client.seal(Buffer.from('two'));
  assert.throws(() => order.server.unseal(two), { ...refused, message: /missing or reordered/ });
});

test('a message that is sent back to its sender is refused', () => {
  const { client } = pairOf(STRENGTHS[0] as number, true);
  assert.throws(() => client.unseal(client.seal(Buffer.from('mirror'))), refused);
});

test('a signature of another length or version is refused', () => {
  const short = pairOf(0, false);
  const { signature, data } = short.client.seal(Buffer.from('x'));
  const cut = signature.subarray(0, 15);
  assert.throws(() => short.server.unseal({ signature: cut, data }), /15 bytes; expected 16/);
  const other = pairOf(0, false);
  const second = Buffer.from(signature);
  second.writeUInt32LE(2);
  assert.throws(() => other.server.unseal({ signature: second, data }), /version 2; expected 1/);
});

test('a signature without sealing advances the number, but not the stream', () => {
  fc.assert(
    fc.property(anyPair, anyMessage, ({ client, server }, message) => {
      const list = Buffer.from('30', 'hex');
      server.verifyMic(list, client.getMic(list));
      const sealed = client.seal(message);
      assert.equal(sealed.signature.readUInt32LE(12), 1);
      assert.deepEqual(server.unseal(sealed), message);
    }),
  );
  // Same stream position as a first message without such a signature before it.
  const plain = Buffer.from('position');
  const signed = pairOf(STRENGTHS[0] as number, true).client;
  signed.getMic(Buffer.from('list'));
  assert.deepEqual(
    signed.seal(plain).data,
    pairOf(STRENGTHS[0] as number, true).client.seal(plain).data,
  );
});
