import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../src/engine/base/abort.ts';
import { isEngineError } from '../../src/engine/base/errors.ts';
import { findVssObstacle } from '../../src/engine/vss/native/find-obstacle.ts';
import { NativeRequestor } from '../../src/engine/vss/native/native-requestor.ts';
import { requestorSuite } from '../conformance/requestor-suite.ts';
import { requestorStage } from '../support/vss/requestor-stage.ts';
import { hostLab } from '../support/windows/host-lab.ts';

/** Our requestor on the vssapi.dll of tests, as it would be on that of Windows. */
test('our own requestor of VSS', async (t) => {
  const lab = await hostLab(t);
  if (lab === undefined) return;
  const stage = await requestorStage(lab, {
    requestor: () => new NativeRequestor(),
    cancelLimit: 2000,
    localPath: (path) => path,
  });
  const record = () => lab.ask('vssapi-record', {});

  await requestorSuite(t, stage);

  await t.test('metadata, selection and documents are those of the writer', async () => {
    const requestor = new NativeRequestor();
    const metadata = await requestor.metadata(never);
    assert.deepEqual(
      metadata.components.map(({ name }) => name).sort(),
      [...stage.vms.map((vm) => vm.toUpperCase()), 'Host Component'].sort(),
    );
    assert.ok(metadata.excludes.length > 0);
    const [vm] = stage.vms;
    assert.ok(vm !== undefined);
    await requestor.begin({ vms: [vm], volumes: stage.volumes }, never);
    const set = await requestor.create(never);
    assert.deepEqual(
      set.components?.map(({ name }) => name),
      [vm.toUpperCase()],
    );
    await requestor.report(vm, true, never);
    const { components, writer } = await requestor.documents(never);
    assert.match(
      components,
      new RegExp(`componentName="${vm.toUpperCase()}"[^>]*backupSucceeded="yes"`),
    );
    assert.match(writer, /Microsoft Hyper-V VSS Writer/);
    await requestor.complete(never);
    await requestor.close();
  });

  await t.test('nothing is made if the process is not elevated', async () => {
    const before = (await record()).open;
    const requestor = new NativeRequestor(() => false);
    await assert.rejects(requestor.metadata(never), (error) => isEngineError(error, 'vss.denied'));
    await requestor.close();
    assert.ok(
      isEngineError(
        findVssObstacle(() => false),
        'vss.denied',
      ),
    );
    assert.equal(findVssObstacle(), undefined);
    assert.equal((await record()).open, before);
  });

  await t.test('a set whose requestor is closed without an end vanishes', async () => {
    const requestor = new NativeRequestor();
    await requestor.metadata(never);
    await requestor.begin({ vms: stage.vms, volumes: stage.volumes }, never);
    const set = await requestor.create(never);
    const [shadow] = set.shadows;
    assert.ok(shadow !== undefined);
    assert.deepEqual(await readdir(`${shadow.root}\\`), ['Lab']);
    await requestor.close();
    assert.ok(!(await stage.sets()).includes(set.id));
    await assert.rejects(readFile(join(shadow.root, 'Lab')));
  });

  await t.test(
    'every object was released, and no method was called that the double lacks',
    async () => {
      const { refused, left, open } = await record();
      assert.deepEqual({ refused, left, open }, { refused: [], left: 0, open: 0 });
    },
  );
});
