import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainText, sentence } from '../../../../src/views/common/words/plain-text.ts';

test('a text that others wrote reads as what it is', () => {
  assert.equal(plainText('C:\\vm\\grün 🖥.vhdx'), 'C:\\vm\\grün 🖥.vhdx');
  assert.equal(plainText('\\\\evil\u202exdhv.\u202cshare'), '\\\\evil\\u{202e}xdhv.\\u{202c}share');
  assert.equal(plainText('a\nb\0c\u200bd\u2028'), 'a\\u{a}b\\u{0}c\\u{200b}d\\u{2028}');
  assert.equal(plainText('\ud800'), '\\u{d800}');
  assert.equal(plainText('x'.repeat(600)), `${'x'.repeat(500)}…`);
});

test('messages become sentences', () => {
  assert.equal(sentence('the file ends at 10'), 'The file ends at 10.');
  assert.equal(sentence('Is it?'), 'Is it?');
  assert.equal(sentence('éa'), 'Éa.');
});
