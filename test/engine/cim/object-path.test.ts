import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../support/checks/properties.ts';
import { parseWql } from '../../../src/engine/lab/wmi/wql-parser.ts';
import {
  encodeObjectPath,
  objectPathHost,
  parseObjectPath,
} from '../../../src/engine/cim/object-path.ts';
import { equals, select } from '../../../src/engine/cim/wql.ts';

const setting = (id: string) => ({
  className: 'Msvm_VirtualSystemSettingData',
  keys: { InstanceID: id },
});

test('a path names host, namespace, class and keys, with backslashes doubled and quotes escaped', () => {
  assert.equal(
    encodeObjectPath(setting('Microsoft:A\\0"x'), 'HV01'),
    '\\\\HV01\\root\\virtualization\\v2:Msvm_VirtualSystemSettingData.InstanceID="Microsoft:A\\\\0\\"x"',
  );
});

test('paths are read with and without host and namespace, with either slash and either quote', () => {
  const wanted = setting('Microsoft:A\\0');
  for (const text of [
    '\\\\HV01\\root\\virtualization\\v2:Msvm_VirtualSystemSettingData.InstanceID="Microsoft:A\\\\0"',
    '//HV01/root/virtualization/v2:Msvm_VirtualSystemSettingData.InstanceID="Microsoft:A\\\\0"',
    'root\\virtualization\\v2:Msvm_VirtualSystemSettingData.InstanceID="Microsoft:A\\\\0"',
    'Msvm_VirtualSystemSettingData.InstanceID="Microsoft:A\\\\0"',
    "Msvm_VirtualSystemSettingData.InstanceID='Microsoft:A\\\\0'",
  ]) {
    assert.deepEqual(parseObjectPath(text), wanted, text);
  }
  assert.deepEqual(parseObjectPath("C.K='x:D.e'")?.keys, { K: 'x:D.e' });
});

test('the host of a path is read, if it names one', () => {
  assert.equal(objectPathHost('\\\\HV01\\root\\virtualization\\v2:C.K="a"'), 'HV01');
  assert.equal(objectPathHost('//./root/virtualization/v2:C.K="a"'), '.');
  assert.equal(objectPathHost('C.K="\\\\a\\b"'), undefined);
});

test('what is no path is undefined', () => {
  for (const text of [
    '',
    'D:\\vm\\a.vhdx',
    'Class',
    'Class.',
    'Class.Key',
    'Class.Key="open',
    'Class.Key="a" junk',
    '\\\\server\\share\\file.vhdx',
  ]) {
    assert.equal(parseObjectPath(text), undefined, text);
  }
});

test('any key value survives a path, and any text a WQL literal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      assert.equal(
        parseObjectPath(encodeObjectPath(setting(text), 'HV01'))?.keys['InstanceID'],
        text,
      );
      const query = parseWql(select('C', equals('K', text)));
      assert.ok(query.kind === 'select' && query.where?.op === 'compare');
      assert.deepEqual(query.where.right, { value: text });
    }),
  );
});
