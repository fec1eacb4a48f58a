import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVirtualDisk } from '../../../src/engine/virtdisk/create-virtual-disk.ts';
import { findVirtdiskObstacle } from '../../../src/engine/virtdisk/find-obstacle.ts';
import { openVirtualDisk } from '../../../src/engine/virtdisk/open-virtual-disk.ts';

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

test(
  'elsewhere, opening and creating an image says that only Windows has the library',
  { skip: windows },
  async () => {
    const { signal } = new AbortController();
    const missing = { code: 'virtdisk.missing', message: /exists on Windows only/ };
    const path = '/images/disk.vhdx';
    await assert.rejects(openVirtualDisk({ path, access: 'information' }, signal), missing);
    const disk = { path, format: 'vhdx', virtualSize: 2 ** 20 } as const;
    await assert.rejects(createVirtualDisk(disk, undefined, signal), missing);
  },
);
