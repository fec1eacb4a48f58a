import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basic } from '../../../../src/engine/net/auth/basic/basic.ts';
import { usableSchemes } from '../../../../src/engine/net/auth/schemes.ts';
import { Secret } from '../../../../src/engine/net/auth/contract/secret.ts';
import { threeLegScheme } from '../../../support/host/three-leg-scheme.ts';

const credential = { user: 'u', password: new Secret('p') };
const secure = { url: new URL('https://hv01:5986'), credential };
const plain = { url: new URL('http://hv01:5985'), credential };

test('each name and each word has one row', () => {
  const schemes = usableSchemes('auto', secure);
  assert.ok(schemes.length >= 1);
  const names = schemes.flatMap(({ name, words }) => [name, ...words]);
  assert.equal(new Set(names).size, names.length);
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
