import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  enablePrivilege,
  isElevated,
  MANAGE_VOLUME,
} from '../../../../src/engine/win32/process/token.ts';

const skip = process.platform === 'win32' ? false : 'needs Windows';

test('an elevated process enables the privilege for volumes', { skip }, () => {
  // Wine's tokens are those of an elevated administrator, with the privilege off.
  assert.equal(isElevated(), true);
  enablePrivilege(MANAGE_VOLUME);
});

test('a privilege that does not exist is refused by name', { skip }, () => {
  assert.throws(() => enablePrivilege('SeRefpointPrivilege'), {
    code: 'win32.failed',
    message: /SeRefpointPrivilege/,
  });
});

test('elsewhere the functions of Windows are not there', { skip: skip === false }, () => {
  assert.throws(() => isElevated(), { code: 'win32.unavailable', message: /advapi32|kernel32/ });
});
