import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyCommand } from '../../../../src/views/change-map/state/keyboard.ts';
import { selectionText } from '../../../../src/views/change-map/state/selection-text.ts';
import {
  scrollTopFor,
  topRow,
  trackHeight,
} from '../../../../src/views/common/rows/virtual-scroll.ts';

const context = { focus: 10_240, size: 1_000_000, bytesPerRow: 51_200, rows: 10, cell: 512 };
const press = (key: string, shiftKey = false, modified = false) =>
  keyCommand({ key, shiftKey, modified }, context);

test('arrows go by cells and rows, and stay on the disk', () => {
  assert.deepEqual(press('ArrowRight'), { type: 'focus', offset: 10_752, extend: false });
  assert.deepEqual(press('ArrowLeft', true), { type: 'focus', offset: 9728, extend: true });
  assert.deepEqual(press('ArrowDown'), { type: 'focus', offset: 61_440, extend: false });
  assert.deepEqual(press('ArrowUp'), { type: 'focus', offset: 0, extend: false });
  assert.deepEqual(press('PageDown'), { type: 'focus', offset: 471_040, extend: false });
  assert.deepEqual(press('End'), { type: 'focus', offset: 999_936, extend: false });
});

test('other keys zoom, select, clear and copy; the rest is left alone', () => {
  assert.equal(press('+')?.type, 'zoom');
  assert.equal(press('0')?.type, 'fit');
  assert.equal(press('Enter')?.type, 'select');
  assert.equal(press('Escape')?.type, 'clear');
  assert.deepEqual(press('C', true, true), { type: 'copy', json: true });
  assert.deepEqual(press('n'), { type: 'seek', direction: 'next' });
  assert.deepEqual(press('P', true), { type: 'seek', direction: 'previous' });
  assert.equal(press('?', true)?.type, 'help');
  assert.equal(press('n', false, true), undefined);
  assert.equal(press('c'), undefined);
  assert.equal(press('Tab'), undefined);
});

test('a selection is copied as half-open bytes', () => {
  assert.equal(selectionText({ start: 512, end: 1024 }, false), '512-1024');
  assert.equal(
    selectionText({ start: 512, end: 1024 }, true),
    '{"start":512,"end":1024,"length":512}',
  );
});

test('a table longer than a browser can scroll reaches its last row', () => {
  const [rows, height, rowHeight] = [10_000_000, 440, 22];
  assert.ok(trackHeight(rows, rowHeight) < 10_000_000);
  for (const row of [0, 1, 12_345, 5_000_000, rows - 20]) {
    const top = scrollTopFor(row, height, rows, rowHeight);
    assert.equal(topRow(top, height, rows, rowHeight, row), row);
    assert.ok(Math.abs(topRow(top, height, rows, rowHeight, 3) - row) <= 3);
  }
  assert.equal(topRow(1e12, height, rows, rowHeight, 0), rows - 20);
  assert.equal(topRow(220, height, 100, rowHeight, 0), 10, 'short tables scroll row by row');
});

test('going down and up keeps the column', () => {
  let focus = 0;
  for (let i = 0; i < 30; i++) {
    const command = keyCommand(
      { key: 'ArrowDown', shiftKey: false, modified: false },
      { ...context, focus, bytesPerRow: 30_001.7 },
    );
    focus = command?.type === 'focus' ? command.offset : -1;
  }
  assert.ok(focus >= 30 * 30_001.7 && focus < 30 * 30_001.7 + 30, `${focus} is the row's start`);
});
