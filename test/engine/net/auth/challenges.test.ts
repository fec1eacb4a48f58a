import assert from 'node:assert/strict';
import { test } from 'node:test';
import { challengeOf, parseChallenges } from '../../../../src/engine/net/auth/challenges.ts';

const words = (...lines: string[]): string[] => parseChallenges(lines).map(({ word }) => word);

test('offers are read from one line or several, their parameters left out', () => {
  const all = ['Negotiate', 'Kerberos', 'Basic'];
  assert.deepEqual(words('Negotiate', 'Kerberos', 'Basic realm="WSMAN"'), all);
  assert.deepEqual(words('Negotiate, Kerberos,Basic realm="WSMAN"'), all);
  const digest = 'Digest realm="a, Basic b", nonce=x, qop="auth,auth-int", Negotiate';
  assert.deepEqual(words(digest), ['Digest', 'Negotiate']);
  assert.deepEqual(words('', ' , ,'), []);
});

test('the token of an offer is bytes, whatever the case of its word', () => {
  const [offer] = parseChallenges(['negotiate TlRMTVNTUAAB/+8=']);
  assert.deepEqual(offer?.token, Buffer.from('TlRMTVNTUAAB/+8=', 'base64'));
  assert.equal(challengeOf(parseChallenges(['Basic realm="x"']), 'Basic')?.token, undefined);
  assert.equal(challengeOf(parseChallenges(['NEGOTIATE']), 'Negotiate')?.word, 'NEGOTIATE');
});
