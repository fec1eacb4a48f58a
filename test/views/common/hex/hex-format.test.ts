import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../../support/checks/properties.ts';
import {
  hexLayout,
  offsetDigits,
  parseOffset,
  textByte,
  valuesOf,
} from '../../../../src/views/common/hex/hex-format.ts';
import { byteCommand } from '../../../../src/views/common/hex/hex-keyboard.ts';
import { guidFromBytes } from '../../../../src/engine/base/guid.ts';

const SIZE = 64 * 2 ** 40;

test('offsets are read as people write them', () => {
  for (const [text, offset] of [
    ['0', 0],
    ['65536', 65_536],
    ['65,536', 65_536],
    ['0x10000', 65_536],
    ['0X1_0000', 65_536],
    ['10000h', 65_536],
    ['3 MiB', 3 * 2 ** 20],
    ['3m', 3 * 2 ** 20],
    ['1.5 GB', 1.5 * 2 ** 30],
    ['2TiB', 2 * 2 ** 40],
    ['12 b', 12],
    ['+0x10', 1016],
    ['-1000', 0],
    [' + 1 KiB ', 2024],
  ] as const) {
    assert.deepEqual(parseOffset(text, 1000, SIZE), { offset }, text);
  }
  for (const text of ['', 'x', '0x', '3 parsecs', '1e9', '--1', 'h', '0xzz', '1.5.2', '٣']) {
    assert.deepEqual(parseOffset(text, 1000, SIZE), { wrong: 'format' }, text);
  }
  for (const text of ['64 TiB', '-1001', '0xffffffffffffffff', '99999999999999999999']) {
    assert.deepEqual(parseOffset(text, 1000, SIZE), { wrong: 'behind' }, text);
  }
  assert.deepEqual(parseOffset('0', 0, 0), { wrong: 'behind' });
});

test('every offset that is shown can be written', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: SIZE - 1 }), (offset) => {
      assert.deepEqual(parseOffset(`0x${offset.toString(16)}`, 0, SIZE), { offset });
      assert.deepEqual(parseOffset(offset.toLocaleString('en'), 0, SIZE), { offset });
    }),
  );
});

test('as many bytes are in a row as there is room for', () => {
  assert.deepEqual(hexLayout(200, 8), { perRow: 16, text: true });
  assert.deepEqual(hexLayout(74, 8), { perRow: 16, text: true });
  assert.deepEqual(hexLayout(73, 8), { perRow: 8, text: true });
  assert.deepEqual(hexLayout(42, 8), { perRow: 8, text: true });
  assert.deepEqual(hexLayout(41, 8), { perRow: 8, text: false });
  assert.deepEqual(hexLayout(32, 8), { perRow: 8, text: false });
  assert.deepEqual(hexLayout(31, 8), { perRow: 4, text: true });
  assert.deepEqual(hexLayout(1, 8), { perRow: 4, text: false });
  assert.deepEqual([0, 1, 2 ** 32, 2 ** 32 + 1, SIZE].map(offsetDigits), [8, 8, 8, 9, 12]);
});

test('bytes are read as numbers and as a GUID as the engine reads it', () => {
  const bytes = Buffer.from('c45ea41b0a3c4f4e8a77112233445566', 'hex');
  const values = Object.fromEntries(valuesOf(bytes));
  assert.equal(values['u8'], '196');
  assert.equal(values['u16'], String(bytes.readUInt16LE()));
  assert.equal(values['u32'], String(bytes.readUInt32LE()));
  assert.equal(values['u64'], String(bytes.readBigUInt64LE()));
  assert.equal(values['GUID'], guidFromBytes(bytes));
  assert.deepEqual(
    valuesOf(bytes.subarray(0, 3)).map(([name]) => name),
    ['u8', 'u16'],
  );
  assert.deepEqual(valuesOf(new Uint8Array(0)), []);
  assert.deepEqual([0x1f, 0x20, 0x41, 0x7e, 0x7f, 0xff].map(textByte), [
    '·',
    ' ',
    'A',
    '~',
    '·',
    '·',
  ]);
});

test('keys never leave the file, and keep their column at its ends', () => {
  const context = { size: 100, perRow: 16, rows: 4 };
  const to = (key: string, now: number, modified = false): number | undefined => {
    const command = byteCommand({ key, modified }, { ...context, now });
    return command?.type === 'move' ? command.offset : undefined;
  };
  assert.deepEqual([to('ArrowUp', 5), to('ArrowUp', 21), to('ArrowDown', 5)], [5, 5, 21]);
  assert.deepEqual([to('ArrowDown', 97), to('ArrowDown', 90), to('PageDown', 50)], [97, 90, 98]);
  assert.deepEqual([to('PageUp', 50), to('PageUp', 40), to('PageDown', 85)], [2, 8, 85]);
  assert.deepEqual([to('ArrowLeft', 0), to('ArrowRight', 99)], [0, 99]);
  assert.deepEqual([to('Home', 37), to('End', 37), to('End', 99)], [32, 47, 99]);
  assert.deepEqual([to('Home', 37, true), to('End', 37, true)], [0, 99]);
  fc.assert(
    fc.property(
      fc.constantFrom(
        'ArrowUp',
        'ArrowDown',
        'ArrowLeft',
        'ArrowRight',
        'PageUp',
        'PageDown',
        'Home',
        'End',
      ),
      fc.boolean(),
      fc.integer({ min: 1, max: 300 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (key, modified, size, share) => {
        const now = Math.floor(share * size);
        const command = byteCommand({ key, modified }, { now, size, perRow: 8, rows: 5 });
        if (command === undefined) return;
        assert.ok(command.type === 'move' && command.offset >= 0 && command.offset < size);
      },
    ),
  );
  assert.deepEqual(byteCommand({ key: 'c', modified: true }, { ...context, now: 0 }), {
    type: 'copy',
  });
  assert.deepEqual(byteCommand({ key: 'g', modified: false }, { ...context, now: 0 }), {
    type: 'goTo',
  });
  assert.equal(byteCommand({ key: 'x', modified: false }, { ...context, now: 0 }), undefined);
});
