import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileServerOf } from '../../../../src/engine/hosts/files/file-server-of.ts';

test('a host is its own file server, whether it has an address or a name', () => {
  for (const [url, server] of [
    ['http://hv01:5985/wsman', 'hv01'],
    ['https://[fe80::1]:5986', 'fe80::1'],
    ['local', 'localhost'],
    ['hv01.example.org', 'hv01.example.org'],
    ['fe80::1', 'fe80::1'],
  ] as const) {
    assert.equal(fileServerOf(url), server);
  }
});
