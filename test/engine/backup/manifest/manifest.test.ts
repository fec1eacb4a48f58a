import assert from 'node:assert/strict';
import { test } from 'node:test';
import schemaOne from '../../../../src/engine/backup/point-v1.schema.json' with { type: 'json' };
import schema from '../../../../src/engine/backup/point.schema.json' with { type: 'json' };
import versionOne from './version-1.chain.json' with { type: 'json' };
import unknownFields from './version-2-unknown-fields.chain.json' with { type: 'json' };
import { manifestChecksum } from '../../../../src/engine/backup/manifest/manifest-checksum.ts';
import {
  formatManifest,
  parseManifest,
} from '../../../../src/engine/backup/manifest/manifest-json.ts';
import { MANIFEST_LIMIT } from '../../../../src/engine/backup/manifest/bounds.ts';
import type { PointManifest } from '../../../../src/engine/backup/manifest/manifest.ts';
import { parseGuid } from '../../../../src/engine/base/guid.ts';
import { schemaProblem } from '../../../support/checks/json-schema.ts';
import {
  sampleDisk,
  sampleIncrement,
  sampleManifest,
} from '../../../support/store/sample-manifest.ts';

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const parse = (value: unknown): PointManifest => parseManifest(encode(value), 'the point');
const sealed = (value: object): object => ({ ...value, checksum: manifestChecksum(value) });
const parseSealed = (value: object): PointManifest => parse(sealed(value));

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
    assert.match(text, /^\{\n {2}"version": 2,\n {2}"id": /);
    assert.ok(text.endsWith('}\n'));
    assert.ok(bytes.length < MANIFEST_LIMIT);
  }
});

test('a point of a group is version 3, with its members and the holders of each disk', () => {
  const [a, b] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
  const members = [
    { id: parseGuid(a ?? ''), name: 'a' },
    { id: parseGuid(b ?? ''), name: 'b' },
  ];
  const disk = sampleDisk({ holders: members.map(({ id }) => ({ id })), method: 'rsvd' });
  const sample = sampleManifest({ version: 3, group: { members }, disks: [disk] });
  const bytes = formatManifest(sample);
  assert.deepEqual(parseManifest(bytes, sample.id), sample);
  assert.equal(schemaProblem(schema, JSON.parse(new TextDecoder().decode(bytes))), undefined);
  const stranger = { ...sample, group: { members: members.slice(1) } };
  assert.throws(() => parseSealed(stranger), {
    code: 'manifest.damaged',
    message: /disks\[0\]\.holders names 11111111/,
  });
  // A point of one VM stays what earlier programs read.
  assert.equal(parseManifest(formatManifest(sampleManifest()), 'x').version, 2);
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
  assert.throws(() => parse({ ...sampleManifest(), version: 4, news: true }), {
    code: 'manifest.version',
    damage: false,
    message: /has version 4; this program reads versions 1 to 3/,
    data: { point: 'the point', found: 4, expected: 3 },
  });
});

test('every error names the field and what was found', () => {
  const disk = sampleDisk();
  const cases: readonly (readonly [object, string, RegExp])[] = [
    [{ ...sampleManifest(), id: 'x' }, 'id', /“x”, not a point id/],
    [{ ...sampleManifest(), id: '20260231T000000Z-full' }, 'id', /not a point id/],
    [{ ...sampleManifest(), vm: 7 }, 'vm', /is 7, not an object/],
    [{ ...versionOne, extra: 1 }, 'extra', /is not known/],
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
      'disks[1].slot',
      /which is not unique/,
    ],
    [
      { ...sampleManifest(), disks: [disk, { ...disk, number: 1, slot: 'scsi0:1' }] },
      'disks[1].file',
      /another field also names/,
    ],
    [{ ...sampleManifest(), disks: [disk, disk] }, 'disks[1].number', /which is not unique/],
    [
      { ...sampleManifest(), disks: [{ ...disk, kind: 'incr' }] },
      'disks[0].parentPoint',
      /does not match a disk of kind incr/,
    ],
    [{ ...sampleManifest(), kind: 'incr' }, 'kind', /does not match its disks/],
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
      () => parseSealed(value),
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
      () => parseSealed(sampleManifest({ disks: [sampleDisk({ file })] })),
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
      () => parseSealed(sampleManifest({ disks: [sampleDisk({ name })] })),
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
  const cases = [
    ...samples.map((sample) => ({ rules: schema, sample: sample as object, seal: sealed })),
    { rules: schema, sample: unknownFields as object, seal: sealed },
    { rules: schemaOne, sample: versionOne as object, seal: (value: object) => value },
  ];
  for (const { rules, sample, seal } of cases) {
    assert.equal(schemaProblem(rules, seal(sample)), undefined);
    for (const [name, spoilt] of spoil(sample)) {
      const value = isObject(spoilt) ? seal(spoilt) : spoilt;
      const problem = schemaProblem(rules, value);
      let parsed = true;
      try {
        parse(value);
      } catch {
        parsed = false;
      }
      assert.equal(parsed, problem === undefined, `${name}: ${problem ?? 'the schema takes it'}`);
      if (!parsed) refused++;
    }
  }
  assert.ok(refused > 500, `${refused} were refused`);
});

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

