import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shownData } from '../../../../src/engine/powershell/record/shown-data.ts';

const shown = (value: unknown): unknown =>
  JSON.parse(shownData(value, (text) => text.replaceAll('pa$$', '(secret)')));

test('marks are left out, and properties stand beside their values, also in later rows of a class', () => {
  const rows = [
    { o: { c: 'Msvm_X', p: ['Name', 'AdminPassword'], v: ['a', 'one'] } },
    { o: { c: 'Msvm_X', v: ['b', 'two'] } },
  ];
  assert.deepEqual(shown({ rows, n: '=root/x' }), {
    rows: [
      { o: { class: 'Msvm_X', Name: 'a', AdminPassword: '(secret)' } },
      { o: { class: 'Msvm_X', Name: 'b', AdminPassword: '(secret)' } },
    ],
    n: 'root/x',
  });
});

test('secrets are hidden wherever they stand: by their name, as an argument, within a text', () => {
  const found = shown({
    arguments: ['=Name', '=web', '=SessionKey', '=k3y', '=PasswordRequired', true],
    password: 'p1',
    text: '=user:pa$$ in a text',
  });
  assert.deepEqual(found, {
    arguments: ['Name', 'web', 'SessionKey', '(secret)', 'PasswordRequired', true],
    password: '(secret)',
    text: 'user:(secret) in a text',
  });
});

test('contents of files are replaced by their length and hash', () => {
  const text = JSON.stringify(
    shown({ a: Array.from({ length: 40 }, (_, i) => i), b: 'QUJD'.repeat(80) }),
  );
  assert.match(text, /octets: 40 bytes, SHA-256 [0-9a-f]{64}/);
  assert.match(text, /base64: 240 bytes, SHA-256/);
  assert.deepEqual(shown([1, 2, 3]), [1, 2, 3]);
});
