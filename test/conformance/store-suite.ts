import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { never } from '../../src/engine/base/abort.ts';
import type { ByteSource } from '../../src/engine/source/byte-source.ts';
import type { Store } from '../../src/engine/backup/store/contract/store.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const LIMIT = 1 << 20;

async function contents(file: ByteSource): Promise<Uint8Array> {
  const bytes = new Uint8Array(file.size);
  await file.read(0, bytes, never);
  await file.close();
  return bytes;
}

async function readText(store: Store, path: string): Promise<string | undefined> {
  const bytes = await store.readFile(path, LIMIT, never);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

async function write(store: Store, path: string, bytes: Uint8Array): Promise<void> {
  const part = await store.createFile(path, never);
  await part.write(0, bytes, never);
  await part.complete(bytes.length, never);
}

/** What every store must hold; `open` gives a new empty one. */
export function storeSuite(name: string, open: (t: TestContext) => Promise<Store>): void {
  describe(`${name} as a store`, () => {
    smallFiles(open);
    parts(open);
    folders(open);
    leftovers(open);
    refusals(open);
  });
}

function smallFiles(open: (t: TestContext) => Promise<Store>): void {
  test('an absent file reads as undefined, also below an absent folder', async (t) => {
    const store = await open(t);
    assert.equal(await store.readFile('a.json', LIMIT, never), undefined);
    assert.equal(await store.readFile('vm/point/a.json', LIMIT, never), undefined);
  });

  test('replaceFile creates, then replaces, and makes the folders above', async (t) => {
    const store = await open(t);
    await store.replaceFile('vm/ledger.json', text('one'), never);
    assert.equal(await readText(store, 'vm/ledger.json'), 'one');
    await store.replaceFile('vm/ledger.json', text('2'), never);
    assert.equal(await readText(store, 'vm/ledger.json'), '2');
    assert.deepEqual(await store.list('vm', never), ['ledger.json']);
  });

  test('createAbsent creates once and never changes what is there', async (t) => {
    const store = await open(t);
    assert.equal(await store.createAbsent('vm/lease.json', text('mine'), never), true);
    assert.equal(await store.createAbsent('vm/lease.json', text('yours'), never), false);
    assert.equal(await readText(store, 'vm/lease.json'), 'mine');
  });

  test('of many that create the same file at once exactly one is told so', async (t) => {
    const store = await open(t);
    const told = await Promise.all(
      Array.from({ length: 12 }, (_, i) => store.createAbsent('vm/x.json', text(`${i}`), never)),
    );
    assert.equal(told.filter(Boolean).length, 1);
    assert.equal(await readText(store, 'vm/x.json'), `${told.indexOf(true)}`);
    assert.deepEqual(await store.leftovers('', never), []);
  });

  test('a reader sees whole states only, while a file is replaced over and over', async (t) => {
    const store = await open(t);
    const state = (i: number): Uint8Array => new Uint8Array(20_000).fill(i);
    await store.replaceFile('vm/a.json', state(0), never);
    const progress = { writing: true };
    const writer = (async () => {
      for (let i = 1; i <= 20; i++) await store.replaceFile('vm/a.json', state(i), never);
      progress.writing = false;
    })();
    while (progress.writing) {
      const seen = await store.readFile('vm/a.json', LIMIT, never);
      assert.equal(seen?.length, 20_000);
      assert.equal(new Set(seen).size, 1);
    }
    await writer;
  });

  test('a file over the limit is refused before it is read', async (t) => {
    const store = await open(t);
    await store.replaceFile('a.json', new Uint8Array(101), never);
    await assert.rejects(store.readFile('a.json', 100, never), { code: 'store.tooLarge' });
    assert.equal((await store.readFile('a.json', 101, never))?.length, 101);
  });

  test('what was handed over can be changed afterwards without changing the store', async (t) => {
    const store = await open(t);
    const bytes = text('abc');
    await store.replaceFile('a.json', bytes, never);
    bytes.fill(0);
    const read = await store.readFile('a.json', LIMIT, never);
    assert.equal(new TextDecoder().decode(read), 'abc');
    read?.fill(0);
    assert.equal(await readText(store, 'a.json'), 'abc');
  });
}

function parts(open: (t: TestContext) => Promise<Store>): void {
  test('parts come in any order, gaps read as zeros, and the size is what complete says', async (t) => {
    const store = await open(t);
    const part = await store.createFile('vm/point/0-a.vhdx', never);
    await part.write(10, text('tail'), never);
    await part.write(0, text('head'), never);
    await part.complete(20, never);
    const expected = new Uint8Array(20);
    expected.set(text('head'));
    expected.set(text('tail'), 10);
    assert.deepEqual(await contents(await store.openFile('vm/point/0-a.vhdx', never)), expected);
  });

  test('a file is nowhere to be seen before it is complete', async (t) => {
    const store = await open(t);
    const part = await store.createFile('vm/a.vhdx', never);
    await part.write(0, text('half'), never);
    assert.equal(await store.readFile('vm/a.vhdx', LIMIT, never), undefined);
    await assert.rejects(store.openFile('vm/a.vhdx', never), { code: 'store.missing' });
    assert.deepEqual(await store.list('vm', never), []);
    await part.complete(4, never);
    assert.deepEqual(await store.list('vm', never), ['a.vhdx']);
  });

  test('an abandoned file leaves nothing, and its name is free', async (t) => {
    const store = await open(t);
    const part = await store.createFile('vm/a.vhdx', never);
    await part.write(0, text('x'), never);
    await part.abandon();
    await part.abandon();
    assert.deepEqual(await store.list('vm', never), []);
    assert.deepEqual(await store.leftovers('', never), []);
    await write(store, 'vm/a.vhdx', text('y'));
    assert.equal(await readText(store, 'vm/a.vhdx'), 'y');
  });

  test('abandon after complete keeps the file', async (t) => {
    const store = await open(t);
    const part = await store.createFile('vm/a.vhdx', never);
    await part.complete(3, never);
    await part.abandon();
    assert.equal((await store.openFile('vm/a.vhdx', never).then(contents)).length, 3);
  });

  test('an existing file is refused, early and late, and stays as it is', async (t) => {
    const store = await open(t);
    await write(store, 'vm/a.vhdx', text('first'));
    await assert.rejects(store.createFile('vm/a.vhdx', never), { code: 'store.exists' });
    const late = await store.createFile('vm/b.vhdx', never);
    await late.write(0, text('late'), never);
    await write(store, 'vm/b.vhdx', text('early'));
    await assert.rejects(late.complete(4, never), { code: 'store.exists' });
    await late.abandon();
    assert.equal(await readText(store, 'vm/a.vhdx'), 'first');
    assert.equal(await readText(store, 'vm/b.vhdx'), 'early');
    assert.deepEqual(await store.leftovers('', never), []);
  });

  test('a size that cuts off written bytes is refused', async (t) => {
    const store = await open(t);
    const part = await store.createFile('vm/a.vhdx', never);
    await part.write(0, text('abcdef'), never);
    await assert.rejects(part.complete(3, never));
    await part.abandon();
    assert.deepEqual(await store.list('vm', never), []);
  });

  test('ranges are read exactly, and a range past the end is refused', async (t) => {
    const store = await open(t);
    await write(store, 'vm/a.bin', text('0123456789'));
    const file = await store.openFile('vm/a.bin', never);
    assert.equal(file.size, 10);
    const one = new Uint8Array(1);
    await file.read(9, one, never);
    assert.equal(String.fromCharCode(...one), '9');
    await assert.rejects(file.read(10, one, never), { code: 'source.range' });
    await assert.rejects(file.read(-1, one, never), { code: 'source.range' });
    await file.close();
  });
}

function folders(open: (t: TestContext) => Promise<Store>): void {
  test('a folder is created once, also when many try', async (t) => {
    const store = await open(t);
    const told = await Promise.all(
      Array.from({ length: 8 }, () => store.createFolder('vm/20261122T140305Z-full', never)),
    );
    assert.equal(told.filter(Boolean).length, 1);
    assert.deepEqual(await store.list('vm', never), ['20261122T140305Z-full/']);
    assert.deepEqual(await store.list('vm/20261122T140305Z-full', never), []);
  });

  test('listings are sorted, one level deep, and empty where nothing is', async (t) => {
    const store = await open(t);
    assert.deepEqual(await store.list('nowhere', never), []);
    await store.replaceFile('vm/b.json', text('b'), never);
    await store.replaceFile('vm/a.json', text('a'), never);
    await store.replaceFile('vm/point/config/deep.json', text('d'), never);
    assert.deepEqual(await store.list('vm', never), ['a.json', 'b.json', 'point/']);
    assert.deepEqual(await store.list('vm/point', never), ['config/']);
    assert.ok((await store.list('', never)).includes('vm/'));
  });

  test('remove takes a file, or a folder with all in it, and absent is fine', async (t) => {
    const store = await open(t);
    await store.replaceFile('vm/point/a.json', text('a'), never);
    await store.replaceFile('vm/point2/a.json', text('a'), never);
    await store.remove('vm/point', never);
    assert.deepEqual(await store.list('vm', never), ['point2/']);
    await store.remove('vm/point2/a.json', never);
    assert.equal(await store.readFile('vm/point2/a.json', LIMIT, never), undefined);
    await store.remove('vm/point', never);
    await store.remove('other/point', never);
    assert.equal(await store.createFolder('vm/point', never), true);
  });
}

function leftovers(open: (t: TestContext) => Promise<Store>): void {
  test('unfinished files are hidden, found as leftovers below their folder, and removed', async (t) => {
    const store = await open(t);
    const part = await store.createFile('vm/point/a.vhdx', never);
    await part.write(0, text('four'), never);
    const other = await store.createFile('vm2/point/a.vhdx', never);
    assert.deepEqual(await store.list('vm/point', never), []);
    const found = await store.leftovers('vm', never);
    assert.equal(found.length, 1);
    assert.equal(found[0]?.bytes, 4);
    assert.ok(found[0]?.path.startsWith('vm/point/'));
    await store.replaceFile('vm/keep.json', text('k'), never);
    await store.removeLeftovers(await store.leftovers('vm', never), never);
    // Windows lets go of a file only when its writer does.
    await part.abandon();
    assert.deepEqual(await store.leftovers('vm', never), []);
    assert.equal((await store.leftovers('', never)).length, 1);
    assert.ok((await store.list('vm', never)).includes('keep.json'));
    await other.abandon();
  });
}

function refusals(open: (t: TestContext) => Promise<Store>): void {
  const bad = [
    '..',
    '../outside',
    'vm/../../outside',
    'vm/./a',
    '/etc/passwd',
    'C:/Windows',
    'C:a',
    'vm\\..\\a',
    '\\\\server\\share',
    'vm//a',
    'vm/',
    'vm/nul',
    'vm/CON.json',
    'vm/a:stream',
    'vm/a\0b',
    'vm/.refpoint-0.tmp',
    'vm/.REFPOINT-0.tmp',
    'vm/a.',
    'vm/a ',
    'a/b/c/d/e/f/g/h/i',
  ];
  for (const path of bad) {
    test(`no path leads anywhere but into the store: ${JSON.stringify(path)}`, async (t) => {
      const store = await open(t);
      const refused = { code: 'store.path' };
      await assert.rejects(store.readFile(path, LIMIT, never), refused);
      await assert.rejects(store.openFile(path, never), refused);
      await assert.rejects(store.createFile(path, never), refused);
      await assert.rejects(store.createAbsent(path, text('x'), never), refused);
      await assert.rejects(store.replaceFile(path, text('x'), never), refused);
      await assert.rejects(store.createFolder(path, never), refused);
      await assert.rejects(store.list(path, never), refused);
      await assert.rejects(store.remove(path, never), refused);
    });
  }

  test('the root itself cannot be removed or written', async (t) => {
    const store = await open(t);
    await assert.rejects(store.remove('', never), { code: 'store.path' });
    await assert.rejects(store.replaceFile('', text('x'), never), { code: 'store.path' });
  });

  test('a cancelled call does nothing', async (t) => {
    const store = await open(t);
    const signal = AbortSignal.abort(new Error('stop'));
    await assert.rejects(store.replaceFile('a.json', text('x'), signal), /stop/);
    await assert.rejects(store.createAbsent('a.json', text('x'), signal), /stop/);
    await assert.rejects(store.createFile('a.json', signal), /stop/);
    await assert.rejects(store.createFolder('vm', signal), /stop/);
    assert.equal(await store.readFile('a.json', LIMIT, never), undefined);
  });
}
