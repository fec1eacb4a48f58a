import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { beforeEach, test, type TestContext } from 'node:test';
import { requests } from '../../../../src/engine/api/methods.ts';
import type { GuestFile, GuestListRequest } from '../../../../src/engine/api/guest/guest-files.ts';
import type { PartitionInfo, VolumeInfo } from '../../../../src/engine/api/guest/inspection.ts';
import { fakeWindow } from '../../../support/extension/extension-window.ts';
import { storePoint, storeVm } from '../../../support/extension/samples.ts';
import { choose, giveUp, pick } from '../../../support/vscode/script.ts';
import { workbench } from '../../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const NTFS: VolumeInfo = {
  kind: 'ntfs',
  name: 'NTFS 3.1',
  label: 'System',
  id: null,
  size: null,
  blockSize: 4096,
  dirty: true,
  encrypted: false,
  browsable: true,
};

const partition = (number: number, volume: VolumeInfo | null): PartitionInfo => ({
  number,
  start: number * 2 ** 20,
  length: 2 ** 30,
  type: 'Basic data',
  name: null,
  volume,
});

const file = (name: string, kind: GuestFile['kind'], more: Partial<GuestFile> = {}): GuestFile => ({
  name,
  kind,
  size: kind === 'file' ? 2048 : 0,
  modified: '2026-03-01T10:00:00.000Z',
  target: null,
  notes: [],
  streams: [],
  problem: null,
  ...more,
});

/** A window with one point of one disk that has these partitions. */
async function windowWithDisk(t: TestContext, partitions: readonly PartitionInfo[]) {
  workbench.settings.put('refpoint.stores', ['/stores/a']);
  const window = await fakeWindow(t);
  window.engine
    .on(requests.storeVms, () => [storeVm(1)])
    .on(requests.storePoints, () => [storePoint('1-full')])
    .on(requests.inspectGuest, () => ({
      table: 'gpt' as const,
      hybrid: false,
      sectorSize: 512,
      size: 2 ** 33,
      partitions,
      warnings: [{ code: 'map.partitions', message: 'The backup is damaged' }],
    }));
  return window;
}

test('folders are entered and left, and a file is copied to a folder that is asked for', async (t) => {
  const { run, engine } = await windowWithDisk(t, [partition(1, null), partition(2, NTFS)]);
  const asked: GuestListRequest[] = [];
  const copied: unknown[] = [];
  engine
    .on(requests.listGuestFiles, (request) => {
      asked.push(request);
      const { path } = request;
      const entries =
        path === '/Users'
          ? [file('notes $(alert).txt', 'file'), file('link', 'link', { target: 'C:\\x' })]
          : [file('Users', 'folder')];
      return { volume: 2, path, total: entries.length, entries };
    })
    .on(requests.copyGuestFiles, (request) => {
      copied.push(request);
      const skipped = [{ path: '/x', code: 'guest.encrypted', message: '/x was encrypted' }];
      return {
        to: '/out',
        files: 1,
        folders: 0,
        bytes: 2048,
        renamed: [],
        skipped,
        skippedCount: 1,
      };
    });
  workbench.play(pick('Users'), pick('..'), pick('Users'), pick(/^notes/), choose(resolve('/out')));
  await run('refpoint.browseFiles');
  workbench.assertDone();
  assert.deepEqual(
    asked.map(({ path, volume }) => [path, volume]),
    [
      ['/', 2],
      ['/Users', 2],
      ['/', 2],
      ['/Users', 2],
    ],
  );
  const [answered] = copied as { progressToken?: string; to?: string }[];
  const { progressToken, to = '', ...request } = answered ?? {};
  assert.ok(progressToken);
  const disk = { kind: 'point', store: '/stores/a', vm: storeVm(1).id, point: '1-full', disk: 0 };
  const paths = ['/Users/notes $(alert).txt'];
  assert.deepEqual(request, { disk, volume: 2, paths });
  // The editor writes drive letters small.
  assert.equal(to.toLowerCase(), resolve('/out').toLowerCase());
  const rows = workbench.asked.find(({ rows: each }) =>
    each.some((row) => /notes/.test(row)),
  )?.rows;
  assert.ok(
    rows?.every((row) => !row.includes('$(alert)')),
    'names make no icons',
  );
  assert.match(rows?.at(-1) ?? '', /^link \| .*→ C:\\x/);
  assert.match(
    workbench.said('warning')[0] ?? '',
    /Copied 1 files .* 1 were not copied: \/x was enc/,
  );
});

test('a large folder is shown in pages', async (t) => {
  const { run, engine } = await windowWithDisk(t, [partition(1, NTFS)]);
  const asked: number[] = [];
  engine.on(requests.listGuestFiles, ({ from, path }) => {
    asked.push(from);
    return { volume: 1, path, total: 1001, entries: from === 0 ? manyFiles(1000) : manyFiles(1) };
  });
  workbench.play(pick(/^More: 1000 of 1001/), giveUp());
  await run('refpoint.browseFiles');
  workbench.assertDone();
  assert.deepEqual(asked, [0, 1000]);
});

const manyFiles = (count: number): GuestFile[] =>
  Array.from({ length: count }, (_, i) => file(`file ${i}`, 'file'));

test('a disk without a readable file system says what it holds', async (t) => {
  const luks = { ...NTFS, name: 'LUKS 2', label: null, encrypted: true, browsable: false };
  const { run } = await windowWithDisk(t, [partition(1, luks)]);
  await run('refpoint.browseFiles');
  assert.match(workbench.said('info')[0] ?? '', /Partition 1: LUKS 2, encrypted/);
  workbench.assertDone();
});

test('the tooltip of a disk names its partitions when somebody looks', async (t) => {
  const { stores, engine } = await windowWithDisk(t, [partition(2, NTFS)]);
  const [root] = await stores.rows();
  assert.ok(root);
  const [vm] = await stores.expand(root.node);
  assert.ok(vm);
  const [point] = await stores.expand(vm.node);
  assert.ok(point);
  const [disk] = await stores.expand(point.node);
  assert.ok(disk);
  assert.equal(engine.count(requests.inspectGuest), 0, 'nothing is read before');
  const { tooltip: tip } = await stores.resolve(disk.node, disk.item);
  assert.ok(typeof tip === 'string');
  assert.match(tip, /Partition 2: NTFS 3\.1 “System”, not unmounted cleanly, 1(\.0)? GiB/);
  assert.match(tip, /The backup is damaged/);
});
