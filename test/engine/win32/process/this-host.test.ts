import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { isThisHost } from '../../../../src/engine/win32/process/this-host.ts';

const windows = process.platform === 'win32';

test('this computer is known by its names and addresses, on Windows', async () => {
  for (const name of ['local', 'localhost', '127.0.0.1', '[::1]', hostname().toUpperCase()]) {
    assert.equal(await isThisHost(name, never), windows, name);
  }
});

test('another computer, or a name that nobody knows, is not this one', async () => {
  for (const name of ['192.0.2.1', 'hv01.invalid']) {
    assert.equal(await isThisHost(name, never), false, name);
  }
});
