import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../../support/checks/properties.ts';
import { crc32c, crc32cWithoutField } from '../../../../src/engine/base/bytes/crc32c.ts';

/** Bit by bit, without tables: as the polynomial is defined. */
function slow(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

test('gives the check value of CRC-32C', () => {
  assert.equal(crc32c(new TextEncoder().encode('123456789')), 0xe3069283);
  assert.equal(crc32c(new Uint8Array(0)), 0);
});

test('gives the values of RFC 3720 B.4', () => {
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
});

test('agrees with the definition and may be continued at any byte', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, at) => {
      const cut = Math.min(at, bytes.length);
      assert.equal(crc32c(bytes), slow(bytes));
      assert.equal(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut))), slow(bytes));
    }),
  );
});

test('counts the checksum field itself as zero', () => {
  const bytes = Uint8Array.from({ length: 64 }, (_, i) => i * 7);
  const zeroed = bytes.slice();
  zeroed.fill(0, 4, 8);
  assert.equal(crc32cWithoutField(bytes, 4), crc32c(zeroed));
});
