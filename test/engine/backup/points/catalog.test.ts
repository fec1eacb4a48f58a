import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { formatManifest } from '../../../../src/engine/backup/manifest/manifest-json.ts';
import type { PointManifest } from '../../../../src/engine/backup/manifest/manifest.ts';
import {
  listPoints,
  listVms,
  removePoint,
  reservePoint,
} from '../../../../src/engine/backup/points/catalog.ts';
import { manifestPath } from '../../../../src/engine/backup/store/contract/layout.ts';
import { diskChain, pointChain } from '../../../../src/engine/backup/points/point-chain.ts';
import { readVmRecord, writeVmRecord } from '../../../../src/engine/backup/points/vm-record.ts';
import { faultyStore } from '../../../support/store/faulty-store.ts';
import { MemoryStore } from '../../../support/store/memory-store.ts';
import {
  SAMPLE_VM,
  sampleDisk,
  sampleIncrement,
  sampleManifest,
} from '../../../support/store/sample-manifest.ts';

const FULL = '20261122T140305Z-full';
const ONE = '20261122T150000Z-incr';
const TWO = '20261122T160000Z-incr';
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

async function put(store: MemoryStore, manifest: PointManifest): Promise<void> {
  const own = { ...manifest, storeId: store.id };
  await store.createAbsent(manifestPath(SAMPLE_VM, own.id), formatManifest(own), never);
}

async function chain(): Promise<MemoryStore> {
  const store = new MemoryStore();
  await put(store, sampleManifest());
  await put(store, sampleIncrement(ONE, FULL));
  await put(store, sampleIncrement(TWO, ONE));
  return store;
}

test('a store lists its VMs and each VM its points, and nothing else that lies there', async () => {
  const store = await chain();
  await store.replaceFile('refpoint-store.json', text('{}'), never);
  await store.replaceFile('notes/readme.txt', text('x'), never);
  await store.replaceFile(`${SAMPLE_VM.toUpperCase()}/vm.json`, text('x'), never);
  await store.replaceFile(`${SAMPLE_VM}/ledger.json`, text('x'), never);
  await store.replaceFile(`${SAMPLE_VM}/jobs/1/state.json`, text('x'), never);
  assert.deepEqual(await listVms(store, never), [SAMPLE_VM]);
  const points = await listPoints(store, SAMPLE_VM, never);
  assert.deepEqual(
    points.map((point) => [point.id, point.state]),
    [
      [FULL, 'complete'],
      [ONE, 'complete'],
      [TWO, 'complete'],
    ],
  );
});

test('partial and damaged points are findings beside the whole ones', async () => {
  const store = await chain();
  await store.createFolder(`${SAMPLE_VM}/20261122T170000Z-incr`, never);
  await store.replaceFile(manifestPath(SAMPLE_VM, ONE), text('{"version":1,'), never);
  await store.replaceFile(
    manifestPath(SAMPLE_VM, '20261122T180000Z-full'),
    text('{"version":9}'),
    never,
  );
  const big = '20261122T190000Z-full';
  await store.replaceFile(manifestPath(SAMPLE_VM, big), new Uint8Array(5 * 1024 ** 2), never);
  const states = (await listPoints(store, SAMPLE_VM, never)).map((point) =>
    point.state === 'damaged' ? point.error.code : point.state,
  );
  assert.deepEqual(states, [
    'complete',
    'manifest.damaged',
    'complete',
    'partial',
    'manifest.version',
    'store.tooLarge',
  ]);
});

test('a manifest that was copied from another point, VM or store is not believed', async () => {
  const store = await chain();
  const copies = [
    { ...sampleManifest(), id: ONE, storeId: store.id },
    { ...sampleManifest(), storeId: store.id, vm: { ...sampleManifest().vm, id: store.id } },
    sampleManifest(),
  ];
  for (const copy of copies) {
    await store.replaceFile(manifestPath(SAMPLE_VM, FULL), formatManifest(copy), never);
    const points = await listPoints(store, SAMPLE_VM, never);
    assert.equal(points.find(({ id }) => id === FULL)?.state, 'damaged');
  }
});

test('a failing store is a failure, not a damaged point', async () => {
  const store = await chain();
  const signal = AbortSignal.abort(new Error('stop'));
  await assert.rejects(listPoints(store, SAMPLE_VM, signal), /stop/);
});

test('a chain follows the parents of the manifests, never the order of names', async () => {
  const store = await chain();
  // A second chain in between, and a child that skips a point.
  await put(store, sampleManifest({ id: '20261122T153000Z-full' }));
  await put(store, sampleIncrement('20261122T170000Z-incr', ONE));
  const points = await listPoints(store, SAMPLE_VM, never);
  const ids = (point: string): string[] => diskChain(points, point, 0).map((l) => l.point.id);
  assert.deepEqual(ids(TWO), [TWO, ONE, FULL]);
  assert.deepEqual(ids('20261122T170000Z-incr'), ['20261122T170000Z-incr', ONE, FULL]);
  assert.deepEqual(ids('20261122T153000Z-full'), ['20261122T153000Z-full']);
  assert.deepEqual(
    pointChain(points, TWO).map((point) => point.id),
    [TWO, ONE, FULL],
  );
});

test('a point that mixes a new disk with an old one depends on what its disks depend on', async () => {
  const store = await chain();
  const mixed = {
    ...sampleIncrement('20261122T170000Z-incr', TWO),
    disks: [
      sampleDisk({ kind: 'incr', parentPoint: TWO }),
      sampleDisk({ number: 1, file: '1-new.vhdx' }),
    ],
  };
  await put(store, mixed);
  const points = await listPoints(store, SAMPLE_VM, never);
  assert.equal(diskChain(points, mixed.id, 1).length, 1);
  assert.equal(pointChain(points, mixed.id).length, 4);
});

