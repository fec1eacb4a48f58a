import assert from 'node:assert/strict';
import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { MapInfo, MapReference, Tile } from '../../../../src/engine/api/change-map.ts';
import type { PointManifest } from '../../../../src/engine/backup/manifest/manifest.ts';
import type { Store } from '../../../../src/engine/backup/store/contract/store.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { noLog } from '../../../../src/engine/base/log.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { ChangeMaps } from '../../../../src/engine/operations/change-map/change-maps.ts';
import { HostPool } from '../../../../src/engine/hosts/host-pool.ts';
import {
  backup,
  openTestStore,
  pattern,
  startBackupLab,
  type BackupLab,
} from '../../../support/backup/backup-lab.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';

const MIB = 2 ** 20;
/** Bytes of a hash unit. */
const UNIT = 65_536;
const SIZE = 64 * MIB;

interface Setup {
  readonly lab: BackupLab;
  readonly store: Store;
  readonly maps: ChangeMaps;
  readonly points: readonly PointManifest[];
  readonly keepIn: string;
  readonly open: (reference: MapReference) => Promise<MapInfo>;
}

/** A full of [8,12) MiB with a partition over [4,60), then [9 MiB, +64 KiB), then [20 MiB, +128 KiB) and zeros. */
async function setup(t: TestContext): Promise<Setup> {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const pool = new HostPool(noLog);
  afterwards(t, () => pool.closeAll());
  const maps = new ChangeMaps(pool);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: SIZE }] });
  const boot = Buffer.alloc(512);
  boot.set([0x55, 0xaa], 510);
  boot[450] = 0x83;
  boot.writeUInt32LE((4 * MIB) / 512, 454);
  boot.writeUInt32LE((56 * MIB) / 512, 458);
  await lab.write('vm', 0, 0, boot);
  await lab.write('vm', 0, 8 * MIB, pattern(4 * MIB, 1));
  const points = [(await backup(lab, store, 'vm')).manifest];
  await lab.write('vm', 0, 9 * MIB, pattern(65_536, 2));
  points.push((await backup(lab, store, 'vm')).manifest);
  await lab.write('vm', 0, 20 * MIB, pattern(131_072, 3));
  await lab.write('vm', 0, 10 * MIB, Buffer.alloc(65_536));
  points.push((await backup(lab, store, 'vm')).manifest);
  const keepIn = join(lab.folder, 'kept');
  const open = (reference: MapReference): Promise<MapInfo> =>
    maps.open({ reference, target: lab.target, keepIn }, noProgress, never);
  return { lab, store, maps, points, keepIn, open };
}

const cell = (tile: Tile | undefined, i: number): number[] =>
  tile === undefined || tile.cells === ''
    ? [...(tile?.fill ?? [])]
    : [...Buffer.from(tile.cells, 'base64').subarray(i * 4, i * 4 + 4)];

/** Cells of 4 KiB around an offset. */
async function at(maps: ChangeMaps, { mapId }: MapInfo, offset: number, frame = -1) {
  const span = 4096 * 4096;
  const index = Math.floor(offset / span);
  const [tile] = await maps.tiles({ mapId, frame, level: 12, indexes: [index] }, never);
  return cell(tile, (offset % span) / 4096);
}

test('an image that is missing takes only what it alone holds from the maps of later points', async (t) => {
  const { store, maps, points, open } = await setup(t);
  const [full, first, second] = points as [PointManifest, PointManifest, PointManifest];
  const base = { store: store.location, vm: full.vm.id, disk: 0 } as const;
  const before = await open({ ...base, kind: 'point', point: second.id });
  await rm(join(store.location, full.vm.id, first.id, first.disks[0]?.file ?? ''));

  const info = await open({ ...base, kind: 'point', point: second.id });
  assert.equal(
    info.bytes.changed,
    before.bytes.changed,
    'what this point wrote is in its own image',
  );
  assert.deepEqual(
    info.warnings.map(({ code }) => code),
    ['store.missing', 'disk.parent.missing'],
  );
  assert.match(
    info.warnings[0]?.message ?? '',
    new RegExp(`The image of ${first.id} cannot be read`),
  );
  assert.deepEqual(await at(maps, info, 20 * MIB), [255, 255, 0, 0]);
  assert.deepEqual(await at(maps, info, 9 * MIB), [0, 0, 0, 255], 'not known, and not zero');

  const chain = await open({ ...base, kind: 'chain', point: second.id });
  assert.deepEqual(
    chain.frames.map(({ point }) => point),
    [full.id, second.id],
  );
  assert.deepEqual(await at(maps, chain, 9 * MIB, 0), [255, 255, 0, 0], 'the full is whole');
  assert.deepEqual(await at(maps, chain, 20 * MIB, 1), [255, 255, 0, 0]);

  const between = { ...base, kind: 'between', point: second.id } as const;
  assert.equal((await open({ ...between, from: first.id })).bytes.changed, before.bytes.changed);
  await assert.rejects(open({ ...between, from: full.id }), {
    code: 'map.between',
    message: new RegExp(`The image of ${first.id} cannot be read`),
  });
  await assert.rejects(open({ ...base, kind: 'point', point: first.id }), {
    code: 'store.missing',
  });
  await rm(join(store.location, full.vm.id, first.id), { recursive: true });
  const gone = await open({ ...base, kind: 'point', point: second.id });
  assert.equal(gone.bytes.changed, before.bytes.changed);
  assert.equal(gone.warnings[0]?.code, 'chain.gap');
});

