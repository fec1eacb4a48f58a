import assert from 'node:assert/strict';
import { open, stat } from 'node:fs/promises';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import type { PointManifest } from '../../../../src/engine/backup/manifest/manifest.ts';
import type { Store } from '../../../../src/engine/backup/store/contract/store.ts';
import { verifyPoints } from '../../../../src/engine/backup/verify/verify.ts';
import { openDisk } from '../../../../src/engine/disk/chain/open-disk.ts';
import { isLocalFolder } from '../../../../src/engine/source/files/local-files.ts';
import type { ByteSource } from '../../../../src/engine/source/byte-source.ts';
import {
  backup,
  openTestStore,
  pattern,
  startBackupLab,
} from '../../../support/backup/backup-lab.ts';

const MIB = 2 ** 20;
const UNIT = 65_536;
const onLinux = {
  skip: process.platform === 'linux' ? false : 'holes are looked for on Linux only',
};

/** The store, and the bytes of images that were read from it. */
function counted(store: Store): { readonly store: Store; readonly read: () => number } {
  let bytes = 0;
  const openFile = async (path: string, signal: AbortSignal): Promise<ByteSource> => {
    const file = await store.openFile(path, signal);
    return {
      name: file.name,
      size: file.size,
      read: (offset, into, until) => {
        if (path.endsWith('vhdx')) bytes += into.length;
        return file.read(offset, into, until);
      },
      close: () => file.close(),
      holes: () => file.holes?.(),
    };
  };
  const proxy = new Proxy(store, {
    get: (object, key) => {
      if (key === 'openFile') return openFile;
      const value: unknown = Reflect.get(object, key, object);
      return typeof value === 'function' ? (value.bind(object) as unknown) : value;
    },
  });
  return { store: proxy, read: () => bytes };
}

/** Where a byte of the disk lies in the file of a point. */
async function placeIn(file: string, at: number): Promise<number> {
  const { disk } = await openDisk(file, {}, never);
  try {
    for await (const extent of disk.extents({ start: at, end: at + 512 }, never)) {
      if (extent.offset !== undefined) return extent.offset + at - extent.start;
    }
  } finally {
    await disk.close();
  }
  throw new Error(`${file} has no data at ${at}`);
}

/** Writes the file anew with a hole in place of a unit. */
async function punch(file: string, offset: number): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    const { size } = await handle.stat();
    const tail = Buffer.alloc(size - offset - UNIT);
    await handle.read(tail, 0, tail.length, offset + UNIT);
    await handle.truncate(offset);
    await handle.truncate(size);
    for (let at = 0; at < tail.length; at += 4096) {
      const page = tail.subarray(at, at + 4096);
      if (page.some((byte) => byte !== 0))
        await handle.write(page, 0, page.length, offset + UNIT + at);
    }
  } finally {
    await handle.close();
  }
}

test(
  'holes of images are proven by the tree without being read, and damage in them is found',
  onLinux,
  async (t) => {
    const lab = await startBackupLab(t);
    const plain = await openTestStore(lab);
    await lab.ask('add-vm', { name: 'vm', disks: [{ size: 256 * MIB }] });
    const points: PointManifest[] = [];
    // One unit of data in each of 60 blocks of 2 MiB; then one in a block with nothing else, which is completed with zeros.
    for (let i = 0; i < 60; i++) await lab.write('vm', 0, i * 4 * MIB + UNIT, pattern(UNIT, i + 1));
    points.push((await backup(lab, plain, 'vm')).manifest);
    await lab.write('vm', 0, 3 * MIB, pattern(4096, 77));
    points.push((await backup(lab, plain, 'vm')).manifest);
    const [full, incr] = points as [PointManifest, PointManifest];
    const { id } = full.vm;
    const fileOf = ({ id: point, disks }: PointManifest): string =>
      plain.localPath(`${id}/${point}/${disks[0]?.file}`) ?? '';
    const damaged = async (): Promise<readonly string[]> => {
      const verdicts = await verifyPoints(
        plain,
        id,
        { point: undefined, quick: false },
        noProgress,
        never,
      );
      return verdicts.filter(({ ok }) => !ok).map((verdict) => verdict.id);
    };

    const { store, read } = counted(plain);
    const all = { point: undefined, quick: false };
    const verdicts = await verifyPoints(store, id, all, noProgress, never);
    assert.ok(
      verdicts.every(({ ok }) => ok),
      JSON.stringify(verdicts),
    );
    const { size } = await stat(fileOf(full));
    t.diagnostic(`${read()} bytes read of an image of ${size}`);
    assert.ok(size > 120 * MIB);
    const known = await isLocalFolder(lab.folder);
    assert.ok(!known || read() < 16 * MIB, 'the holes were not read');

    const flip = async (file: string, at: number): Promise<void> => {
      const handle = await open(file, 'r+');
      const byte = Buffer.alloc(1);
      await handle.read(byte, 0, 1, at);
      await handle.write(Buffer.of((byte[0] as number) ^ 1), 0, 1, at);
      await handle.close();
    };
    const hole = await placeIn(fileOf(full), 8 * MIB + 5 * UNIT);
    await flip(fileOf(full), hole);
    assert.deepEqual(
      await damaged(),
      [full.id, incr.id],
      'a byte in a hole that is not zero any more',
    );
    await flip(fileOf(full), hole);
    assert.deepEqual(await damaged(), [], 'it is zero again');
    const completed = await placeIn(fileOf(incr), 3 * MIB + 9 * UNIT);
    await flip(fileOf(incr), completed);
    assert.deepEqual(await damaged(), [incr.id], 'a byte of what completes a block');
    await flip(fileOf(incr), completed);

    await punch(fileOf(full), await placeIn(fileOf(full), 40 * MIB + UNIT));
    assert.deepEqual(await damaged(), [full.id, incr.id], 'a hole where data was');
  },
);
