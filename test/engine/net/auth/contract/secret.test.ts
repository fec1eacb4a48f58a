import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Secret } from '../../../../../src/engine/net/auth/contract/secret.ts';

test('a password is hidden in every printed form', () => {
  const secret = new Secret('hidden-word');
  const forms = [
    String(secret),
    secret.toString(),
    JSON.stringify({ secret }),
    inspect({ secret }, { depth: 5, showHidden: true }),
    Object.keys(secret).join(),
  ];
  assert.ok(
    forms.every((form) => !form.includes('hidden-word')),
    forms.join('\n'),
  );
  assert.equal(secret.reveal(), 'hidden-word');
});
