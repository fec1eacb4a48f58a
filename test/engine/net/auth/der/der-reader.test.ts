import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../../../support/checks/properties.ts';
import { DerReader, TAG } from '../../../../../src/engine/net/auth/der/der-reader.ts';
import { derElement, derOid } from '../../../../../src/engine/net/auth/der/der-writer.ts';

const read = (hex: string): Buffer =>
  new DerReader(Buffer.from(hex, 'hex'), 'sample').element().content;

test('elements of every length are read as they were written', () => {
  for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536, 70_000]) {
    const content = Buffer.alloc(length, 7);
    const reader = new DerReader(derElement(TAG.octetString, content), 'sample');
    assert.deepEqual(reader.element(TAG.octetString).content, content);
    reader.end();
  }
});

test('identifiers are read as they were written', () => {
  const arc = fc.nat(2 ** 31);
  const oid = fc
    .tuple(fc.nat(2), fc.nat(39), fc.array(arc, { maxLength: 8 }))
    .map(([root, second, rest]) => [root, second, ...rest].join('.'));
  fc.assert(
    fc.property(oid, (text) => assert.equal(new DerReader(derOid(text), 'sample').oid(), text)),
  );
  assert.equal(derOid('1.3.6.1.4.1.311.2.2.10').toString('hex'), '060a2b06010401823702020a');
});

test('lengths that are indefinite, too long, not shortest or beyond the end are refused', () => {
  const cases: Record<string, RegExp> = {
    '3080050000': /indefinite/,
    '04850000000001aa': /5 bytes; at most 4/,
    '048101aa': /shortest form/,
    '04820080': /shortest form|within/,
    '0405aabb': /5 bytes, but 2 are left/,
    '0484ffffffff': /4294967295 bytes, but 0 are left/,
    '04': /ends at 1/,
    '': /ends at 0/,
    '1f8101': /long tag/,
  };
  for (const [hex, message] of Object.entries(cases)) {
    assert.throws(() => read(hex), { code: 'http.auth.token', message }, hex);
  }
});

test('a wrong tag and bytes after the end are named', () => {
  const bytes = Buffer.from('0401aa', 'hex');
  assert.throws(() => new DerReader(bytes, 'sample').element(TAG.sequence), {
    message: 'Invalid sample: expected tag 0x30 at 0, found 0x04',
  });
  assert.throws(() => new DerReader(bytes, 'sample').end(), /3 bytes follow its end/);
  for (const oid of ['0600', '06018a', '06028001']) {
    assert.throws(() => new DerReader(Buffer.from(oid, 'hex'), 'sample').oid(), /malformed/, oid);
  }
});
