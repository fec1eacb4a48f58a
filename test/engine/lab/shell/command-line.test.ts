import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../../support/checks/properties.ts';
import { splitCommandLine } from '../../../../src/engine/lab/shell/command-line.ts';

/** Quotes a word as a program must that wants it to arrive unchanged. */
function quoted(word: string): string {
  const escaped = word.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1');
  return `"${escaped}"`;
}

test('words, quotes and backslashes are those of Windows', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['', []],
    ['   ', []],
    ['a b\tc', ['a', 'b', 'c']],
    ['"a b" c', ['a b', 'c']],
    [String.raw`C:\x\ "C:\y z\\" \"q`, ['C:\\x\\', 'C:\\y z\\', '"q']],
    [String.raw`a\\\"b c\\d`, ['a\\"b', 'c\\\\d']],
    ['a""b "" "c""d"', ['ab', '', 'c"d']],
    ['"not closed', ['not closed']],
  ];
  for (const [line, words] of cases) assert.deepEqual(splitCommandLine(line), words, line);
});

test('any word that is quoted by the rules arrives unchanged', () => {
  const word = fc.string({ unit: fc.constantFrom('a', ' ', '\\', '"', '\t', 'ü') });
  fc.assert(
    fc.property(fc.array(word), (words) => {
      assert.deepEqual(splitCommandLine(words.map(quoted).join(' ')), words);
    }),
  );
});
