import assert from 'node:assert/strict';
import {
  appendFile,
  open,
  readdir,
  readFile,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { openDisk, type OpenedDisk } from '../../../../src/engine/disk/chain/open-disk.ts';
import {
  convertDisk,
  type ConvertOptions,
} from '../../../../src/engine/disk/convert/convert-disk.ts';
import { compareDisks } from '../../../../src/engine/disk/tools/disk-compare.ts';
import { VhdxEditor } from '../../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { FileStorage } from '../../../../src/engine/source/files/file-storage.ts';
import { faultyFiles } from '../../../support/files/faulty-files.ts';
import { openFiles } from '../../../support/files/open-files.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { makeImage } from '../../../support/disk/small-image.ts';

const PLAIN: ConvertOptions = { replace: false };

async function convert(
  source: string,
  target: string,
  options = PLAIN,
  change: (opened: OpenedDisk) => OpenedDisk = (opened) => opened,
  signal = never,
): ReturnType<typeof convertDisk> {
  const opened = await openDisk(source, {}, never);
  try {
    return await convertDisk(change(opened), target, options, noProgress, signal);
  } finally {
    await opened.disk.close();
  }
}

/** The same disk, whose reads run `before` first. */
const reading =
  (before: () => Promise<void>) =>
  (opened: OpenedDisk): OpenedDisk => {
    const { disk } = opened;
    const read: typeof disk.read = async (offset, into, signal) => {
      await before();
      await disk.read(offset, into, signal);
    };
    const wrapped = new Proxy(disk, {
      get: (target, key) => {
        if (key === 'read') return read;
        // A file that is lent would be read past `read`.
        if (key === 'borrowFiles') return undefined;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    return { ...opened, disk: wrapped };
  };

async function equal(a: string, b: string): Promise<boolean> {
  const [x, y] = [await openDisk(a, {}, never), await openDisk(b, {}, never)];
  const { equal } = await compareDisks(x.disk, y.disk, { strict: true }, noProgress, never);
  await x.disk.close();
  await y.disk.close();
  return equal;
}

test('if any write, flush or rename fails, nothing is left, nothing stays open, and the source is unchanged', async (t) => {
  const folder = await temporaryFolder(t);
  const source = join(folder, 'source.vhdx');
  await makeImage(source, undefined, 7);
  const before = await readFile(source);
  for (const name of ['out.vhdx', 'out.raw']) {
    const target = join(folder, name);
    let failed = 0;
    for (let n = 1; ; n++) {
      const environment = faultyFiles({ fail: (_, number) => (number === n ? 'EIO' : undefined) });
      const files = openFiles();
      const done = await convert(source, target, { ...PLAIN, environment }).catch(
        (error: unknown) => {
          assert.ok(isEngineError(error), String(error));
          failed++;
        },
      );
      const what = `operation ${n}: ${environment.log[n - 1]}`;
      assert.equal(openFiles(), files, what);
      const left = await readdir(folder);
      // If the folder cannot be flushed, the complete file may have its name already.
      if (done !== undefined || left.includes(name)) assert.ok(await equal(source, target), what);
      await rm(target, { force: done === undefined });
      // A second name of the complete file that cannot be removed is litter and no failure.
      const litter = environment.log[n - 1] === 'unlink' ? 1 : 0;
      const others = left.filter((each) => each !== 'source.vhdx' && each !== name);
      assert.equal(others.length, litter, what);
      for (const each of others) await rm(join(folder, each));
      if (environment.log.length < n) break;
    }
    assert.ok(failed > 5, `${failed} operations failed`);
  }
  assert.deepEqual(await readFile(source), before);
});

test('if the n-th read fails, the conversion fails with that error and leaves nothing', async (t) => {
  const folder = await temporaryFolder(t);
  const source = join(folder, 'source.raw');
  await writeFile(source, new Uint8Array(5 * MIB).fill(3));
  let n = 1;
  for (; n < 50; n++) {
    let reads = 0;
    const failing = reading(async () => {
      if (++reads === n) throw new Error('unreadable');
    });
    try {
      await convert(source, join(folder, 'out.vhdx'), PLAIN, failing);
      break;
    } catch (error) {
      assert.match(String(error), /unreadable/);
      assert.deepEqual(await readdir(folder), ['source.raw']);
    }
  }
  assert.equal(n, 6);
});

for (const [what, change] of [
  ['grows', (path: string) => appendFile(path, new Uint8Array(512))],
  [
    'is written to',
    async (path: string) => {
      const file = await open(path, 'r+');
      await file.write(new Uint8Array([9]), 0, 1, 100);
      await file.close();
    },
  ],
  ['gets another time', (path: string) => utimes(path, 1, 1)],
] as const) {
  test(`a source that ${what} while it is read is noticed, and nothing is left`, async (t) => {
    const folder = await temporaryFolder(t);
    const source = join(folder, 'source.raw');
    await writeFile(source, new Uint8Array(3 * MIB).fill(3));
    let done = false;
    const changing = reading(async () => {
      if (!done) await change(source);
      done = true;
    });
    await assert.rejects(convert(source, join(folder, 'out.vhdx'), PLAIN, changing), {
      code: 'disk.source.changed',
    });
    assert.deepEqual(await readdir(folder), ['source.raw']);
  });
}

test('a VHDX that is opened for writing meanwhile is noticed by its header, whatever its file times say', async (t) => {
  const folder = await temporaryFolder(t);
  const source = join(folder, 'source.vhdx');
  await makeImage(source, undefined, 7);
  const opened = await openDisk(source, {}, never);
  assert.equal(await opened.layers[0].hasChanged?.(never), false);
  const storage = await FileStorage.open(source, {}, never);
  const editor = await VhdxEditor.open(storage, never);
  await editor.write(0, new Uint8Array(512), never);
  await editor.close();
  await storage.close();
  assert.equal(await opened.layers[0].hasChanged?.(never), true);
  await opened.disk.close();
});

test('a change of a parent is noticed too', async (t) => {
  const folder = await temporaryFolder(t);
  const [child, base] = [join(folder, 'child.avhdx'), join(folder, 'base.vhdx')];
  const linkage = await makeImage(base, undefined, 7);
  await makeImage(child, { linkage, relativePath: '.\\base.vhdx' });
  const changing = reading(() => utimes(base, 1, 1));
  await assert.rejects(convert(child, join(folder, 'out.raw'), PLAIN, changing), {
    code: 'disk.source.changed',
    data: { path: base },
  });
});

test('a conversion that is cancelled leaves nothing', async (t) => {
  const folder = await temporaryFolder(t);
  const source = join(folder, 'source.raw');
  await writeFile(source, new Uint8Array(40 * MIB).fill(3));
  const stop = new AbortController();
  let reads = 0;
  const counting = reading(async () => {
    if (++reads === 10) stop.abort(new Error('stop'));
  });
  await assert.rejects(
    convert(source, join(folder, 'out.vhdx'), PLAIN, counting, stop.signal),
    /stop/,
  );
  assert.ok(reads < 30, `${reads} reads`);
  assert.deepEqual(await readdir(folder), ['source.raw']);
});

test('neither the source nor one of its parents is replaced, by whatever name', async (t) => {
  const folder = await temporaryFolder(t);
  const [child, base] = [join(folder, 'child.avhdx'), join(folder, 'base.vhdx')];
  const linkage = await makeImage(base, undefined, 7);
  await makeImage(child, { linkage, relativePath: '.\\base.vhdx' });
  await symlink(base, join(folder, 'other.vhdx'));
  for (const target of [child, base, join(folder, 'other.vhdx')]) {
    await assert.rejects(convert(child, target, { replace: true }), {
      code: 'disk.target.source',
    });
  }
});

test('an existing file is replaced only on request, and only by a complete image', async (t) => {
  const folder = await temporaryFolder(t);
  const [source, target] = [join(folder, 'source.vhdx'), join(folder, 'out.raw')];
  await makeImage(source, undefined, 7);
  await writeFile(target, 'old');
  await assert.rejects(convert(source, target), { code: 'source.exists' });
  const failing = reading(() => Promise.reject(new Error('unreadable')));
  await assert.rejects(convert(source, target, { replace: true }, failing), /unreadable/);
  assert.equal(await readFile(target, 'utf8'), 'old');
  await convert(source, target, { replace: true });
  assert.ok(await equal(source, target));
});

test('sectors become larger only if the size allows it; contents at odd borders stay', async (t) => {
  const folder = await temporaryFolder(t);
  const [odd, whole] = [join(folder, 'odd.raw'), join(folder, 'whole.vhdx')];
  await writeFile(odd, new Uint8Array(MIB + 512));
  await assert.rejects(convert(odd, join(folder, 'out.vhdx'), { ...PLAIN, sectorSize: 4096 }), {
    code: 'disk.write.argument',
  });
  // Partial blocks whose bits begin and end in the middle of a sector of 4096 bytes.
  const linkage = await makeImage(whole, undefined, 7);
  const child = join(folder, 'child.avhdx');
  await makeImage(child, { linkage, relativePath: '.\\whole.vhdx' });
  const storage = await FileStorage.open(child, {}, never);
  const editor = await VhdxEditor.open(storage, never);
  for (const at of [512, 4096 - 512, MIB - 512, MIB + 3 * 512, 2 * MIB + 4096]) {
    await editor.write(at, new Uint8Array(1024).fill(at % 251), never);
  }
  await editor.zero(3 * MIB - 512, 1024, never);
  await editor.close();
  await storage.close();
  const target = join(folder, 'out.vhdx');
  const done = await convert(child, target, { ...PLAIN, sectorSize: 4096 });
  assert.equal(done.logicalSectorSize, 4096);
  assert.ok(await equal(child, target));
});

test('a copy in the same format keeps the identity of the disk', async (t) => {
  const folder = await temporaryFolder(t);
  const source = join(folder, 'source.vhdx');
  await makeImage(source, undefined, 7);
  const done = await convert(source, join(folder, 'out.vhdx'));
  const opened = await openDisk(source, {}, never);
  assert.equal(done.diskId, opened.layers[0].diskId);
  await opened.disk.close();
});
