import assert from 'node:assert/strict';
import { test } from 'node:test';
import schema from '../../../src/engine/backup/point.schema.json' with { type: 'json' };
import {
  MANIFEST_LIMIT,
  formatManifest,
  parseManifest,
} from '../../../src/engine/backup/manifest-json.ts';
import type { PointManifest } from '../../../src/engine/backup/manifest.ts';
import { schemaProblem } from '../../support/json-schema.ts';
import { sampleDisk, sampleIncrement, sampleManifest } from '../../support/sample-manifest.ts';

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const parse = (value: unknown): PointManifest => parseManifest(encode(value), 'the point');

const samples: readonly PointManifest[] = [
  sampleManifest(),
  sampleIncrement('20261122T150211Z-incr', '20261122T140305Z-full'),
  sampleManifest({ referencePoint: null, disks: [], excluded: [], warnings: [], configFiles: [] }),
];

test('a manifest comes back as it was written, in text that a person can read', () => {
  for (const sample of samples) {
    const bytes = formatManifest(sample);
    assert.deepEqual(parseManifest(bytes, sample.id), sample);
    const text = new TextDecoder().decode(bytes);
    assert.match(text, /^\{\n {2}"version": 1,\n {2}"id": /);
    assert.ok(text.endsWith('}\n'));
    assert.ok(bytes.length < MANIFEST_LIMIT);
  }
});

test('the same point always gives the same bytes, however its record was put together', () => {
  const sample = sampleManifest();
  const reversed = Object.fromEntries(Object.entries(sample).reverse()) as unknown;
  assert.deepEqual(formatManifest(reversed as PointManifest), formatManifest(sample));
});

test('what could not be read back is never written', () => {
  assert.throws(() => formatManifest(sampleManifest({ created: 'yesterday' })), {
    code: 'manifest.damaged',
  });
});

test('a newer version is told from damage', () => {
  assert.throws(() => parse({ ...sampleManifest(), version: 2, news: true }), {
    code: 'manifest.version',
    damage: false,
    data: { point: 'the point', found: 2, expected: 1 },
  });
});

test('every error names the field and what was found', () => {
  const disk = sampleDisk();
  const cases: readonly (readonly [unknown, string, RegExp])[] = [
    [{ ...sampleManifest(), id: 'x' }, 'id', /“x”, not a point id/],
    [{ ...sampleManifest(), id: '20260231T000000Z-full' }, 'id', /not a point id/],
    [{ ...sampleManifest(), vm: 7 }, 'vm', /is 7, not an object/],
    [{ ...sampleManifest(), extra: 1 }, 'extra', /is not known/],
    [{ ...sampleManifest(), disks: {} }, 'disks', /is an object, not an array/],
    [
      { ...sampleManifest(), disks: [{ ...disk, virtualSize: 1.5 }] },
      'disks[0].virtualSize',
      /1\.5/,
    ],
    [
      { ...sampleManifest(), disks: [{ ...disk, hashesFile: { ...disk.hashesFile, size: -1 } }] },
      'disks[0].hashesFile.size',
      /is -1, outside 0/,
    ],
    [
      { ...sampleManifest(), disks: [{ ...disk, hashRoot: 'A'.repeat(64) }] },
      'disks[0].hashRoot',
      /SHA/,
    ],
    [
      { ...sampleManifest(), disks: [disk, { ...disk, number: 1 }] },
      'disks[1].file',
      /another field names too/,
    ],
    [{ ...sampleManifest(), disks: [disk, disk] }, 'disks[1].number', /second time/],
    [
      { ...sampleManifest(), disks: [{ ...disk, kind: 'incr' }] },
      'disks[0].parentPoint',
      /does not fit a disk of kind incr/,
    ],
    [{ ...sampleManifest(), kind: 'incr' }, 'kind', /does not fit the disks/],
    [{ ...samples[1], parent: null }, 'parent', /null in an increment/],
    [{ ...sampleManifest(), parent: sampleManifest().id }, 'parent', /is the point itself/],
    [{ ...sampleManifest(), host: 'x'.repeat(5000) }, 'host', /5000 characters, more than 4096/],
    [
      { ...sampleManifest(), warnings: Array.from({ length: 1001 }, () => 0) },
      'warnings',
      /1001 items, more than 1000/,
    ],
  ];
  for (const [value, field, message] of cases) {
    assert.throws(
      () => parse(value),
      (error: { code: string; message: string; data: { field: string } }) => {
        assert.deepEqual([error.code, error.data.field], ['manifest.damaged', field]);
        assert.match(error.message, message);
        return true;
      },
      field,
    );
  }
});

test('no file name in a manifest leads out of the point, or onto a file with a meaning', () => {
  for (const file of [
    '../other.vhdx',
    '/etc/passwd',
    'C:\\x.vhdx',
    'a\\b',
    'sub/x.vhdx',
    'config/a/b',
    'config/',
    'config',
    '',
    'nul',
    'point.chain.json',
    'VERIFIED.json',
    '.refpoint-1.tmp',
    'a.vhdx ',
  ]) {
    assert.throws(
      () => parse(sampleManifest({ disks: [sampleDisk({ file })] })),
      { code: 'manifest.damaged' },
      JSON.stringify(file),
    );
  }
});

test('no disk is called by a name that would lead its restored file out of the folder chosen for it', () => {
  const long = `x/${'./'.repeat(120)}../victim/dc01`;
  const names = ['x/../../victim/dc01', 'x\\..\\..\\dc01', '..', '', 'a\0b', 'a:b', 'nul', long];
  for (const name of names) {
    assert.throws(
      () => parse(sampleManifest({ disks: [sampleDisk({ name })] })),
      { code: 'manifest.damaged', data: { point: 'the point', field: 'disks[0].name' } },
      JSON.stringify(name),
    );
  }
});

test('bytes that are no JSON object are damage, with the reason', () => {
  for (const bytes of [
    new Uint8Array(),
    new TextEncoder().encode('{"version":1'),
    new TextEncoder().encode('[1]'),
    new TextEncoder().encode('null'),
    Uint8Array.of(0x7b, 0xff, 0x7d),
    new TextEncoder().encode('['.repeat(100_000)),
  ]) {
    assert.throws(() => parseManifest(bytes, 'p'), { code: 'manifest.damaged', damage: true });
  }
});

test('the schema and the parser agree on every sample and on every way to spoil one', () => {
  let refused = 0;
  for (const sample of samples) {
    assert.equal(schemaProblem(schema, sample), undefined);
    for (const [name, spoilt] of spoil(sample)) {
      const problem = schemaProblem(schema, spoilt);
      let parsed = true;
      try {
        parse(spoilt);
      } catch {
        parsed = false;
      }
      assert.equal(parsed, problem === undefined, `${name}: ${problem ?? 'the schema takes it'}`);
      if (!parsed) refused++;
    }
  }
  assert.ok(refused > 500, `${refused} were refused`);
});

/** Copies of a value, each with one field removed, added, of another type or beyond its bounds. */
function* spoil(value: unknown, at = ''): Generator<readonly [string, unknown]> {
  if (Array.isArray(value)) {
    yield [`${at} as object`, Object.fromEntries(value.entries())];
    for (const [i, item] of value.entries()) {
      for (const [name, other] of spoil(item, `${at}[${i}]`)) yield [name, value.with(i, other)];
    }
    return;
  }
  if (typeof value === 'object' && value !== null) {
    const free = at.endsWith('.evidence');
    for (const [key, item] of Object.entries(value)) {
      const { [key]: _, ...rest } = value as Record<string, unknown>;
      if (!free) yield [`${at}.${key} removed`, rest];
      for (const [name, other] of spoil(item, `${at}.${key}`)) {
        yield [name, { ...value, [key]: other }];
      }
    }
    yield [`${at} with another field`, { ...value, unheard: free ? {} : 1 }];
    yield [`${at} as array`, [value]];
    return;
  }
  if (/evidence\.[^.]*$/.test(at)) {
    yield [`${at} as array`, []];
    yield [`${at} too long`, 'x'.repeat(4097)];
    return;
  }
  // Null where a thing may be absent is another, valid manifest; relations between fields are not the schema's.
  if (!/(virtualDiskId|rctId|changesFile|referencePoint|parent|parentPoint)$/.test(at)) {
    yield [`${at} as null`, null];
  }
  yield [`${at} as object`, {}];
  yield [`${at} as boolean`, true];
  if (typeof value === 'number') {
    yield [`${at} as text`, `${value}`];
    yield [`${at} as fraction`, value + 0.5];
    yield [`${at} negative`, -1];
    yield [`${at} huge`, 2 ** 53];
  }
  if (typeof value === 'string') {
    yield [`${at} as number`, 1];
    yield [`${at} too long`, 'x'.repeat(40_000)];
  }
}
