import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  requireHostFolder,
  trimmed,
} from '../../../../../src/engine/backup/restore/import/host-folder.ts';
import { defaultName } from '../../../../../src/engine/backup/restore/import/import-options.ts';

test('a folder of a Windows host is one below a drive, a volume or a share', () => {
  for (const folder of [
    'D:\\VMs\\web01',
    'd:/VMs/web 01/',
    'C:\\ClusterStorage\\Volume1\\web',
    '\\\\fs01\\vms\\web',
    '\\\\?\\Volume{0d7f3b5e-0000-4000-8000-000000000000}\\VMs',
    "D:\\it's $(fine) & “quoted”",
  ]) {
    assert.doesNotThrow(() => requireHostFolder(folder), folder);
  }
  for (const folder of [
    '',
    'web01',
    'D:',
    'D:\\',
    'D:web01',
    '\\VMs\\web01',
    '\\\\fs01\\vms',
    '\\\\.\\D:\\VMs',
    '\\\\?\\D:\\VMs',
    'D:\\VMs\\..\\..\\Windows',
    'D:\\VMs\\.',
    'D:\\a*b',
    'D:\\disk:stream',
    'D:\\CON',
    'D:\\VMs\\com1.x',
    'D:\\ends with a dot.',
    'D:\\ends with a blank ',
    'D:\\two\nlines',
    `D:\\${'x'.repeat(300)}`,
  ]) {
    assert.throws(() => requireHostFolder(folder), { code: 'path.invalid' }, folder);
  }
});

test('separators are those of Windows, and none is at the end', () => {
  assert.equal(trimmed('C:/Lab/fwd//'), 'C:\\Lab\\fwd');
  assert.equal(trimmed('C:\\'), 'C:\\');
});

test('the name of a new VM has no control characters of the old one', () => {
  const name = defaultName('we\nb\u202Ecod', 0);
  assert.match(name, /^we b cod \(restored \d{4}-\d\d-\d\d \d\d:\d\d\)$/);
});
