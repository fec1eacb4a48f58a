import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hresultText } from '../../../src/engine/base/words/hresult-text.ts';
import { hresultIn, hresultWords } from '../../../src/engine/hyperv/hresults.ts';

test('an HRESULT is found in a text of any language, a known one first', () => {
  assert.equal(hresultIn(['']), undefined);
  assert.equal(hresultIn(['Fehler 0x80001234, dann (0xC03A0029).']), 0xc03a0029);
  assert.equal(hresultIn(['失敗しました', '0xdeadbeef のエラー']), 0xdeadbeef);
  assert.equal(hresultIn(['not a code: 0x00000005, 0x8007000, 0x800700051']), undefined);
});

test('a known HRESULT has words', () => {
  assert.equal(hresultWords(0xc03a002a), 'change tracking is disabled');
  assert.equal(hresultWords(0x7fffffff), undefined);
  assert.equal(hresultText(0xc03a002a), '0xC03A002A');
});
