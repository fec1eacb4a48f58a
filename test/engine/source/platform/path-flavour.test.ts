import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../../support/checks/properties.ts';
import {
  isPortableFileName,
  portableFileName,
} from '../../../../src/engine/source/platform/path-flavour.ts';

test('disk names become names that every platform takes, as near as can be', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['system', 'system'],
    ['Data disk (old)', 'Data disk (old)'],
    ['a/b\\c:d*e?f"g<h>i|j', 'a_b_c_d_e_f_g_h_i_j'],
    ['CON', '_CON'],
    ['nul.vhdx', '_nul.vhdx'],
    ['com1', '_com1'],
    ['LPT9.txt', '_LPT9.txt'],
    ['com10', 'com10'],
    ['console', 'console'],
    ['name. . .', 'name'],
    ['...hidden', 'hidden'],
    ['..', 'disk'],
    ['', 'disk'],
    ['  ', 'disk'],
    ['tab\there\u0007', 'tab_here_'],
    ['Platte für Büro', 'Platte für Büro'],
    ['u\u0308ber', 'über'],
    ['lone \ud800 half', 'lone _ half'],
  ];
  for (const [name, expected] of cases) assert.equal(portableFileName(name), expected);
});

test('any name becomes a portable one, of at most 120 bytes, and stays what it became', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
      const safe = portableFileName(name);
      assert.ok(isPortableFileName(safe), JSON.stringify(safe));
      assert.ok(new TextEncoder().encode(safe).length <= 121);
      assert.equal(portableFileName(safe), safe);
    }),
  );
});

test('a long name is cut between characters', () => {
  const safe = portableFileName('日本語'.repeat(50));
  assert.equal(safe, '日本語'.repeat(13) + '日');
});

test('names that some platform refuses are not portable', () => {
  for (const name of [
    '',
    '.',
    '..',
    'a/b',
    'a\\b',
    'a:b',
    'nul',
    'AUX.txt',
    'a.',
    'a ',
    'a\0',
    'x'.repeat(256),
    'com¹',
  ]) {
    assert.equal(isPortableFileName(name), false, JSON.stringify(name));
  }
  for (const name of [
    '.hidden',
    'a',
    'vm.json',
    '20261122T140305Z-full',
    'x'.repeat(255),
    'com0x',
  ]) {
    assert.equal(isPortableFileName(name), true, JSON.stringify(name));
  }
});
