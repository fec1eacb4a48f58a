import assert from 'node:assert/strict';
import { writeSync } from 'node:fs';
import { mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { DirectoryStore } from '../../../../../src/engine/backup/store/directory/directory-store.ts';
import { storeSuite } from '../../../../conformance/store-suite.ts';
import { faultyFiles } from '../../../../support/files/faulty-files.ts';
import { temporaryFolder } from '../../../../support/files/temporary-folder.ts';

const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

storeSuite('a folder', async (t) =>
  DirectoryStore.open(join(await temporaryFolder(t), 'store'), { create: true }, never),
);

storeSuite('a folder without hard links', async (t) => {
  const environment = faultyFiles({
    real: true,
    fail: (name) => (name === 'link' ? 'ENOTSUP' : undefined),
  });
  const folder = join(await temporaryFolder(t), 'store');
  return DirectoryStore.open(folder, { create: true, environment }, never);
});

test('a new folder becomes a store, and opens as the same one again', async (t) => {
  const folder = join(await temporaryFolder(t), 'a', 'b');
  const store = await DirectoryStore.open(folder, { create: true }, never);
  const again = await DirectoryStore.open(folder, {}, never);
  assert.equal(again.id, store.id);
  const marker: unknown = JSON.parse(await readFile(join(folder, 'refpoint-store.json'), 'utf8'));
  assert.deepEqual(marker, { format: 'refpoint-store', version: 1, id: store.id });
});

test('several that create the same store at once get the same one', async (t) => {
  const folder = join(await temporaryFolder(t), 'store');
  const stores = await Promise.all(
    Array.from({ length: 6 }, () => DirectoryStore.open(folder, { create: true }, never)),
  );
  assert.equal(new Set(stores.map((store) => store.id)).size, 1);
});

test('a temporary file of another process that is gone before it is looked at is no leftover', async (t) => {
  const folder = join(await temporaryFolder(t), 'store');
  await DirectoryStore.open(folder, { create: true }, never);
  for (const name of ['.refpoint-1.tmp', '.refpoint-2.tmp'])
    await writeFile(join(folder, name), 'ab');
  let looks = 0;
  const environment = faultyFiles({
    fail: (name) => (name === 'lstat' && ++looks === 1 ? 'ENOENT' : undefined),
  });
  const store = await DirectoryStore.open(folder, { environment }, never);
  assert.deepEqual(await store.leftovers('', never), [{ path: '.refpoint-2.tmp', bytes: 2 }]);
  const denied = faultyFiles({ fail: (name) => (name === 'lstat' ? 'EACCES' : undefined) });
  const closed = await DirectoryStore.open(folder, { environment: denied }, never);
  await assert.rejects(closed.leftovers('', never), { code: 'source.denied' });
});

test('a folder that is absent, empty or something else is no store, and says so', async (t) => {
  const folder = await temporaryFolder(t);
  await assert.rejects(DirectoryStore.open(join(folder, 'none'), {}, never), {
    code: 'store.notFound',
    userFixable: true,
  });
  await assert.rejects(DirectoryStore.open(folder, {}, never), {
    code: 'store.notStore',
    message: /is empty/,
  });
  await writeFile(join(folder, 'letter.txt'), 'hello');
  await assert.rejects(DirectoryStore.open(folder, { create: true }, never), {
    code: 'store.notStore',
    message: /letter\.txt/,
  });
  assert.deepEqual(await readdir(folder), ['letter.txt']);
});

test('what drives hold by themselves does not keep them from becoming stores', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'lost+found'));
  await mkdir(join(folder, 'System Volume Information'));
  const store = await DirectoryStore.open(folder, { create: true }, never);
  assert.equal((await DirectoryStore.open(folder, {}, never)).id, store.id);
});

test('a store of a newer version is refused, one with a damaged marker is damaged', async (t) => {
  const folder = await temporaryFolder(t);
  const marker = join(folder, 'refpoint-store.json');
  const id = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
  await writeFile(marker, JSON.stringify({ format: 'refpoint-store', version: 2, id, more: 1 }));
  await assert.rejects(DirectoryStore.open(folder, {}, never), {
    code: 'store.version',
    message: /newer Refpoint/,
    data: { store: folder, found: 2, expected: 1 },
  });
  for (const content of [
    '',
    '{',
    '[]',
    '{"format":"x","version":1}',
    `{"format":"refpoint-store","version":1,"id":"${id.toUpperCase()}"}`,
  ]) {
    await writeFile(marker, content);
    await assert.rejects(DirectoryStore.open(folder, { create: true }, never), {
      code: 'store.damaged',
      damage: true,
    });
  }
});

