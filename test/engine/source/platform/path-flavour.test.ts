import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  isPortableFileName,
  longPath,
  portableFileName,
  relativeParentPath,
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

test('Windows gets the prefix for long paths, and only for absolute ones that lack it', () => {
  const deep = 'folder\\'.repeat(40);
  const cases: readonly (readonly [string, string])[] = [
    [`C:\\${deep}a.vhdx`, `\\\\?\\C:\\${deep}a.vhdx`],
    [`c:/${'folder/'.repeat(40)}../a.vhdx`, `\\\\?\\c:\\${'folder\\'.repeat(39)}a.vhdx`],
    [`\\\\hv01\\share\\${deep}a.vhdx`, `\\\\?\\UNC\\hv01\\share\\${deep}a.vhdx`],
    [`\\\\?\\C:\\${deep}a.vhdx`, `\\\\?\\C:\\${deep}a.vhdx`],
    [`\\\\.\\PhysicalDrive0${deep}`, `\\\\.\\PhysicalDrive0${deep}`],
    ['C:\\short\\a.vhdx', 'C:\\short\\a.vhdx'],
    [`${deep}a.vhdx`, `${deep}a.vhdx`],
  ];
  for (const [path, expected] of cases) assert.equal(longPath(path, 'win32'), expected);
  const posix = `/${'folder/'.repeat(60)}a.vhdx`;
  assert.equal(longPath(posix, 'posix'), posix);
});

test('a parent is named from the folder of its child, in the spelling of VHDX', () => {
  assert.equal(
    relativeParentPath('D:\\store\\vm\\p2\\0-a.avhdx', 'D:\\store\\vm\\p1\\0-a.vhdx', 'win32'),
    '..\\p1\\0-a.vhdx',
  );
  assert.equal(
    relativeParentPath('/s/vm/p2/0.avhdx', '/s/vm/p1/0.vhdx', 'posix'),
    '..\\p1\\0.vhdx',
  );
  assert.equal(relativeParentPath('vm/p2/0.avhdx', 'vm/p1/0.vhdx', 'posix'), '..\\p1\\0.vhdx');
  assert.equal(relativeParentPath('C:\\d\\b.avhdx', 'c:\\D\\a.vhdx', 'win32'), '.\\a.vhdx');
  assert.equal(relativeParentPath('/d/b.avhdx', '/d/sub/a.vhdx', 'posix'), '.\\sub\\a.vhdx');
});

test('where no relative path leads to the parent, none is made up', () => {
  assert.equal(relativeParentPath('C:\\d\\b.avhdx', 'D:\\d\\a.vhdx', 'win32'), undefined);
  assert.equal(relativeParentPath('\\\\one\\s\\b.avhdx', '\\\\two\\s\\a.vhdx', 'win32'), undefined);
  assert.equal(relativeParentPath('/d/a.vhdx', '/d/a.vhdx', 'posix'), undefined);
  assert.equal(relativeParentPath('/d/b', '/d/with\\backslash', 'posix'), undefined);
});
