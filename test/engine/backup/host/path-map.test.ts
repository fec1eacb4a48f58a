import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  hostFolder,
  parsePathMapping,
  toLocalPath,
} from '../../../../src/engine/backup/host/path-map.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';

type Args = Parameters<typeof toLocalPath>;

/** On the host itself. */
const localPath = (path: string, mappings: Args[1], flavour: Args[3]): string =>
  toLocalPath(path, mappings, true, flavour).path;

const map = (...texts: string[]): ReturnType<typeof parsePathMapping>[] =>
  texts.map(parsePathMapping);

const POSIX = [
  ['C:\\VMs\\web\\disk.vhdx', 'C:\\VMs=/mnt/vms', '/mnt/vms/web/disk.vhdx'],
  ['c:\\vms\\Web\\Disk.vhdx', 'C:\\VMs=/mnt/vms', '/mnt/vms/Web/Disk.vhdx'],
  ['C:\\VMs\\web.vhdx', 'C:\\VMs\\=/mnt/vms/', '/mnt/vms/web.vhdx'],
  ['C:\\VMs', 'C:\\VMs\\=/mnt/vms', '/mnt/vms'],
  ['C:/VMs/web.vhdx', 'C:\\VMs=/mnt/vms', '/mnt/vms/web.vhdx'],
  ['D:\\web.vhdx', 'D:\\=/mnt/d', '/mnt/d/web.vhdx'],
  ['D:\\a\\web.vhdx', 'D:=/mnt/d', '/mnt/d/a/web.vhdx'],
  ['D:\\', 'D:\\=/mnt/d', '/mnt/d'],
  ['\\\\nas\\vms\\a\\web.vhdx', '\\\\NAS\\vms=/mnt/nas', '/mnt/nas/a/web.vhdx'],
  ['\\\\nas\\vms\\web.vhdx', '\\\\nas\\vms\\=/mnt/nas', '/mnt/nas/web.vhdx'],
  ['\\\\?\\C:\\VMs\\web.vhdx', 'C:\\VMs=/mnt/vms', '/mnt/vms/web.vhdx'],
  ['\\\\?\\UNC\\nas\\vms\\web.vhdx', '\\\\nas\\vms=/mnt/nas', '/mnt/nas/web.vhdx'],
  ['C:\\VMs\\.\\a\\..\\b.vhdx', 'C:\\VMs=/mnt/vms', '/mnt/vms/b.vhdx'],
  ['C:\\VMs\\a=b.vhdx', 'C:\\VMs=/mnt/x=y', '/mnt/x=y/a=b.vhdx'],
] as const;

for (const [path, mapping, expected] of POSIX) {
  test(`${path} lies at ${expected} with ${mapping}`, () => {
    assert.equal(localPath(path, map(mapping), 'posix'), expected);
  });
}

test('of several mappings the longest that holds the path counts, in any order', () => {
  const mappings = map('C:\\=/mnt/c', 'C:\\VMs\\Fast=/mnt/fast', 'C:\\VMs=/mnt/vms');
  for (const each of [mappings, mappings.toReversed()]) {
    assert.equal(localPath('C:\\VMs\\Fast\\a.vhdx', each, 'posix'), '/mnt/fast/a.vhdx');
    assert.equal(localPath('C:\\VMs\\Faster\\a.vhdx', each, 'posix'), '/mnt/vms/Faster/a.vhdx');
    assert.equal(localPath('C:\\Other\\a.vhdx', each, 'posix'), '/mnt/c/Other/a.vhdx');
  }
});

test('on Windows a path stays as it is without mappings, and is mapped with them', () => {
  assert.equal(localPath('C:\\VMs\\a.vhdx', [], 'win32'), 'C:\\VMs\\a.vhdx');
  const mappings = map('C:\\VMs=\\\\hv01\\vms$');
  assert.equal(localPath('C:\\VMs\\a\\b.vhdx', mappings, 'win32'), '\\\\hv01\\vms$\\a\\b.vhdx');
  assert.equal(localPath('D:\\x\\b.vhdx', map('D:\\=E:\\'), 'win32'), 'E:\\x\\b.vhdx');
});

test('on another Windows computer a path of the host is not one of this computer', () => {
  const elsewhere = (mappings: Args[1]) =>
    toLocalPath('D:\\VMs\\a.vhdx', mappings, false, 'win32').path;
  assert.throws(() => elsewhere([]), { code: 'path.unmapped' });
  assert.equal(elsewhere(map('D:\\=E:\\')), 'E:\\VMs\\a.vhdx');
});

test('on Windows no server and no device is opened because the host names it', () => {
  for (const path of [
    '\\\\nas\\vms\\a.vhdx',
    '//nas/vms/a.vhdx',
    '\\\\?\\UNC\\nas\\vms\\a.vhdx',
    '\\\\.\\PhysicalDrive0',
  ]) {
    assert.throws(
      () => localPath(path, [], 'win32'),
      (error: unknown) => isEngineError(error, 'path.unmapped'),
      path,
    );
  }
  const mappings = map('\\\\nas\\vms=\\\\nas\\vms');
  assert.equal(localPath('\\\\NAS\\vms\\a.vhdx', mappings, 'win32'), '\\\\nas\\vms\\a.vhdx');
  const volume = '\\\\?\\Volume{3f0a2c1e-0000-0000-0000-100000000000}\\a.vhdx';
  for (const path of ['\\\\?\\C:\\VMs\\a.vhdx', volume]) {
    assert.equal(localPath(path, [], 'win32'), path);
  }
});

for (const [path, mapping] of [
  ['C:\\VMsOther\\a.vhdx', 'C:\\VMs=/mnt/vms'],
  ['D:\\VMs\\a.vhdx', 'C:\\VMs=/mnt/vms'],
  ['C:\\VMs\\..\\Windows\\a.vhdx', 'C:\\VMs=/mnt/vms'],
  ['\\\\nas\\vms2\\a.vhdx', '\\\\nas\\vms=/mnt/nas'],
] as const) {
  test(`${path} is not under ${mapping}: the error names the folder to map`, () => {
    for (const flavour of ['posix', 'win32'] as const) {
      assert.throws(
        () => localPath(path, map(mapping), flavour),
        (error: unknown) =>
          isEngineError(error, 'path.unmapped') && error.data['folder'] === hostFolder(path),
      );
    }
  });
}

test("a job's folder is new each time, so its parent is the folder to map", () => {
  const folder = `C:\\ProgramData\\Refpoint-${'0a'.repeat(16)}`;
  for (const path of [folder, `${folder}\\v1`, `${folder}\\v1\\VMs\\web.vhdx`]) {
    assert.equal(hostFolder(path), 'C:\\ProgramData', path);
  }
  assert.equal(hostFolder('C:\\VMs\\Refpoint-0a\\web.vhdx'), 'C:\\VMs\\Refpoint-0a');
});

test('a mapping needs both sides', () => {
  for (const text of ['', '=', 'C:\\VMs', 'C:\\VMs=', '=/mnt/vms']) {
    assert.throws(
      () => parsePathMapping(text),
      (error: unknown) => isEngineError(error, 'path.invalid'),
    );
  }
});
