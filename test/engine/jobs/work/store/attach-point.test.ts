import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import { never } from '../../../../../src/engine/base/abort.ts';
import {
  attachPoint,
  type AttachedPoint,
} from '../../../../../src/engine/jobs/work/store/attach-point.ts';
import { imageHandles } from '../../../../support/virtdisk/image-handle.ts';
import {
  backup,
  openTestStore,
  pattern,
  startBackupLab,
} from '../../../../support/backup/backup-lab.ts';

const MIB = 2 ** 20;

test('a disk of an increment is attached with its chain until it is cancelled, and nothing stays open', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * MIB }] });
  await backup(lab, store, 'vm');
  await lab.write('vm', 0, MIB, pattern(MIB, 1));
  const { manifest } = await backup(lab, store, 'vm');
  const handles = imageHandles();
  const stop = new AbortController();
  let shown: AttachedPoint | undefined;
  const request = { vmId: manifest.vm.id, point: 'latest', disk: '0', letter: false };
  const attached = attachPoint(
    store,
    request,
    (each) => {
      shown = each;
      assert.deepEqual(handles.held, { handles: 1, attached: 1 });
      stop.abort(new Error('detach'));
    },
    stop.signal,
    handles.open,
  );
  await assert.rejects(attached, /detach/);
  assert.equal(shown?.point, manifest.id);
  assert.match(shown?.file ?? '', /\.avhdx$/);
  assert.equal(shown?.physicalPath, '\\\\.\\PhysicalDrive7');
  assert.deepEqual(handles.held, { handles: 0, attached: 0 });
  const none = attachPoint(store, { ...request, disk: '9' }, () => undefined, never, handles.open);
  await assert.rejects(none, (error: unknown) => isEngineError(error, 'point.missing'));
});
