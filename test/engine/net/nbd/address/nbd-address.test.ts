import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatNbdAddress,
  isNbdAddress,
  parseNbdAddress,
} from '../../../../../src/engine/net/nbd/address/nbd-address.ts';

test('addresses of this computer are taken apart', () => {
  assert.deepEqual(parseNbdAddress('nbd://127.0.0.1:10810/disk%201'), {
    kind: 'tcp',
    host: '127.0.0.1',
    port: 10_810,
    exportName: 'disk 1',
  });
  assert.deepEqual(parseNbdAddress('NBD://[::1]'), {
    kind: 'tcp',
    host: '::1',
    port: 10_809,
    exportName: '',
  });
  assert.deepEqual(parseNbdAddress('nbd+unix:///a/b?socket=/tmp/a+b%26c.sock'), {
    kind: 'unix',
    socket: '/tmp/a+b&c.sock',
    exportName: 'a/b',
  });
});

test('an address that was written is read as it was', () => {
  for (const address of [
    { kind: 'unix', socket: "/tmp/o'neil & co?/x#1.sock", exportName: 'ä/b %?' },
    { kind: 'tcp', host: '::1', port: 1, exportName: '' },
    { kind: 'tcp', host: 'localhost', port: 65_535, exportName: 'x' },
  ] as const) {
    const text = formatNbdAddress(address);
    assert.ok(isNbdAddress(text) && !text.includes("'"), text);
    assert.deepEqual(parseNbdAddress(text), address);
  }
});

for (const text of [
  'nbd://192.168.1.2/x',
  'nbd://example.com:10809/x',
  'nbd://127.0.0.1.example.com/x',
  'nbd:///x',
  'nbd://user@127.0.0.1/x',
  'nbd://127.0.0.1/x?tls=1',
  'nbd://127.0.0.1:0/x',
  'nbd://127.0.0.1:99999/x',
  'nbd://127.0.0.1/%ff',
  'nbd://127.0.0.1/%00',
  `nbd://127.0.0.1/${'x'.repeat(5000)}`,
  'nbds://127.0.0.1/x',
  'nbd+vsock://1/x',
  'nbd+unix:///x',
  'nbd+unix:///x?socket=',
  'nbd+unix://host/x?socket=/tmp/s',
  'nbd:127.0.0.1:10809',
]) {
  test(`${text.slice(0, 50)} is refused`, () => {
    assert.ok(isNbdAddress(text));
    assert.throws(() => parseNbdAddress(text), { code: 'nbd.address' });
  });
}

test('paths are no addresses', () => {
  for (const text of ['disk.vhdx', './nbd:x', '/nbd/x', 'C:\\nbd', 'nbd/x']) {
    assert.ok(!isNbdAddress(text), text);
  }
});