test('gaps, cycles and strangers in a chain are named', async () => {
  const store = await chain();
  const points = await listPoints(store, SAMPLE_VM, never);
  const without = (id: string) => points.filter((point) => point.id !== id);
  assert.throws(() => diskChain(without(ONE), TWO, 0), {
    code: 'chain.gap',
    message: `${ONE}, the parent of ${TWO}, is missing`,
    damage: true,
  });
  const partial = [...without(ONE), { id: ONE, state: 'partial' } as const];
  assert.throws(() => diskChain(partial, TWO, 0), { code: 'chain.gap', message: /is incomplete/ });
  assert.throws(() => diskChain(points, TWO, 5), { code: 'point.missing' });
  assert.throws(() => diskChain(points, 'none', 0), { code: 'point.missing', userFixable: true });
  assert.throws(() => diskChain(partial, ONE, 0), { code: 'point.incomplete' });
  assert.throws(() => pointChain(without(FULL), TWO), { code: 'chain.gap' });

  const cyclic = new MemoryStore();
  await put(cyclic, sampleIncrement(ONE, TWO));
  await put(cyclic, sampleIncrement(TWO, ONE));
  const round = await listPoints(cyclic, SAMPLE_VM, never);
  assert.throws(() => diskChain(round, TWO, 0), { code: 'chain.cycle', damage: true });

  const resized = new MemoryStore();
  await put(resized, sampleManifest({ disks: [sampleDisk({ virtualSize: 2 * 1024 ** 3 })] }));
  await put(resized, sampleIncrement(ONE, FULL));
  const other = await listPoints(resized, SAMPLE_VM, never);
  assert.throws(() => diskChain(other, ONE, 0), { code: 'chain.gap', message: /2147483648 bytes/ });

  const lost = new MemoryStore();
  await put(lost, sampleManifest({ disks: [sampleDisk({ number: 3 })] }));
  await put(lost, sampleIncrement(ONE, FULL));
  const strange = await listPoints(lost, SAMPLE_VM, never);
  assert.throws(() => diskChain(strange, ONE, 0), {
    code: 'chain.gap',
    message: /no disk at scsi0:0/,
  });
});

test('a chain of 256 opens, a deeper one is refused', async () => {
  const store = new MemoryStore();
  const id = (i: number, kind: string): string =>
    `20270101T${String(Math.floor(i / 60)).padStart(2, '0')}${String(i % 60).padStart(2, '0')}00Z-${kind}`;
  await put(store, sampleManifest({ id: id(0, 'full') }));
  for (let i = 1; i <= 256; i++) {
    await put(store, sampleIncrement(id(i, 'incr'), id(i - 1, i === 1 ? 'full' : 'incr')));
  }
  const points = await listPoints(store, SAMPLE_VM, never);
  assert.equal(diskChain(points, id(255, 'incr'), 0).length, 256);
  assert.throws(() => diskChain(points, id(256, 'incr'), 0), { code: 'chain.depth' });
});

test('a new point gets a folder of its own, after all others, also in the same second', async () => {
  const store = await chain();
  const now = Date.parse('2026-11-22T14:03:05Z');
  const ids = [];
  for (let i = 0; i < 3; i++) ids.push(await reservePoint(store, SAMPLE_VM, 'incr', now, never));
  assert.deepEqual(ids, [
    '20261122T160001Z-incr',
    '20261122T160002Z-incr',
    '20261122T160003Z-incr',
  ]);
  const points = await listPoints(store, SAMPLE_VM, never);
  assert.deepEqual(
    points.slice(3).map((point) => point.state),
    ['partial', 'partial', 'partial'],
  );
});

test('the record of a VM comes back, is absent at first, and damage is said', async () => {
  const store = new MemoryStore();
  assert.equal(await readVmRecord(store, SAMPLE_VM, never), undefined);
  const record = {
    version: 1,
    id: SAMPLE_VM,
    name: 'Web server',
    host: 'https://hv01:5986',
    seen: '2026-11-22T14:03:05Z',
    diskNumbers: [{ slot: 'scsi0:0', number: 0 }],
  } as const;
  await writeVmRecord(store, record, never);
  assert.deepEqual(await readVmRecord(store, SAMPLE_VM, never), record);
  await store.replaceFile(`${SAMPLE_VM}/vm.json`, text('{}'), never);
  await assert.rejects(readVmRecord(store, SAMPLE_VM, never), { code: 'vm.damaged' });
});

test('a point whose removal is interrupted is partial, never whole with files missing', async () => {
  for (let at = 1; at <= 3; at++) {
    const store = await chain();
    await store.replaceFile(`${SAMPLE_VM}/${TWO}/0-system.avhdx`, text('data'), never);
    const faulty = faultyStore(store, { at, when: 'before', dead: true });
    const done = await removePoint(faulty.store, SAMPLE_VM, TWO, never).then(
      () => true,
      () => false,
    );
    const point = (await listPoints(store, SAMPLE_VM, never)).find((p) => p.id === TWO);
    assert.equal(point?.state, done ? undefined : at === 1 ? 'complete' : 'partial');
    await removePoint(store, SAMPLE_VM, TWO, never);
    assert.equal((await listPoints(store, SAMPLE_VM, never)).length, 2);
  }
});
