import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { fileError } from '../../../src/engine/source/file-errors.ts';
import { FileSource } from '../../../src/engine/source/file-source.ts';
import { FileStorage } from '../../../src/engine/source/file-storage.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('reads exactly the bytes asked for, up to the last one', async (t) => {
  const path = join(await temporaryFolder(t), 'a.bin');
  await writeFile(
    path,
    Uint8Array.from({ length: 1000 }, (_, i) => i % 251),
  );
  const source = await FileSource.open(path, never);
  assert.deepEqual([source.name, source.size], [path, 1000]);
  const one = new Uint8Array(1);
  await source.read(999, one, never);
  assert.equal(one[0], 999 % 251);
  const parts = await Promise.all(
    [0, 250, 500, 750].map(async (offset) => {
      const part = new Uint8Array(250);
      await source.read(offset, part, never);
      return part;
    }),
  );
  assert.deepEqual(parts.flatMap((part) => [...part])[777], 777 % 251);
  await assert.rejects(source.read(1000, one, never), { code: 'source.range' });
  await assert.rejects(source.read(0, new Uint8Array(1001), never), { code: 'source.range' });
  await source.close();
  await source.close();
  await assert.rejects(source.read(0, one, never), { code: 'source.closed' });
});

test(
  'a named pipe in the place of a file is refused at once, although nobody writes to it',
  { skip: process.platform === 'win32', timeout: 2000 },
  async (t) => {
    const path = join(await temporaryFolder(t), 'pipe.vhdx');
    execFileSync('mkfifo', [path]);
    await assert.rejects(FileSource.open(path, never), { code: 'source.notFile' });
  },
);

test('says what is wrong with a path', async (t) => {
  const folder = await temporaryFolder(t);
  const missing = join(folder, 'none.vhdx');
  await assert.rejects(FileSource.open(missing, never), {
    code: 'source.notFound',
    message: `Cannot open ${missing}: it does not exist`,
    userFixable: true,
  });
  await mkdir(join(folder, 'dir'));
  await assert.rejects(FileSource.open(join(folder, 'dir'), never), { code: 'source.notFile' });
});

test('a file that was cut while it is open is damage, not zeros', async (t) => {
  const path = join(await temporaryFolder(t), 'a.bin');
  await writeFile(path, new Uint8Array(100));
  const source = await FileSource.open(path, never);
  await writeFile(path, new Uint8Array(10));
  const part = new Uint8Array(50);
  await assert.rejects(source.read(0, part, never), { code: 'source.short', damage: true });
  await source.close();
});

test('system errors keep their meaning, ours and aborts pass', () => {
  const system = (code: string): Error => Object.assign(new Error(code), { code });
  const cases = {
    ENOSPC: 'source.full',
    EDQUOT: 'source.full',
    EACCES: 'source.denied',
    EPERM: 'source.denied',
    EROFS: 'source.denied',
    EBUSY: 'source.busy',
    ENOENT: 'source.notFound',
    EEXIST: 'source.exists',
    EIO: 'source.io',
  };
  for (const [code, expected] of Object.entries(cases)) {
    const error = fileError(system(code), 'write 4 bytes at 8 of', 'x') as Error & { code: string };
    assert.equal(error.code, expected);
    assert.match(error.message, /^Cannot write 4 bytes at 8 of x: /);
  }
  const abort = new DOMException('stop', 'AbortError');
  assert.equal(fileError(abort, 'read', 'x'), abort);
  const ours = fileError(system('EIO'), 'read', 'x');
  assert.equal(fileError(ours, 'open', 'y'), ours);
});

test('a storage is written in place, grows, is cut, and reads back', async (t) => {
  const path = join(await temporaryFolder(t), 'a.bin');
  const storage = await FileStorage.open(path, { create: true }, never);
  await storage.write(10, Uint8Array.of(1, 2, 3), never);
  assert.equal(storage.size, 13);
  await storage.resize(20, never);
  await storage.flush(never);
  const all = new Uint8Array(20).fill(9);
  await storage.read(0, all, never);
  assert.deepEqual([...all], [...new Uint8Array(10), 1, 2, 3, ...new Uint8Array(7)]);
  await storage.resize(11, never);
  await assert.rejects(storage.read(11, new Uint8Array(1), never), { code: 'source.range' });
  await storage.close();
  const again = await FileStorage.open(path, {}, never);
  assert.equal(again.size, 11);
  await again.close();
});

test('creating refuses an existing file, opening a missing one', async (t) => {
  const path = join(await temporaryFolder(t), 'a.bin');
  await assert.rejects(FileStorage.open(path, {}, never), { code: 'source.notFound' });
  await writeFile(path, 'keep');
  await assert.rejects(FileStorage.open(path, { create: true }, never), { code: 'source.exists' });
  const source = await FileSource.open(path, never);
  assert.equal(source.size, 4);
  await source.close();
});

test('a file cannot be open for writing twice in one process', async (t) => {
  const path = join(await temporaryFolder(t), 'a.bin');
  const storage = await FileStorage.open(path, { create: true }, never);
  await assert.rejects(FileStorage.open(path, {}, never), { code: 'source.busy' });
  await storage.close();
  const again = await FileStorage.open(path, {}, never);
  await again.close();
});