test('maps of a store tell what each point wrote and what is allocated', async (t) => {
  const { lab, store, maps, points, open } = await setup(t);
  const [full, first, second] = points as [PointManifest, PointManifest, PointManifest];
  const base = { store: store.location, vm: full.vm.id, disk: 0 } as const;

  await t.test('a full shows its data, and its partition', async () => {
    const info = await open({ ...base, kind: 'point', point: full.id });
    assert.equal(info.changeWord, 'allocated');
    assert.equal(info.bytes.changed, null);
    assert.equal(info.bytes.unknown, 0);
    assert.equal(info.virtualSize, SIZE);
    assert.deepEqual(info.partitions, [
      {
        number: 1,
        start: 4 * MIB,
        length: 56 * MIB,
        type: 'Linux filesystem (83)',
        name: null,
        volume: null,
      },
    ]);
    assert.deepEqual(await at(maps, info, 8 * MIB), [0, 255, 0, 0]);
    assert.deepEqual(await at(maps, info, 40 * MIB), [0, 0, 0, 0]);
    const place = await maps.place({ mapId: info.mapId, frame: -1, offset: 9 * MIB }, never);
    assert.equal(place.state, 'data');
    assert.equal(place.partition, 1);
    assert.equal(place.point, full.id);
  });

  await t.test('an increment shows what it wrote over what it builds on', async () => {
    const info = await open({ ...base, kind: 'point', point: second.id });
    assert.equal(info.changeWord, 'changed');
    assert.deepEqual(await at(maps, info, 20 * MIB), [255, 255, 0, 0]);
    assert.deepEqual(await at(maps, info, 9 * MIB), [0, 255, 0, 0], 'the point before wrote it');
    const { rows } = await maps.page({ mapId: info.mapId, frame: -1, from: 0, count: 1000 }, never);
    const changed = rows.filter(({ state }) => state === 'changed');
    assert.equal(
      changed.reduce((sum, row) => sum + row.length, 0),
      info.bytes.changed,
    );
    assert.ok(changed.every(({ point }) => point === second.id));
    const older = rows.find(({ start }) => start <= 9 * MIB && start + 4096 > 9 * MIB);
    assert.equal(older?.point, first.id);
  });

  await t.test('between two points lies the union of the later ones', async () => {
    const info = await open({ ...base, kind: 'between', from: full.id, point: second.id });
    assert.equal(info.changeWord, 'written');
    assert.equal((await at(maps, info, 9 * MIB))[0], 255);
    assert.equal((await at(maps, info, 20 * MIB))[0], 255);
    assert.equal((await at(maps, info, 8 * MIB))[0], 0);
    const back = await open({ ...base, kind: 'between', from: second.id, point: first.id });
    assert.equal(back.changeWord, 'different', 'an older point does not build on a newer one');
    assert.equal(back.bytes.changed, 3 * UNIT, 'the units that the second wrote in');
    for (const from of [first.id, '20200101T000000Z-full']) {
      const code = from === first.id ? 'map.between' : 'point.missing';
      await assert.rejects(open({ ...base, kind: 'between', from, point: first.id }), { code });
    }
  });

  await t.test('points with a full between them are compared by their hash trees', async () => {
    await lab.write('vm', 0, 11 * MIB, Buffer.alloc(MIB));
    await lab.write('vm', 0, 40 * MIB + 4096, pattern(4096, 4));
    const { manifest: later } = await backup(lab, store, 'vm', { kind: 'full' });
    const info = await open({ ...base, kind: 'between', from: second.id, point: later.id });
    assert.equal(info.changeWord, 'different');
    assert.equal(info.bytes.changed, MIB + UNIT);
    assert.equal((await at(maps, info, 11 * MIB))[0], 255, 'zeros now, data then');
    assert.equal((await at(maps, info, 40 * MIB))[0], 255);
    assert.deepEqual(
      [(await at(maps, info, 10 * MIB))[0], (await at(maps, info, 20 * MIB))[0]],
      [0, 0],
    );
    const same = await open({ ...base, kind: 'between', from: later.id, point: second.id });
    assert.equal(same.bytes.changed, MIB + UNIT, 'the other way round');
  });

  await t.test('a chain has a frame for each point, the oldest first', async () => {
    const info = await open({ ...base, kind: 'chain', point: second.id });
    assert.deepEqual(
      info.frames.map(({ point }) => point),
      points.map(({ id }) => id),
    );
    assert.deepEqual(
      info.frames.map(({ kind }) => kind),
      ['full', 'incr', 'incr'],
    );
    assert.ok((info.frames[0]?.changedBytes ?? 0) >= 4 * MIB);
    assert.ok((info.frames[1]?.changedBytes ?? 0) < MIB);
    assert.equal((await at(maps, info, 20 * MIB, 1))[1], 0, 'not there yet');
    assert.equal((await at(maps, info, 9 * MIB, 1))[0], 255);
    assert.equal((await at(maps, info, 9 * MIB, 2))[0], 0);
    assert.equal((await at(maps, info, 20 * MIB, 2))[0], 255);
    const { bytes } = await maps.page({ mapId: info.mapId, frame: 1, from: 0, count: 0 }, never);
    assert.equal(bytes.changed, info.frames[1]?.changedBytes);
    // The whole chain is its last point, so that a view needs no name of its own for it.
    const shown = async (frame: number) => [
      await maps.page({ mapId: info.mapId, frame, from: 0, count: 1000 }, never),
      await maps.tiles({ mapId: info.mapId, frame, level: 12, indexes: [0, 1] }, never),
    ];
    assert.deepEqual(await shown(-1), await shown(2));
    assert.ok(info.title.startsWith(info.subject) && !info.subject.includes(second.id));
    await assert.rejects(
      maps.tiles({ mapId: info.mapId, frame: 3, level: 12, indexes: [0] }, never),
      {
        code: 'map.request',
      },
    );
  });

  await t.test('the table is written as CSV, and that opens as a map', async () => {
    const info = await open({ ...base, kind: 'point', point: second.id });
    const path = join(store.location, '..', 'out.csv');
    const { rows } = await maps.csv({ mapId: info.mapId, frame: -1, path }, noProgress, never);
    assert.equal(rows, info.rangeCount);
    const text = await readFile(path, 'utf8');
    assert.equal(text.split('\r\n').length, rows + 2);
    assert.match(text, /^start,length,state,point\r\n0,/);
    const again = await open({ kind: 'csv', path, virtualSize: SIZE });
    assert.equal(again.bytes.changed, info.bytes.changed);
    assert.equal(again.partitions, null);
  });

  await t.test('an image beside its parents shows what its chain holds', async () => {
    const file = second.disks[0]?.file ?? '';
    const path = join(store.location, full.vm.id, second.id, file);
    const info = await open({ kind: 'image', path });
    assert.equal(info.changeWord, 'allocated');
    assert.equal(info.partitions?.length, 1);
    assert.deepEqual(await at(maps, info, 20 * MIB), [0, 255, 0, 0]);
  });

  await t.test('maps that were not asked for make room', async () => {
    const reference = { ...base, kind: 'point', point: full.id } as const;
    const oldest = await open(reference);
    for (let i = 0; i < 8; i++) await open(reference);
    await assert.rejects(maps.place({ mapId: oldest.mapId, frame: -1, offset: 0 }, never), {
      code: 'map.notOpen',
    });
  });
});

