import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { fileError } from '../../../../src/engine/source/platform/file-errors.ts';
import { FileSource } from '../../../../src/engine/source/files/file-source.ts';
import { FileStorage } from '../../../../src/engine/source/files/file-storage.ts';
import { freshTurn, getsQuick } from '../../../support/process/on-this-thread.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

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

test('a path has the same errors if it is opened on this thread', async (t) => {
  const folder = await temporaryFolder(t);
  const paths = [join(folder, 'none'), folder];
  if (process.platform !== 'win32') {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await writeFile(join(folder, 'file'), 'a');
    paths.push(...['pipe', 'file/below', 'n'.repeat(300)].map((name) => join(folder, name)));
  }
  for (const path of paths) {
    const errors: unknown[] = [];
    for (const local of [false, true]) {
      await freshTurn();
      const error: unknown = await FileSource.open(path, never, { local }).catch(
        (failure: unknown) => failure,
      );
      assert.ok(error instanceof Error, path);
      const { code, message } = error as Error & { code?: unknown };
      errors.push({ code, message });
    }
    assert.match(String((errors[0] as { code: unknown }).code), /^source\.(?!io)/);
    assert.deepEqual(errors[0], errors[1]);
  }
});

test('a file that was cut while it is open is damage, not zeros', async (t) => {
  const path = join(await temporaryFolder(t), 'a.bin');
  await writeFile(path, Buffer.alloc(MIB, 1));
  const source = await FileSource.open(path, never);
  const first = new Uint8Array(10);
  const quick = await getsQuick(() => source.read(0, first, never));
  t.diagnostic(`small parts are read ${quick ? 'on this thread and ' : ''}on other threads`);
  await truncate(path, 100 * KIB + 10);
  // On another thread, on this one where that is possible, and wholly behind the new end.
  const parts = [
    [0, 200 * KIB],
    [100 * KIB, 50],
    [200 * KIB, 50],
  ] as const;
  for (const [offset, length] of parts) {
    await freshTurn();
    const part = new Uint8Array(length);
    await assert.rejects(source.read(offset, part, never), {
      code: 'source.short',
      damage: true,
      data: { name: path, offset: Math.max(offset, 100 * KIB + 10), size: MIB },
    });
  }
  await source.read(100 * KIB, first, never);
  assert.deepEqual([...first], [...new Uint8Array(10).fill(1)]);
  await source.close();
});

/** Opens a file so often that every number that descriptors had is used again. */
function openMany(path: string): () => void {
  const files = Array.from({ length: 64 }, () => openSync(path, 'r'));
  return () => files.forEach((fd) => closeSync(fd));
}

test('a close waits for reads under way, and later ones never read another file', async (t) => {
  const folder = await temporaryFolder(t);
  const [path, other] = [join(folder, 'a.bin'), join(folder, 'b.bin')];
  await writeFile(path, Buffer.alloc(4 * MIB, 1));
  await writeFile(other, Buffer.alloc(4 * MIB, 2));
  const buffers = Array.from({ length: 32 }, () => Buffer.alloc(128 * KIB));
  const refused = { code: 'source.closed', message: `${path} is closed` };
  for (let round = 0; round < 20; round++) {
    const source = await FileSource.open(path, never);
    let ended = 0;
    const reads = buffers.map(async (into, i) => {
      into.fill(0);
      await source.read(i * 128 * KIB, into, never);
      ended++;
    });
    const closed = [source.close(), source.close()].map(async (close) => {
      await close;
      return ended;
    });
    const closeOthers = openMany(other);
    const small = new Uint8Array(16);
    try {
      // While the close waits, and when it has ended.
      await assert.rejects(source.read(0, small, never), refused);
      await assert.rejects(source.read(0, buffers[0]?.subarray() as Buffer, never), refused);
      await Promise.all(reads);
      for (const into of buffers) assert.ok(into.equals(Buffer.alloc(into.length, 1)), 'own bytes');
      assert.deepEqual(await Promise.all(closed), [buffers.length, buffers.length]);
    } finally {
      closeOthers();
    }
    const closeLater = openMany(other);
    try {
      await freshTurn();
      await assert.rejects(source.read(0, small, never), refused);
      await assert.rejects(source.read(0, buffers[0] as Buffer, never), refused);
      await source.close();
    } finally {
      closeLater();
    }
  }
});

test('a close waits for all steps of a read', async (t) => {
  const folder = await temporaryFolder(t);
  const [path, other] = [join(folder, 'a.bin'), join(folder, 'b.bin')];
  await writeFile(other, Buffer.alloc(MIB, 2));
  for (let round = 0; round < 10; round++) {
    await writeFile(path, Buffer.alloc(MIB, 1));
    const source = await FileSource.open(path, never);
    // The first step ends where the file was cut, and the second one begins after the close was asked for.
    await truncate(path, 100 * KIB);
    const reads = Array.from({ length: 8 }, () => source.read(0, Buffer.alloc(200 * KIB), never));
    const ends = Promise.allSettled(reads);
    const closing = source.close();
    const closeOthers = openMany(other);
    try {
      for (const end of await ends) {
        assert.equal(end.status, 'rejected');
        assert.equal((end.reason as { code?: unknown }).code, 'source.short', String(end.reason));
      }
      await closing;
    } finally {
      closeOthers();
    }
  }
});

test('holes of a closed file are not known, although its descriptor is another file by now', async (t) => {
  const folder = await temporaryFolder(t);
  const [path, other] = [join(folder, 'a.bin'), join(folder, 'b.bin')];
  await writeFile(path, Buffer.alloc(MIB, 1));
  await writeFile(other, '');
  await truncate(other, 2 * MIB);
  const sparse = await FileSource.open(other, never);
  const dataAfter = sparse.holes();
  const known = dataAfter !== undefined && dataAfter(0) === undefined;
  await sparse.close();
  if (!known) {
    t.skip('this system does not tell where holes are');
    return;
  }
  const source = await FileSource.open(path, never);
  const dataOf = source.holes();
  assert.deepEqual(dataOf?.(4096), { start: 4096, end: MIB });
  const reading = source.read(0, Buffer.alloc(MIB), never);
  const closing = source.close();
  assert.equal(source.holes(), undefined, 'while the close waits');
  assert.deepEqual(dataOf?.(8192), { start: 8192, end: MIB });
  await Promise.all([reading, closing]);
  const closeOthers = openMany(other);
  try {
    assert.equal(source.holes(), undefined);
    assert.deepEqual(dataOf?.(0), { start: 0, end: MIB });
    assert.deepEqual(dataOf?.(MIB), { start: MIB, end: MIB });
  } finally {
    closeOthers();
  }
});

test('what was cut off a file while it is open is not a hole', async (t) => {
  const path = join(await temporaryFolder(t), 'a.bin');
  await writeFile(path, Buffer.alloc(128 * KIB, 1));
  await truncate(path, MIB);
  const source = await FileSource.open(path, never);
  const dataAfter = source.holes();
  if (dataAfter === undefined || dataAfter(128 * KIB) !== undefined) {
    await source.close();
    t.skip('this system does not tell where holes are');
    return;
  }
  await truncate(path, 64 * KIB);
  assert.deepEqual(dataAfter(0), { start: 0, end: 64 * KIB });
  assert.deepEqual(dataAfter(64 * KIB), { start: 64 * KIB, end: MIB });
  assert.deepEqual(dataAfter(512 * KIB), { start: 512 * KIB, end: MIB });
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
