import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import {
  checkServer,
  formatUnc,
  parseUnc,
  uncPathsOf,
} from '../../../../../src/engine/net/smb/address/unc-path.ts';

const paths = (hostPath: string, maps: Readonly<Record<string, string>> = {}): string[] =>
  uncPathsOf(
    hostPath,
    'hv01',
    Object.entries(maps).map(([host, unc]) => ({ host, unc })),
  ).map(formatUnc);

test('a path with a drive letter is below the administrative share of the host', () => {
  assert.deepEqual(paths('D:\\VMs\\a b\\ä.vhdx'), ['\\\\hv01\\D$\\VMs\\a b\\ä.vhdx']);
  assert.deepEqual(paths('d:/VMs/a.vhdx'), ['\\\\hv01\\D$\\VMs\\a.vhdx']);
});

test('the longest mapping that fits decides, whatever the case, and only at whole names', () => {
  const maps = { 'D:\\VMs': '\\\\nas\\vms\\', 'd:\\vms\\fast\\': '//nas/fast' };
  assert.deepEqual(paths('D:\\VMs\\a.vhdx', maps), ['\\\\nas\\vms\\a.vhdx']);
  assert.deepEqual(paths('D:\\vms\\FAST\\a.vhdx', maps), ['\\\\nas\\fast\\a.vhdx']);
  assert.deepEqual(paths('D:\\VMs2\\a.vhdx', maps), ['\\\\hv01\\D$\\VMs2\\a.vhdx']);
});

test('a UNC path is used as reported, a volume of a cluster through either share', () => {
  assert.deepEqual(paths('\\\\?\\UNC\\sofs\\vms\\a.vhdx'), ['\\\\sofs\\vms\\a.vhdx']);
  assert.deepEqual(paths('C:\\ClusterStorage\\Volume1\\a.vhdx'), [
    '\\\\hv01\\ClusterStorage$\\Volume1\\a.vhdx',
    '\\\\hv01\\C$\\ClusterStorage\\Volume1\\a.vhdx',
  ]);
});

test('paths that lead elsewhere are rejected', () => {
  for (const path of [
    'a.vhdx',
    '\\a.vhdx',
    '\\\\.\\pipe\\x',
    'D:\\..\\a.vhdx',
    '\\\\s\\v\\..\\x',
    'D:\\a.vhdx:stream',
    'D:\\a\u0000.vhdx',
    '\\\\s',
    '\\\\hv01@SSL@443\\v\\a.vhdx',
    '\\\\hv01\u200b\\v\\a.vhdx',
    '\\\\hv01 \\v\\a.vhdx',
  ]) {
    assert.throws(
      () => paths(path),
      (error: unknown) => isEngineError(error, 'smb.address'),
      path,
    );
  }
  assert.equal(parseUnc('D:\\x'), undefined);
});

test('only approved servers are contacted', () => {
  const place = parseUnc('\\\\NAS\\vms\\a.vhdx');
  assert.ok(place !== undefined);
  checkServer(place, ['hv01', 'nas']);
  assert.throws(
    () => checkServer(place, ['hv01', 'nas.example.org']),
    (error: unknown) => isEngineError(error, 'smb.server.unknown'),
  );
});
