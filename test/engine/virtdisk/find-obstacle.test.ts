import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findVirtdiskObstacle } from '../../../src/engine/virtdisk/find-obstacle.ts';

const windows = process.platform === 'win32';

test('a library without the functions means that Windows is too old', { skip: !windows }, () => {
  const obstacle = findVirtdiskObstacle('version.dll');
  assert.equal(obstacle?.code, 'virtdisk.tooOld');
  assert.match(obstacle.message, /Windows 10/);
  assert.deepEqual(obstacle.data, { call: 'OpenVirtualDisk', file: 'version.dll' });
});

test('without the library, the error names it and what brings it', () => {
  const obstacle = findVirtdiskObstacle('refpoint-none.dll');
  assert.equal(obstacle?.code, 'virtdisk.missing');
  assert.match(obstacle.message, /refpoint-none\.dll .*Windows/);
});
