import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseWql } from '../../../src/engine/lab/wmi/wql-parser.ts';
import { parseResourceUri, resourceUri } from '../../../src/engine/net/wsman/names.ts';
import {
  encodeObjectPath,
  objectPathHost,
  parseObjectPath,
  wqlString,
} from '../../../src/engine/cim/object-path.ts';

const setting = (id: string) => ({
  resourceUri: resourceUri('Msvm_VirtualSystemSettingData'),
  selectors: { InstanceID: id },
});

test('a path names host, namespace, class and keys, with backslashes doubled and quotes escaped', () => {
  assert.equal(
    encodeObjectPath(setting('Microsoft:A\\0"x'), 'HV01'),
    '\\\\HV01\\root\\virtualization\\v2:Msvm_VirtualSystemSettingData.InstanceID="Microsoft:A\\\\0\\"x"',
  );
  assert.throws(
    () => encodeObjectPath({ resourceUri: 'http://example.org/x', selectors: {} }, 'HV01'),
    {
      code: 'wsman.value',
    },
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
  assert.deepEqual(parseObjectPath("C.K='x:D.e'")?.selectors, { K: 'x:D.e' });
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
        parseObjectPath(encodeObjectPath(setting(text), 'HV01'))?.selectors['InstanceID'],
        text,
      );
      const query = parseWql(`SELECT * FROM C WHERE K = ${wqlString(text)}`);
      assert.ok(query.kind === 'select' && query.where?.op === '=');
      assert.equal(query.where.value, text);
    }),
  );
});

test('resource URIs are taken apart whatever the case of their beginning', () => {
  const name = { namespace: 'root/virtualization/v2', className: 'Msvm_ComputerSystem' };
  assert.deepEqual(parseResourceUri(resourceUri('Msvm_ComputerSystem')), name);
  assert.deepEqual(
    parseResourceUri(resourceUri('Msvm_ComputerSystem').replace('http', 'HTTP')),
    name,
  );
  for (const uri of [
    '',
    'http://schemas.microsoft.com/wbem/wsman/1/wmi/',
    resourceUri(''),
    'urn:x',
  ]) {
    assert.equal(parseResourceUri(uri), undefined, uri);
  }
});