test('links inside a store are not followed, wherever they lead', async (t) => {
  if (process.platform === 'win32') return t.skip('links need a privilege on Windows');
  const folder = await temporaryFolder(t);
  const outside = join(folder, 'outside');
  await mkdir(outside);
  await writeFile(join(outside, 'secret.json'), 'secret');
  const store = await DirectoryStore.open(join(folder, 'store'), { create: true }, never);
  await symlink(outside, join(folder, 'store', 'vm'));
  await symlink(join(outside, 'secret.json'), join(folder, 'store', 'a.json'));
  const refused = { code: 'store.path', message: /out of the store/ };
  await assert.rejects(store.readFile('vm/secret.json', 100, never), refused);
  await assert.rejects(store.openFile('a.json', never), refused);
  await assert.rejects(store.replaceFile('vm/new.json', bytes('x'), never), refused);
  await assert.rejects(store.createFolder('vm/point', never), refused);
  await assert.rejects(store.remove('vm/secret.json', never), refused);
  await assert.rejects(store.list('vm', never), refused);
  // They are told, so that what they stand for is not taken for absent.
  assert.deepEqual(await store.list('', never), ['a.json/', 'refpoint-store.json', 'vm/']);
  assert.deepEqual(await store.leftovers('', never), []);
  assert.deepEqual(await readdir(outside), ['secret.json']);
  return undefined;
});

test('a store that is reached over a link above it works', async (t) => {
  if (process.platform === 'win32') return t.skip('links need a privilege on Windows');
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'real'));
  await symlink(join(folder, 'real'), join(folder, 'link'));
  const store = await DirectoryStore.open(join(folder, 'link', 'store'), { create: true }, never);
  await store.replaceFile('vm/a.json', bytes('x'), never);
  assert.deepEqual(await store.list('vm', never), ['a.json']);
  return undefined;
});

test('tells how much space is left, and where other programs find a file', async (t) => {
  const folder = await temporaryFolder(t);
  const store = await DirectoryStore.open(folder, { create: true }, never);
  const free = await store.freeBytes(never);
  assert.ok(free !== undefined && free > 0 && Number.isSafeInteger(free));
  assert.equal(store.localPath('vm/point/0.vhdx'), join(folder, 'vm', 'point', '0.vhdx'));
  assert.throws(() => store.localPath('../x'), { code: 'store.path' });
});

test('a full disk is said plainly, and leaves neither the file nor litter', async (t) => {
  const folder = await temporaryFolder(t);
  let full = false;
  const environment = faultyFiles({
    fail: (name) => (full && name === 'handle.write' ? 'ENOSPC' : undefined),
  });
  const store = await DirectoryStore.open(folder, { create: true, environment }, never);
  await store.replaceFile('vm/ledger.json', bytes('old'), never);
  full = true;
  const refused = { code: 'source.full', userFixable: true };
  await assert.rejects(store.replaceFile('vm/ledger.json', bytes('new'), never), refused);
  await assert.rejects(store.createAbsent('vm/lease.json', bytes('new'), never), refused);
  const part = await store.createFile('vm/a.vhdx', never);
  await assert.rejects(part.write(0, bytes('data'), never), refused);
  await part.abandon();
  assert.deepEqual(await readdir(join(folder, 'vm')), ['ledger.json']);
  assert.equal(await readFile(join(folder, 'vm', 'ledger.json'), 'utf8'), 'old');
});

test('a new file may be written by the native library, and is then complete', async (t) => {
  const folder = join(await temporaryFolder(t), 'store');
  const store = await DirectoryStore.open(folder, { create: true }, never);
  const part = await store.createFile('vm/a.vhdx', never, 'whole');
  const lent = part.borrow?.();
  assert.ok(lent, 'the file is lent');
  writeSync(lent.fd, Buffer.from('written elsewhere'), 0, 17, 4);
  lent.release(21);
  await part.complete(21, never);
  const bytes = await store.readFile('vm/a.vhdx', 100, never);
  assert.equal(Buffer.from(bytes ?? []).toString(), '\0\0\0\0written elsewhere');
});

test('a store works in a folder deeper than 260 characters', async (t) => {
  const parts = Array.from({ length: 12 }, (_, i) => `a folder with a long name ${i}`);
  const folder = join(await temporaryFolder(t), ...parts);
  const store = await DirectoryStore.open(folder, { create: true }, never);
  await store.replaceFile('vm/point/config/settings.json', bytes('x'), never);
  const part = await store.createFile('vm/point/0-a.vhdx', never);
  await part.write(0, bytes('data'), never);
  await part.complete(4, never);
  assert.deepEqual(await store.list('vm/point', never), ['0-a.vhdx', 'config/']);
  const file = await store.openFile('vm/point/0-a.vhdx', never);
  assert.equal(file.size, 4);
  await file.close();
  await store.remove('vm', never);
  assert.deepEqual(await store.list('vm', never), []);
});