test('the answer of a query is kept, and opens again without the host', async (t) => {
  const { lab, maps, points, keepIn, open } = await setup(t);
  await lab.write('vm', 0, 30 * MIB, pattern(4096, 4));
  const since = points[2]?.referencePoint?.id ?? '';
  const info = await open({
    kind: 'query',
    host: lab.target.url,
    vm: 'vm',
    disk: 0,
    since,
    title: 'vm since today',
  });
  assert.ok((info.bytes.changed ?? 0) >= 4096);
  assert.equal(info.bytes.data, null);
  assert.equal(info.bytes.unknown, SIZE - (info.bytes.changed ?? 0));
  assert.equal(info.partitions, null);
  const kept = info.kept ?? '';
  const files = await readdir(keepIn);
  assert.deepEqual(files, [`${kept}.ranges`]);

  const offline = {
    reference: { kind: 'kept', id: kept, title: '' } as const,
    target: null,
    keepIn,
  };
  const again = await maps.open(offline, noProgress, never);
  assert.equal(again.title, 'vm since today');
  assert.deepEqual(again.bytes, info.bytes);
  assert.equal((await at(maps, again, 30 * MIB))[0], 255);
  assert.deepEqual(await at(maps, again, 2 * MIB), [0, 0, 0, 255]);
  const place = await maps.place({ mapId: again.mapId, frame: -1, offset: 2 * MIB }, never);
  assert.equal(place.state, 'unknown');

  // The newest fifty stay.
  for (let i = 0; i < 60; i++) {
    const name = join(keepIn, `${i.toString(16).padStart(32, '0')}.ranges`);
    await writeFile(name, 'x');
    await utimes(name, i, i);
  }
  await writeFile(join(keepIn, 'another.txt'), 'not ours');
  await lab.write('vm', 0, 31 * MIB, pattern(4096, 5));
  await open({ kind: 'query', host: '', vm: 'vm', disk: 0, since, title: 'later' });
  const left = await readdir(keepIn);
  assert.equal(left.length, 51);
  assert.ok(left.includes(`${kept}.ranges`) && left.includes('another.txt'));

  await writeFile(join(keepIn, `${kept}.ranges`), 'x'.repeat(100));
  await assert.rejects(maps.open(offline, noProgress, never), { code: 'map.kept.damaged' });
  const strange = { ...offline, reference: { ...offline.reference, id: '../../etc/passwd' } };
  await assert.rejects(maps.open(strange, noProgress, never), { code: 'map.kept.missing' });
});
