import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { openDisk } from '../../../../src/engine/disk/chain/open-disk.ts';
import { loadKoffi } from '../../../../src/engine/native/koffi.ts';
import { collect } from '../../../support/checks/collect.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const TIB = 2 ** 40;
const knowsHoles = process.platform === 'linux' && !(loadKoffi() instanceof Error);

test(
  'holes of a raw disk are zeros that need no reading, and all of its data is listed',
  {
    skip: knowsHoles ? false : 'the platform does not tell where the holes of a file are',
  },
  async (t) => {
    const path = join(await temporaryFolder(t), 'disk.raw');
    const file = await open(path, 'w');
    const places = [0, 5 * 2 ** 20 + 512, 3 * 2 ** 30, TIB - 700];
    for (const at of places) await file.write(Buffer.alloc(512, 7), 0, 512, at);
    await file.truncate(TIB - 100);
    await file.close();
    const { disk } = await openDisk(path, {}, never);
    const extents = await collect(disk.extents({ start: 0, end: disk.size }, never));
    let at = 0;
    for (const { start, length } of extents) {
      assert.equal(start, at, 'extents are gapless');
      at += length;
    }
    assert.equal(at, disk.size);
    const data = extents.filter(({ kind }) => kind === 'data');
    for (const place of places) {
      const holder = data.find(
        ({ start, length }) => start <= place && place + 512 <= start + length,
      );
      assert.ok(holder !== undefined, `the bytes at ${place} are data`);
    }
    const bytes = data.reduce((sum, { length }) => sum + length, 0);
    assert.ok(bytes < 2 ** 20, `${bytes} bytes count as data`);
    const within = await collect(disk.extents({ start: 2 ** 30, end: 2 ** 31 }, never));
    assert.deepEqual(within, [{ start: 2 ** 30, length: 2 ** 30, kind: 'zero', depth: 0 }]);
    await disk.close();
  },
);