test('version 1 still reads; what version 2 added is unknown in it', () => {
  const manifest = parse(versionOne);
  assert.equal(manifest.version, 1);
  assert.equal(manifest.computerName, null);
  assert.equal(manifest.vm.lastAppliedSnapshot, null);
  assert.deepEqual(
    manifest.disks.map((d) => [d.hashRoot, d.physicalSectorSize, d.changedBytes]),
    [[versionOne.disks[0]?.hashRoot, null, null]],
  );
  assert.equal(
    parseManifest(formatManifest(manifest), 'p').version,
    2,
    'written again, it is sealed',
  );
});

test('version 2 reads with fields that a later program added, at every depth', () => {
  const manifest = parse(unknownFields);
  assert.equal(manifest.id, unknownFields.id);
  assert.equal(manifest.methodReason?.code, 'file.mapped');
  assert.ok(!('group' in manifest.vm), 'what is not known is not handed on');
  assert.equal(manifest.disks[0]?.physicalSectorSize, 512);
  const {
    checksum: _,
    physicalSectorSize: _p,
    ...disk
  } = { ...unknownFields.disks[0], checksum: 0 };
  const without = parseSealed({ ...unknownFields, disks: [disk] });
  assert.equal(without.disks[0]?.physicalSectorSize, null, 'an optional field may be absent');
});

test('fields that are nested without end are damage, not a crash', () => {
  const deep = `${'['.repeat(500_000)}${']'.repeat(500_000)}`;
  const text = JSON.stringify(sealed(sampleManifest())).replace('{', `{"deep":${deep},`);
  assert.throws(() => parseManifest(new TextEncoder().encode(text), 'p'), {
    code: 'manifest.damaged',
  });
});

test('any flipped bit of a manifest is noticed, unless it changes nothing', () => {
  const bytes = formatManifest(sampleIncrement('20261122T150211Z-incr', '20261122T140305Z-full'));
  const whole = JSON.stringify(parseManifest(bytes, 'p'));
  const codes = new Map<string, number>();
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    let code: string;
    try {
      assert.equal(
        JSON.stringify(parseManifest(flipped, 'p')),
        whole,
        `bit ${bit} changed the record`,
      );
      code = 'same';
    } catch (error) {
      ({ code } = error as { code: string });
    }
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  const same = codes.get('same') ?? 0;
  codes.delete('same');
  assert.deepEqual([...codes.keys()].sort(), [
    'manifest.checksum',
    'manifest.damaged',
    'manifest.version',
  ]);
  assert.ok(same < 50, `${same} flips only changed blanks`);
  assert.ok((codes.get('manifest.checksum') ?? 0) > 1000);
});

test('a changed id is told apart from a damaged file, and says what to do', () => {
  const changed = { ...sealed(sampleManifest()), vm: { ...sampleManifest().vm, name: 'Other' } };
  assert.throws(() => parse(changed), {
    code: 'manifest.checksum',
    damage: true,
    message: /does not match its checksum.*copy point\.chain\.json from another copy/,
  });
});

/** Fields that may be null, and those that may be absent too. */
const NULLABLE =
  /(virtualDiskId|rctId|changesFile|referencePoint|parent|parentPoint|physicalSectorSize|blockSize|changedBytes|lastAppliedSnapshot|computerName)$/;

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
  if (!NULLABLE.test(at)) {
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
