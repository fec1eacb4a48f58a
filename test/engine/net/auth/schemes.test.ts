import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AUTHENTICATION_CHOICES } from '../../../../src/engine/api/host.ts';
import type { AuthTarget } from '../../../../src/engine/net/auth/contract/scheme.ts';
import { basic } from '../../../../src/engine/net/auth/basic/basic.ts';
import { usableSchemes } from '../../../../src/engine/net/auth/schemes.ts';
import { Secret } from '../../../../src/engine/net/auth/contract/secret.ts';
import { threeLegScheme } from '../../../support/host/three-leg-scheme.ts';

const credential = { user: 'u', password: new Secret('p') };
const secure = { url: new URL('https://hv01:5986'), credential };
const plain = { url: new URL('http://hv01:5985'), credential };

test('“auto” takes Kerberos, then NTLM, then Basic where the password stays hidden', () => {
  if (process.platform === 'win32') return;
  const names = (more: Partial<AuthTarget> = {}): string[] =>
    usableSchemes('auto', { ...plain, ...more }).map(({ name }) => name);
  assert.deepEqual(names(), ['kerberos', 'ntlm']);
  assert.deepEqual(names(secure), ['kerberos', 'ntlm', 'basic']);
  assert.deepEqual(names({ ...secure, ntlmFallback: false }), ['kerberos', 'basic']);
  assert.deepEqual(names({ url: new URL('http://127.0.0.1:5985') }), ['ntlm', 'basic']);
  assert.deepEqual(names({ credential: undefined }), ['kerberos'], 'a ticket may be there');
  assert.deepEqual(names({ credential: undefined, url: new URL('http://[::1]') }), []);
  const card = { ...secure, credential: undefined, clientCertificate: true };
  assert.deepEqual(names(card), ['certificate', 'kerberos']);
});

test('each name has one row, and names the scheme that it takes', () => {
  const target = { ...secure, clientCertificate: true };
  for (const name of AUTHENTICATION_CHOICES) {
    if (name === 'auto') continue;
    assert.deepEqual(
      usableSchemes(name, target).map((scheme) => scheme.name),
      [name],
    );
  }
});

test('“auto” takes every scheme that may be used, in the order of the table; a name takes one', () => {
  const table = [threeLegScheme(), basic];
  const names = (...args: Parameters<typeof usableSchemes>): string[] =>
    usableSchemes(...args).map(({ name }) => name);
  assert.deepEqual(names('auto', secure, table), ['ntlm', 'basic']);
  assert.deepEqual(names('basic', secure, table), ['basic']);
  assert.deepEqual(names('auto', plain, table), ['ntlm'], 'Basic would show the password');
  assert.deepEqual(names('auto', { ...plain, credential: undefined }, table), []);
  assert.throws(() => names('basic', plain, table), { code: 'http.auth.plain' });
  assert.throws(() => names('kerberos', secure, table), {
    code: 'http.auth.scheme',
    data: { found: 'kerberos', expected: 'ntlm or basic' },
  });
});
