import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../../../../support/checks/properties.ts';
import { Rc4 } from '../../../../../../src/engine/net/auth/ntlm/crypto/rc4.ts';

/** Key streams of RFC 6229 section 2, at offset 0. */
const STREAMS: Readonly<Record<string, string>> = {
  '0102030405': 'b2396305f03dc027ccc3524a0a1118a8',
  '01020304050607': '293f02d47f37c9b633f2af5285feb46b',
  '0102030405060708090a0b0c0d0e0f10': '9ac7cc9a609d1ef7b2932899cde41b97',
};

test('RC4 gives the key streams of RFC 6229', () => {
  for (const [key, stream] of Object.entries(STREAMS)) {
    const found = new Rc4(Buffer.from(key, 'hex')).update(Buffer.alloc(16));
    assert.equal(found.toString('hex'), stream, key);
  }
});

test('the stream continues over any split of the data', () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 32 }), bytes, bytes, (key, a, b) => {
      const parts = new Rc4(key);
      const split = Buffer.concat([parts.update(a), parts.update(b)]);
      assert.deepEqual(split, new Rc4(key).update(Buffer.concat([a, b])));
    }),
  );
});

test('work aside leaves the stream where it was', () => {
  const key = Buffer.from('five wise owls');
  const cipher = new Rc4(key);
  const first = cipher.update(Buffer.alloc(7));
  const aside = cipher.withoutAdvancing(() => cipher.update(Buffer.alloc(9)));
  const second = cipher.update(Buffer.alloc(9));
  assert.deepEqual(aside, second);
  assert.deepEqual(Buffer.concat([first, second]), new Rc4(key).update(Buffer.alloc(16)));
});
