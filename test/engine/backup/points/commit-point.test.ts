import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import type { PointManifest } from '../../../../src/engine/backup/manifest/manifest.ts';
import { listPoints } from '../../../../src/engine/backup/points/catalog.ts';
import { commitPoint } from '../../../../src/engine/backup/points/commit-point.ts';
import { pointFile } from '../../../../src/engine/backup/store/contract/layout.ts';
import { checkFiles, filesOf } from '../../../../src/engine/backup/points/point-files.ts';
import { describeVms, resolveVm } from '../../../../src/engine/backup/points/vm-names.ts';
import { writeVmRecord } from '../../../../src/engine/backup/points/vm-record.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import { faultyStore } from '../../../support/store/faulty-store.ts';
import { MemoryStore } from '../../../support/store/memory-store.ts';
import { SAMPLE_VM, sampleDisk, sampleManifest } from '../../../support/store/sample-manifest.ts';

/** A point whose files are all there. */
async function written(store: MemoryStore): Promise<PointManifest> {
  const disk = sampleDisk({ fileSize: 4096 });
  const manifest = sampleManifest({ storeId: store.id, disks: [disk] });
  for (const { file, size } of filesOf(manifest)) {
    const path = pointFile(SAMPLE_VM, manifest.id, file);
    await store.createAbsent(path, new Uint8Array(size), never);
  }
  return manifest;
}

const states = async (store: MemoryStore): Promise<readonly string[]> =>
  (await listPoints(store, SAMPLE_VM, never)).map((point) => point.state);

test('a point with all its files becomes whole, and committing it again changes nothing', async () => {
  const store = new MemoryStore();
  const manifest = await written(store);
  assert.deepEqual(await states(store), ['partial']);
  await commitPoint(store, manifest, never);
  assert.deepEqual(await states(store), ['complete']);
  await commitPoint(store, manifest, never);
  const other = { ...manifest, host: 'https://other:5986' };
  await assert.rejects(commitPoint(store, other, never), { code: 'store.exists' });
});

test('a point that lacks a file, or has one of another size, is not committed', async () => {
  const store = new MemoryStore();
  const manifest = await written(store);
  for (const { file, size } of filesOf(manifest)) {
    const path = pointFile(SAMPLE_VM, manifest.id, file);
    await store.remove(path, never);
    const incomplete = { code: 'point.incomplete' };
    await assert.rejects(commitPoint(store, manifest, never), incomplete);
    await store.replaceFile(path, new Uint8Array(size + 1), never);
    await assert.rejects(commitPoint(store, manifest, never), incomplete);
    const findings = await checkFiles(store, manifest, never);
    assert.deepEqual(
      findings.map((f) => [f.code, f.message.includes(file)]),
      [['file.size', true]],
    );
    await store.replaceFile(path, new Uint8Array(size), never);
  }
  assert.deepEqual(await states(store), ['partial']);
});

test('an answer that is lost is looked up: thrown means not committed', async () => {
  for (const when of ['before', 'after'] as const) {
    const store = new MemoryStore();
    const manifest = await written(store);
    const faulty = faultyStore(store, { at: 1, when, dead: false, only: /^createAbsent/ });
    const outcome = await commitPoint(faulty.store, manifest, never).then(
      () => 'complete',
      () => 'partial',
    );
    assert.deepEqual(await states(store), [outcome]);
    assert.equal(outcome, when === 'after' ? 'complete' : 'partial');
  }
});

test('a VM is found by id in any spelling, or by a name that only one has', async () => {
  const store = new MemoryStore();
  const other = '6f9619ff-8b86-4d01-b42d-0000000000ff' as Guid;
  const record = { version: 1, host: 'h', seen: '2026-11-22T14:03:05Z', diskNumbers: [] } as const;
  await writeVmRecord(store, { ...record, id: SAMPLE_VM, name: 'Web' }, never);
  await writeVmRecord(store, { ...record, id: other, name: 'Mail' }, never);
  assert.equal((await resolveVm(store, 'web', never)).id, SAMPLE_VM);
  assert.equal((await resolveVm(store, `{${other.toUpperCase()}}`, never)).name, 'Mail');
  await assert.rejects(resolveVm(store, 'Files', never), {
    code: 'vm.missing',
    message: /has no VM “Files”; it has Web, Mail/,
  });
  await writeVmRecord(store, { ...record, id: other, name: 'Web' }, never);
  await assert.rejects(resolveVm(store, 'Web', never), {
    code: 'vm.ambiguous',
    data: { store: 'memory', asked: 'Web', found: [SAMPLE_VM, other] },
  });
});

test('where the record of a VM is damaged or gone, its points tell its name', async () => {
  const store = new MemoryStore();
  await commitPoint(store, await written(store), never);
  assert.deepEqual(await describeVms(store, never), [{ id: SAMPLE_VM, name: 'Web server' }]);
  await store.replaceFile(`${SAMPLE_VM}/vm.json`, new TextEncoder().encode('{'), never);
  assert.deepEqual(await describeVms(store, never), [{ id: SAMPLE_VM, name: 'Web server' }]);
  await store.createFolder('6f9619ff-8b86-4d01-b42d-0000000000ff', never);
  assert.equal((await describeVms(store, never)).at(-1)?.name, '');
});
