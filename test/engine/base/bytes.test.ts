import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../support/checks/properties.ts';
import { ByteReader } from '../../../src/engine/base/bytes/byte-reader.ts';
import { ByteWriter } from '../../../src/engine/base/bytes/byte-writer.ts';
import { parseGuid } from '../../../src/engine/base/guid.ts';

const ID = parseGuid('2dc27766-f623-4200-9d64-115e9bfd4a08');

test('reads back every kind of field that it wrote', () => {
  fc.assert(
    fc.property(
      fc.nat(0xff),
      fc.nat(0xffff),
      fc.nat(0xffffffff),
      fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      fc.maxSafeNat(),
      fc.string({ maxLength: 10 }),
      (a, b, c, d, e, text) => {
        const writer = new ByteWriter(64 + text.length * 2);
        writer.u8(a).u16(b).u32(c).u64(d).u64(e).guid(ID).ascii('head').utf16(text);
        const reader = new ByteReader(writer.bytes, 'a structure');
        assert.equal(reader.u8(), a);
        assert.equal(reader.u16(), b);
        assert.equal(reader.u32(), c);
        assert.equal(reader.u64Opaque(), d);
        assert.equal(reader.u64('length'), e);
        assert.equal(reader.guid(), ID);
        assert.equal(reader.ascii(4), 'head');
        assert.equal(reader.utf16(text.length * 2), text);
      },
    ),
  );
});

test('is little-endian', () => {
  assert.deepEqual([...new ByteWriter(4).u32(0x01020304).bytes], [4, 3, 2, 1]);
  assert.equal(new ByteReader(Uint8Array.of(0x34, 0x12), 'x').u16(), 0x1234);
});

test('never reads past the end, and says where', () => {
  const reader = new ByteReader(new Uint8Array(10), 'VHDX header 1').seek(8);
  assert.throws(() => reader.u32(), {
    code: 'bytes.range',
    message: /VHDX header 1 has 10 bytes; 4 at 8/,
  });
  assert.equal(reader.position, 8, 'a refused read does not move');
  assert.throws(() => reader.bytes(-1), { code: 'bytes.range' });
  assert.throws(() => reader.seek(11), { code: 'bytes.range' });
});

test('never writes past the end', () => {
  assert.throws(() => new ByteWriter(3).u32(1), { code: 'bytes.range' });
});

test('refuses an offset that no disk can have', () => {
  const reader = new ByteReader(new ByteWriter(8).u64(1n << 60n).bytes, 'BAT entry');
  assert.throws(() => reader.u64('offset'), { code: 'bytes.u64', message: /BAT entry: offset/ });
});

test('reads a view of part of a larger buffer at the right place', () => {
  const outer = Uint8Array.from({ length: 16 }, (_, i) => i);
  assert.equal(new ByteReader(outer.subarray(4, 8), 'part').u32(), 0x07060504);
});
