import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGssLibrary, openSspiLibrary } from '../../../src/engine/native/system-library.ts';

test('the library of another system is named, with what brings it', () => {
  const opened = process.platform === 'win32' ? openGssLibrary() : openSspiLibrary();
  assert.ok('cause' in opened);
  assert.match(opened.remedy, /Windows/);
});
