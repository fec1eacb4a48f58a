import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeEmbedded, decodeEmbedded, typedInstance } from '../../../src/engine/cim/cim-xml.ts';
import { cimInstance, type CimType } from '../../../src/engine/cim/model.ts';
import {
  fromCimDatetime,
  isDuration,
  isNever,
  toCimDatetime,
} from '../../../src/engine/cim/datetime.ts';
import { formatScalar, parseScalar } from '../../../src/engine/cim/scalar.ts';
import { WmiRecord } from '../../../src/engine/hyperv/wmi-record.ts';
import { encodeArguments } from '../../../src/engine/net/wsman/arguments.ts';

const good: readonly (readonly [CimType, string, unknown])[] = [
  ['boolean', 'TRUE', true],
  ['boolean', 'False', false],
  ['boolean', '1', true],
  ['uint8', '255', 255],
  ['sint8', '-128', -128],
  ['uint16', '65535', 65_535],
  ['sint16', '-32768', -32_768],
  ['uint32', ' 4294967295 ', 4_294_967_295],
  ['sint32', '+7', 7],
  ['uint64', '18446744073709551615', 2n ** 64n - 1n],
  ['sint64', '-9223372036854775808', -(2n ** 63n)],
  ['real64', '1.5E-3', 0.0015],
  ['real32', '-INF', -Infinity],
  ['real64', 'NaN', Number.NaN],
  ['char16', '65', 'A'],
  ['string', '  kept ', '  kept '],
  ['datetime', '2026-03-02T08:15:36Z', '2026-03-02T08:15:36Z'],
  ['datetime', '2026-03-02T08:15:36.6842412Z', '2026-03-02T08:15:36.6842412Z'],
  ['datetime', 'P0DT0H1M40S', 'P0DT0H1M40S'],
  ['datetime', '20260302101536.500000+120', '2026-03-02T08:15:36.500000Z'],
];

test('every type is decoded, 64 bits without loss', () => {
  for (const [type, text, value] of good) assert.deepEqual(parseScalar(type, text, 'C.P'), value);
});

test('a value of another type is refused by name', () => {
  const bad: readonly (readonly [CimType, string])[] = [
    ['uint8', '256'],
    ['uint8', '-1'],
    ['sint8', '128'],
    ['uint64', '18446744073709551616'],
    ['sint64', '9223372036854775808'],
    ['uint32', '0x10'],
    ['uint32', ''],
    ['real64', 'Infinity'],
    ['boolean', 'yes'],
    ['char16', '65536'],
    ['datetime', 'yesterday'],
    ['datetime', '20260302******.******+120'],
  ];
  for (const [type, text] of bad) {
    assert.throws(() => parseScalar(type, text, 'C.P'), {
      code: 'wsman.value',
      message: new RegExp(`^C\\.P: expected ${type}, found “`),
    });
  }
});

test('times convert between both forms', () => {
  for (const [iso, cim] of [
    ['2026-03-02T08:15:36Z', '20260302081536.000000+000'],
    ['2026-03-02T08:15:36.1234567Z', '20260302081536.123456+000'],
    ['2026-03-02T00:15:36+02:00', '20260301221536.000000+000'],
    ['P0DT0H1M40S', '00000000000140.000000:000'],
    ['P1DT25H', '00000002010000.000000:000'],
    ['PT0.5S', '00000000000000.500000:000'],
  ] as const) {
    assert.equal(toCimDatetime(iso), cim);
  }
  assert.equal(fromCimDatetime('00000000003000.000000:000'), 'P0DT0H30M0S');
  assert.equal(fromCimDatetime('00000001003000.250000:000'), 'P1DT0H30M0.25S');
  assert.equal(fromCimDatetime('20260302081536.000001-090'), '2026-03-02T09:45:36.000001Z');
  for (const wrong of ['P', 'PT', 'P1Y', '2026-02-30T00:00:00Z', '', '2026-03-02']) {
    assert.equal(toCimDatetime(wrong), undefined, wrong);
  }
  assert.ok(isDuration('PT1S') && !isDuration('P') && !isDuration('2026-03-02T08:15:36Z'));
  assert.ok(isNever('1601-01-01T00:00:00Z') && !isNever('2026-01-01T00:00:00Z'));
});

test('an embedded instance keeps its values and types through both directions', () => {
  const text = encodeEmbedded({
    className: 'C',
    properties: [
      { name: 'Big', type: 'uint64', value: 2n ** 63n },
      { name: 'Flag', type: 'boolean', value: true },
      { name: 'When', type: 'datetime', value: '2026-03-02T08:15:36Z' },
      { name: 'Span', type: 'datetime', value: 'PT90S' },
      { name: 'Real', type: 'real64', value: Infinity },
      { name: 'List', type: 'sint16', value: [-1, null, 2] },
      { name: 'None', type: 'uint32', value: null },
    ],
  });
  assert.match(text, /<VALUE>20260302081536\.000000\+000<\/VALUE>/);
  assert.match(text, /<VALUE>INF<\/VALUE>/);
  const { properties } = typedInstance(decodeEmbedded(text));
  assert.deepEqual(Object.fromEntries(properties), {
    Big: 2n ** 63n,
    Flag: true,
    When: '2026-03-02T08:15:36.000000Z',
    Span: 'P0DT0H1M30S',
    Real: Infinity,
    List: [-1, null, 2],
    None: null,
  });
  assert.throws(
    () =>
      encodeEmbedded({
        className: 'C',
        properties: [{ name: 'When', type: 'datetime', value: 'x' }],
      }),
    { code: 'wsman.value' },
  );
});

test('arguments carry reals, points and intervals in the words of the wire', () => {
  assert.equal(
    encodeArguments({
      R: -Infinity,
      B: false,
      N: 2n ** 64n - 1n,
      P: { datetime: '2026-03-02T08:15:36Z' },
      I: { datetime: 'PT60S' },
    }),
    '<p:R>-INF</p:R><p:B>false</p:B><p:N>18446744073709551615</p:N>' +
      '<p:P><cim:Datetime>2026-03-02T08:15:36Z</cim:Datetime></p:P><p:I><cim:Interval>PT60S</cim:Interval></p:I>',
  );
  assert.equal(formatScalar(Number.NaN, 'lower'), 'NaN');
});

test('a record reads bytes in both forms, wide numbers, reals and times', () => {
  const row = new WmiRecord(
    cimInstance('C', {
      Base64: 'AQID/w==',
      Numbers: ['1', '2', '255'],
      One: '7',
      Wrong: 'x!',
      Wide: '18446744073709551615',
      Real: 'INF',
      Never: '1601-01-01T00:00:00Z',
      When: '2026-03-02T08:15:36.5Z',
      Flag: 'TRUE',
    }),
  );
  assert.deepEqual([...row.bytes('Base64')], [1, 2, 3, 255]);
  assert.deepEqual([...row.bytes('Numbers')], [1, 2, 255]);
  assert.deepEqual([...row.bytes('One')], [7]);
  assert.deepEqual([...row.bytes('Absent')], []);
  assert.throws(() => row.bytes('Wrong'), { code: 'wsman.value' });
  assert.equal(row.bigint('Wide'), 2n ** 64n - 1n);
  assert.throws(() => row.bigint('Wrong'), { code: 'host.value' });
  assert.equal(row.real('Real'), Infinity);
  assert.equal(row.time('Never'), null);
  assert.equal(row.time('When'), '2026-03-02T08:15:36.5Z');
  assert.throws(() => row.time('Wrong'), { code: 'host.value' });
  assert.equal(row.boolean('Flag'), true);
});
