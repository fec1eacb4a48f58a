import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseResourceUri, resourceUri } from '../../../../src/engine/net/wsman/names.ts';

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
