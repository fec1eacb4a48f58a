import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesInSet } from '../../../../../src/engine/backup/read/vss/set-files.ts';
import { isElsewhere, volumeOf } from '../../../../../src/engine/backup/read/vss/volumes.ts';
import type { HostFiles } from '../../../../../src/engine/backup/host/host-files.ts';
import { never } from '../../../../../src/engine/base/abort.ts';
import type { PlacedShadow } from '../../../../../src/engine/vss/requestor.ts';

const volume = (digit: string): string =>
  `\\\\?\\Volume{${digit.repeat(8)}-0000-0000-0000-100000000000}\\`;
const [C, D, MOUNTED] = [volume('1'), volume('2'), volume('3')];
const MOUNTS = [
  { folder: 'C:\\', volume: C },
  { folder: 'D:\\', volume: D },
  { folder: 'd:\\VMs\\fast\\', volume: MOUNTED },
];

test('a path lies on the volume of the longest folder that contains it', () => {
  const cases = [
    ['C:\\VMs\\web.vhdx', C, 'VMs\\web.vhdx'],
    ['\\\\?\\c:/VMs/web.vhdx', C, 'VMs\\web.vhdx'],
    ['D:\\VMs\\FAST\\web.vhdx', MOUNTED, 'web.vhdx'],
    ['D:\\VMs\\fast', MOUNTED, ''],
    ['D:\\VMs\\faster\\web.vhdx', D, 'VMs\\faster\\web.vhdx'],
    ['D:\\VMs\\fast\\..\\web.vhdx', D, 'VMs\\web.vhdx'],
    [`${D}web.vhdx`, D, 'web.vhdx'],
  ] as const;
  for (const [path, of, rest] of cases) {
    assert.deepEqual(volumeOf(path, MOUNTS), { volume: of, rest }, path);
  }
  for (const path of ['E:\\web.vhdx', '\\\\hv01\\vms\\web.vhdx', 'web.vhdx']) {
    assert.equal(volumeOf(path, MOUNTS), undefined, path);
  }
});

test('shares and cluster shared volumes are told from volumes', () => {
  assert.equal(isElsewhere('\\\\hv01\\vms\\web.vhdx'), 'share');
  assert.equal(isElsewhere('\\\\?\\UNC\\hv01\\vms\\web.vhdx'), 'share');
  assert.equal(isElsewhere('c:\\clusterstorage\\Volume1\\web.vhdx'), 'csv');
  assert.equal(isElsewhere('C:\\ClusterStorages\\web.vhdx'), undefined);
  assert.equal(isElsewhere(`${C}web.vhdx`), undefined);
});

test('every path of the host leads into the set, and none out of it', async () => {
  const root = 'C:\\ProgramData\\Refpoint-0\\v1';
  const shadows = [{ volume: D.toUpperCase(), root } as PlacedShadow];
  const asked: string[] = [];
  const files = {
    pathOf: async (path: string) => {
      asked.push(path);
      return path;
    },
  } as unknown as HostFiles;
  const inSet = filesInSet(files, shadows, MOUNTS);
  assert.equal(await inSet.pathOf('D:\\VMs\\web.vhdx', never), `${root}\\VMs\\web.vhdx`);
  const outside = ['C:\\VMs\\web.vhdx', 'D:\\VMs\\fast\\web.vhdx', `${D}..\\..\\x`, 'x'];
  for (const path of outside) {
    await assert.rejects(inSet.pathOf(path, never), { code: 'path.unmapped' }, path);
  }
  assert.deepEqual(asked, [`${root}\\VMs\\web.vhdx`]);
});
