import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ParentCandidate } from '../../../../src/engine/api/anatomy.ts';
import { placeOfPath } from '../../../../src/engine/disk/anatomy/parent-place.ts';
import { parentTarget } from '../../../../src/extension/panels/anatomy/parent-target.ts';

function parent(
  text: string,
  key: ParentCandidate['key'] = 'relative_path',
  found: string | null = null,
): ParentCandidate {
  const place = placeOfPath(text);
  return {
    key,
    text,
    found,
    place: key !== 'relative_path' && place === 'beside' ? 'elsewhere' : place,
  };
}

const WINDOWS = 'C:\\vm\\disks\\child.avhdx';
const LINUX = '/srv/disks/child.avhdx';

test('a parent beside the file is the one that was found, or missing; its text is not resolved', () => {
  for (const platform of ['win32', 'linux'] as const) {
    const found = parent('.\\base.vhdx', 'relative_path', '/srv/disks/Base.VHDX');
    assert.deepEqual(parentTarget(found, LINUX, platform), {
      kind: 'found',
      path: '/srv/disks/Base.VHDX',
    });
    assert.deepEqual(parentTarget(parent('.\\base.vhdx'), LINUX, platform), {
      kind: 'missing',
      inStore: false,
    });
    const text = '..\\20261122T140305Z-full\\0-disk.vhdx';
    const stored = { key: 'relative_path', text, place: 'store', found: null } as const;
    assert.deepEqual(parentTarget(stored, LINUX, platform), { kind: 'missing', inStore: true });
    assert.deepEqual(parentTarget({ ...stored, found: '/srv/full.vhdx' }, LINUX, platform), {
      kind: 'found',
      path: '/srv/full.vhdx',
    });
  }
});

test('what lies elsewhere is asked about by the path that would be opened', () => {
  assert.deepEqual(parentTarget(parent('..\\base.vhdx'), WINDOWS, 'win32'), {
    kind: 'ask',
    path: 'C:\\vm\\base.vhdx',
    remote: false,
  });
  assert.deepEqual(parentTarget(parent('..\\..\\other\\base.vhdx'), LINUX, 'linux'), {
    kind: 'ask',
    path: '/other/base.vhdx',
    remote: false,
  });
  for (const text of [
    'D:\\vm\\base.vhdx',
    '\\\\?\\Volume{4f1d0b0f-0000-0000-0000-100000000000}\\base.vhdx',
  ]) {
    assert.deepEqual(parentTarget(parent(text, 'absolute_win32_path'), WINDOWS, 'win32'), {
      kind: 'ask',
      path: text,
      remote: false,
    });
  }
});

test('a path of another machine is told as one, however it is written', () => {
  for (const text of [
    '\\\\evil\\share\\base.vhdx',
    '//evil/share/base.vhdx',
    '\\\\?\\UNC\\evil\\share\\base.vhdx',
    '\\\\.\\pipe\\x',
  ]) {
    for (const key of ['relative_path', 'absolute_win32_path', 'volume_path'] as const) {
      assert.deepEqual(parentTarget(parent(text, key), WINDOWS, 'win32'), {
        kind: 'ask',
        path: text,
        remote: true,
      });
      assert.deepEqual(parentTarget(parent(text, key), LINUX, 'linux'), { kind: 'foreign' });
    }
  }
});

test('paths of Windows lead nowhere on another system, and a zero nowhere at all', () => {
  assert.deepEqual(
    parentTarget(parent('C:\\vm\\base.vhdx', 'absolute_win32_path'), LINUX, 'linux'),
    { kind: 'foreign' },
  );
  assert.deepEqual(parentTarget(parent('/etc/passwd'), LINUX, 'linux'), { kind: 'foreign' });
  for (const platform of ['win32', 'linux'] as const) {
    assert.deepEqual(parentTarget(parent('..\\a\0b'), WINDOWS, platform), { kind: 'foreign' });
  }
});
