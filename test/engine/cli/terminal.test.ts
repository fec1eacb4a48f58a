import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RangeSet } from '../../../src/engine/base/range-set.ts';
import { errorText } from '../../../src/engine/cli/run-command.ts';
import { drawChangeMap } from '../../../src/engine/cli/terminal/change-map.ts';
import { ProgressBar } from '../../../src/engine/cli/terminal/progress-bar.ts';
import { columns, facts, harmless, table, wrap } from '../../../src/engine/cli/terminal/text.ts';

test('tables align, numbers to the right, without trailing blanks', () => {
  assert.equal(
    table(
      ['name', 'size'],
      [
        ['a', '1 MiB'],
        ['longer', '512 B'],
      ],
      ['size'],
    ),
    'name     size\na       1 MiB\nlonger  512 B',
  );
});

test('texts wrap beside their names', () => {
  assert.deepEqual(wrap('one two three', 7), ['one two', 'three']);
  assert.deepEqual(columns([['a', 'one two three']], 12), ['a  one two', '   three']);
  assert.equal(
    facts([
      ['name', 'x'],
      ['longer', ''],
    ]),
    'name    x\nlonger',
  );
});

test('a change map shows even a single changed byte', () => {
  const changed = RangeSet.of([{ start: 1023, end: 1024 }]);
  const allocated = RangeSet.of([{ start: 0, end: 256 }]);
  const map = drawChangeMap(1024, changed, allocated, { columns: 40, rows: 1, ascii: true });
  const [line = ''] = map.split('\n');
  assert.match(line, /\+{8}\.+#$/);
  assert.match(map, /# changed/);
});

test('a progress bar fits the terminal, is throttled and leaves nothing', () => {
  const written: string[] = [];
  const bar = new ProgressBar((text) => written.push(text), 60, true);
  bar.phase('Disk 0: full', 1000);
  for (let i = 0; i < 1000; i++) bar.advance(1);
  assert.ok(written.length < 20, `${written.length} times drawn`);
  bar.clear();
  for (const text of written) {
    for (const line of text.split('\r')) assert.ok(line.length < 60, line);
  }
  assert.equal(written.at(-1)?.trim(), '');
});

test('names from elsewhere cannot steer the terminal', () => {
  assert.equal(harmless('a\u001b[2Jb\u0007\u009b31m\n\tü'), 'a?[2Jb??31m\n\tü');
  assert.equal(harmless('a\u202etxt.exe\u2066'), 'a?txt.exe?');
  assert.equal(table(['name', 'id'], [['web\nfake  1', '2']]), 'name         id\nweb?fake  1  2');
  assert.equal(facts([['name', 'a\r\nstate  off']]), 'name  a??state  off');
});

test('a table that is wider than the terminal cuts names, and only those', () => {
  const rows = [['n'.repeat(240), '1', 'i'.repeat(36)]];
  const head = ['name', 'disks', 'id'];
  const cutTo = (width: number | undefined): string =>
    table(head, rows, ['disks'], { column: 'name', width }).split('\n')[1] ?? '';
  assert.equal(cutTo(80), `${'n'.repeat(34)}…      1  ${'i'.repeat(36)}`);
  assert.equal(cutTo(80).length, 80);
  assert.equal(cutTo(20), `${'n'.repeat(7)}…      1  ${'i'.repeat(36)}`);
  assert.equal(cutTo(undefined).length, 240 + 2 + 5 + 2 + 36);
  assert.equal(cutTo(500), cutTo(undefined));
});

test('a table takes more rows than a call takes arguments', () => {
  const rows = Array.from({ length: 300_000 }, (_, i) => [String(i)]);
  assert.equal(table(['n'], rows).split('\n').length, 300_001);
});

test('an error is one line and its code, whatever a name has in it', () => {
  const message = '“web\n(import.done)\r\nDone\u2028.\u202E” is running';
  const text = errorText({ code: 'over.state', message });
  assert.equal(text, '“web (import.done) Done .?” is running.\n(over.state)\n');
});
