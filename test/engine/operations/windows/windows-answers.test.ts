import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { surveyDisk } from '../../../../src/engine/disk/survey/survey-disk.ts';
import { diskInfo, type DiskInfo } from '../../../../src/engine/disk/tools/disk-info.ts';
import { windowsNode } from '../../../../src/engine/operations/anatomy/windows-node.ts';
import { diskTracking } from '../../../../src/engine/operations/windows/disk-tracking.ts';
import { queryImageChanges } from '../../../../src/engine/operations/windows/image-changes.ts';
import { askWindows } from '../../../../src/engine/operations/windows/windows-answers.ts';
import { runCliJson } from '../../../support/process/cli-io.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { imageHandles, type ImageAnswers } from '../../../support/virtdisk/image-handle.ts';

const MIB = 2 ** 20;

async function image(t: TestContext): Promise<{ path: string; info: DiskInfo }> {
  const path = join(await temporaryFolder(t), 'disk.vhdx');
  await runCliJson(['disk', 'create', path, '--size', '16M']);
  const surveyed = await surveyDisk(path, {}, never);
  try {
    return { path, info: await diskInfo(surveyed, never) };
  } finally {
    await surveyed.close();
  }
}

/** Windows takes the disk for another one. */
const OTHER: ImageAnswers['information'] = {
  virtualDiskId: { ok: true, value: '11111111-2222-3333-4444-555555555555' },
  size: {
    ok: true,
    value: { virtualSize: 8 * MIB, physicalSize: 0, blockSize: MIB, sectorSize: 512 },
  },
};

test('Windows’ answers about an image have no difference where both read the same, and name each one', async (t) => {
  const { path, info } = await image(t);
  const same = imageHandles();
  const asked = { path, withoutParents: false };
  const found = await askWindows(asked, info, never, same.open);
  assert.deepEqual(found.differences, []);
  assert.equal(found.information.size.ok, true);
  const other = imageHandles({ information: OTHER });
  const { differences } = await askWindows(asked, info, never, other.open);
  assert.deepEqual(
    differences.map(({ field }) => field),
    ['virtualSize', 'blockSize', 'diskId'],
  );
  assert.deepEqual(differences[0], {
    field: 'virtualSize',
    refpoint: 16 * MIB,
    windows: 8 * MIB,
  });
  assert.deepEqual(other.held, { handles: 0, attached: 0 });
});

test('the anatomy shows Windows’ answers on Windows only, opens no parent, and marks what differs', async (t) => {
  const { path, info } = await image(t);
  const anatomy = { ...info, format: 'vhdx' } as const;
  if (process.platform !== 'win32') {
    assert.equal(await windowsNode(path, anatomy, never, undefined), undefined);
  }
  const handles = imageHandles({ information: OTHER });
  const shown = await windowsNode(path, anatomy, never, handles.open);
  assert.deepEqual(handles.opened, [{ path, access: 'information', withoutParents: true }]);
  assert.deepEqual(
    shown?.children.filter(({ state }) => state === 'bad').map(({ label }) => label),
    ['size'],
  );
  const parent = shown?.children.find(({ label }) => label === 'parentLocation');
  assert.equal(parent?.value, 'ERROR_VHD_INVALID_TYPE');
  assert.equal(shown?.children.length, 15);
});

test('change tracking of an image is shown without opening it for writing, and turned on and off', async (t) => {
  const { path } = await image(t);
  const handles = imageHandles();
  assert.equal((await diskTracking(path, undefined, never, handles.open)).enabled, false);
  const on = await diskTracking(path, true, never, handles.open);
  assert.deepEqual([on.enabled, on.mostRecentId], [true, 'rctX:1']);
  assert.equal((await diskTracking(path, false, never, handles.open)).enabled, false);
  assert.deepEqual(
    handles.opened.map(({ access }) => access),
    ['information', 'write', 'write'],
  );
  assert.equal(handles.held.handles, 0);
});

test('the changes of an image are those that tile the disk; a lie is refused', async (t) => {
  const { path } = await image(t);
  const handles = imageHandles({
    changes: (_id, offset, length) => ({
      processed: Math.min(length, 6 * MIB),
      ranges: [{ start: offset, length: 4096 }],
    }),
  });
  const found = await queryImageChanges(path, 'rctX:1', never, handles.open);
  assert.deepEqual(
    found.ranges.map(({ start }) => start),
    [0, 6 * MIB, 12 * MIB],
  );
  assert.deepEqual([found.changedBytes, found.queries.length], [3 * 4096, 3]);
  const stuck = imageHandles({ changes: () => ({ processed: 0, ranges: [] }) });
  await assert.rejects(queryImageChanges(path, 'rctX:1', never, stuck.open), (error: unknown) =>
    isEngineError(error, 'tracker.lied'),
  );
  assert.equal(stuck.held.handles, 0);
});
