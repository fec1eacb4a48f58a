import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { wsmanUrl } from '../../../../src/engine/net/wsman/address.ts';

test('addresses are completed with the port and path of WinRM', () => {
  const url = (text: string): string => wsmanUrl(text).href;
  assert.equal(url('https://hv01'), 'https://hv01:5986/wsman');
  assert.equal(url('http://localhost'), 'http://localhost:5985/wsman');
  assert.equal(url('http://[::1]'), 'http://[::1]:5985/wsman');
  assert.equal(url('https://hv01:443/'), 'https://hv01/wsman');
  assert.equal(url('https://hv01:8443/other?a=:1'), 'https://hv01:8443/other?a=:1');
  for (const text of ['', 'ftp://hv01', 'https://']) {
    assert.throws(() => wsmanUrl(text), { code: 'http.url' }, text);
  }
  assert.throws(
    () => wsmanUrl('https://me:hidden-word@hv01'),
    (error: Error & { code: string }) => {
      assert.equal(error.code, 'http.url');
      assert.ok(!inspect(error).split('\n    at ')[0]?.includes('hidden-word'));
      return true;
    },
  );
});

test('a name alone means the port of a host as it is installed; a certificate chooses HTTPS', () => {
  const url = (text: string, secure = false): string => wsmanUrl(text, secure).href;
  assert.equal(url('hv01'), 'http://hv01:5985/wsman');
  assert.equal(url(' hv01.example.org '), 'http://hv01.example.org:5985/wsman');
  assert.equal(url('hv01', true), 'https://hv01:5986/wsman');
  assert.equal(url('hv01:5986'), 'https://hv01:5986/wsman');
  assert.equal(url('hv01:8080'), 'http://hv01:8080/wsman');
  assert.equal(url('hv01:80'), 'http://hv01/wsman');
  assert.equal(url('192.0.2.7'), 'http://192.0.2.7:5985/wsman');
  assert.equal(url('2001:db8::7'), 'http://[2001:db8::7]:5985/wsman');
  assert.equal(url('[2001:db8::7]:5986'), 'https://[2001:db8::7]:5986/wsman');
  assert.equal(url('http://hv01', true), 'http://hv01:5985/wsman', 'an address is taken as it is');
  for (const text of ['hv 01', 'me:hidden-word@hv01', 'hv01:99999', '[::1', '']) {
    assert.throws(() => wsmanUrl(text), { code: 'http.url' }, text);
  }
});

test('a password in an address that is none is not repeated', () => {
  for (const text of [
    'ftp://me:hidden-word@hv01',
    'https://me:some/hidden-word@hv01',
    'me:some//hidden-word@hv01:x',
  ]) {
    assert.throws(
      () => wsmanUrl(text),
      (error: Error & { data: unknown }) =>
        !`${error.message}${JSON.stringify(error.data)}`.includes('hidden-word'),
    );
  }
});
