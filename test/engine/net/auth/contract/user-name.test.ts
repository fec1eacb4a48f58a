import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseUserName } from '../../../../../src/engine/net/auth/contract/user-name.ts';

test('every spelling of a user is understood', () => {
  const spellings = {
    'HARBOUR\\mara': { kind: 'domain', user: 'mara', domain: 'HARBOUR' },
    ' harbour.test\\mara ': { kind: 'domain', user: 'mara', domain: 'harbour.test' },
    'HARBOUR\\mara@home': { kind: 'domain', user: 'mara@home', domain: 'HARBOUR' },
    'mara@harbour.test': { kind: 'principal', user: 'mara', domain: 'harbour.test' },
    'mara@home@harbour.test': { kind: 'principal', user: 'mara@home', domain: 'harbour.test' },
    '.\\keeper': { kind: 'local', user: 'keeper' },
    '\\keeper': { kind: 'plain', user: 'keeper' },
    keeper: { kind: 'plain', user: 'keeper' },
    'keeper@': { kind: 'plain', user: 'keeper@' },
    'HARBOUR\\': { kind: 'domain', user: '', domain: 'HARBOUR' },
    '': { kind: 'plain', user: '' },
  };
  for (const [text, expected] of Object.entries(spellings)) {
    assert.deepEqual(parseUserName(text), expected, text);
  }
});
