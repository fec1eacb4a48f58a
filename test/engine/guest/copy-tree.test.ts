import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../src/engine/base/errors.ts';
import { noProgress } from '../../../src/engine/base/progress.ts';
import type { GuestFiles, GuestNode } from '../../../src/engine/guest/contract/guest-files.ts';
import { copyTree } from '../../../src/engine/guest/files/copy-tree.ts';
import { guestError } from '../../../src/engine/guest/bytes/guest-errors.ts';
import { HeldSource } from '../../../src/engine/source/held-source.ts';
import { machine } from '../../../src/engine/source/platform/file-environment.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';

const empty = { name: 'huge', read: async () => undefined, holes: () => () => undefined };
const facts = { modified: null, target: null, notes: [], streams: [] } as const;
let ids = 0;

function fileOf(text: string): GuestNode {
  const bytes = Buffer.from(text);
  return {
    ...facts,
    kind: 'file',
    id: String(ids++),
    size: bytes.length,
    entries: () => {
      throw new Error('a file has no entries');
    },
    open: async () => new HeldSource(bytes, 'file'),
  };
}

function folderOf(
  entries: () => Readonly<Record<string, GuestNode>>,
  id = String(ids++),
): GuestNode {
  return {
    ...facts,
    kind: 'folder',
    id,
    size: 0,
    async *entries() {
      for (const [name, node] of Object.entries(entries())) {
        yield { name, alias: null, node: async () => node };
      }
    },
    open: async () => {
      throw guestError('guest.notFile', 'a folder');
    },
  };
}

const filesOf = (root: GuestNode, windows = false): GuestFiles => ({
  windows,
  root: async () => root,
});

/** Everything below a folder. */
const below = (folder: string): string[] =>
  (readdirSync(folder, { recursive: true }) as string[])
    .map((path) => path.replaceAll('\\', '/'))
    .sort();

test('no name of a guest leads out of the folder', async (t) => {
  const folder = await temporaryFolder(t);
  const to = join(folder, 'to');
  mkdirSync(to);
  const names = [
    '..',
    '../up',
    '..\\up',
    '/etc',
    'C:\\x',
    'con',
    'a\0b',
    'dot.',
    '\u202egpj.exe',
    'n\nl',
  ];
  const root = folderOf(() => Object.fromEntries(names.map((name) => [name, fileOf(name)])));
  const copied = await copyTree(filesOf(root), ['/'], to, noProgress, never);
  assert.deepEqual(readdirSync(folder), ['to']);
  assert.ok(
    below(to).every((name) => !/[/\\:\0\n]|^\.\.|\.$/.test(name)),
    below(to).join(' '),
  );
  assert.equal(copied.files + copied.skippedCount, names.length);
  assert.ok(copied.renamed.length >= 8);
  const texts = below(to).map((name) => readFileSync(join(to, name), 'utf8'));
  assert.equal(new Set(texts).size, copied.files, 'none was written over another');
});

test('a folder that contains itself ends, and hides no other file', async (t) => {
  const to = await temporaryFolder(t);
  const loop: GuestNode = folderOf(() => ({ again: loop, file: fileOf('x') }), 'loop');
  const copied = await copyTree(filesOf(folderOf(() => ({ loop }))), ['/'], to, noProgress, never);
  assert.deepEqual(below(to), ['loop', 'loop/file']);
  assert.deepEqual(
    copied.skipped.map(({ path, code }) => [path, code]),
    [['/loop/again', 'guest.damaged']],
  );
});

test('what exists is not replaced, and what cannot be read is named', async (t) => {
  const to = await temporaryFolder(t);
  writeFileSync(join(to, 'taken'), 'mine');
  mkdirSync(join(to, 'folder'));
  const secret = {
    ...fileOf(''),
    open: async () => {
      throw guestError('guest.encrypted', 'encrypted');
    },
  };
  const root = folderOf(() => ({
    taken: fileOf('theirs'),
    folder: folderOf(() => ({ inner: fileOf('x') })),
    secret,
    huge: { ...fileOf(''), open: async () => ({ ...empty, size: 2 ** 52 }) },
    link: { ...fileOf(''), kind: 'link' as const, target: '/etc/passwd' },
    good: fileOf('good'),
  }));
  const copied = await copyTree(filesOf(root), ['/'], to, noProgress, never);
  assert.equal(readFileSync(join(to, 'taken'), 'utf8'), 'mine');
  assert.deepEqual(below(to), ['folder', 'good', 'taken']);
  assert.deepEqual(
    copied.skipped.map(({ path, code }) => [path, code]),
    [
      ['/folder', 'source.exists'],
      ['/huge', 'guest.limit'],
      ['/link', 'guest.unsupported'],
      ['/secret', 'guest.encrypted'],
      ['/taken', 'source.exists'],
    ],
  );
});

test('a path that is not there fails before anything is copied', async (t) => {
  const to = await temporaryFolder(t);
  const root = folderOf(() => ({ good: fileOf('good') }));
  await assert.rejects(copyTree(filesOf(root), ['/good', '/bad'], to, noProgress, never), {
    code: 'guest.notFound',
  });
  assert.deepEqual(below(to), []);
});

test('files that do not fit are refused before anything is written, holes not counted', async (t) => {
  const to = await temporaryFolder(t);
  const free = 8192;
  t.mock.method(machine.files, 'statfs', async () => ({ bavail: free, bsize: 1 }));
  const hollow = { ...empty, size: 2 ** 30 };
  const sparse = { ...fileOf(''), size: 2 ** 30, open: async () => hollow };
  const loop: GuestNode = folderOf(() => ({ again: loop, small: fileOf('x') }), 'loop');
  // A folder and a file take a cluster each; the root is there already.
  const fits = filesOf(folderOf(() => ({ loop, sparse })));
  const { files } = await copyTree(fits, ['/'], to, noProgress, never);
  assert.deepEqual([files, below(to)], [2, ['loop', 'loop/small', 'sparse']]);
  const large = filesOf(folderOf(() => ({ a: fileOf('a'.repeat(5000)), b: fileOf('b') })));
  await assert.rejects(copyTree(large, ['/a', '/b'], to, noProgress, never), (error) => {
    assert.ok(isEngineError(error, 'guest.space'), String(error));
    assert.deepEqual(error.data, { path: to, free, needed: 12_288 });
    assert.match(error.message, /12288 bytes/);
    return true;
  });
  assert.ok(!below(to).includes('a'));
});

test('a missing folder is made with those above it; a file in its place is named', async (t) => {
  const folder = await temporaryFolder(t);
  const to = join(folder, 'new', 'to');
  const root = folderOf(() => ({ a: fileOf('text') }));
  await copyTree(filesOf(root), ['/'], to, noProgress, never);
  assert.equal(readFileSync(join(to, 'a'), 'utf8'), 'text');
  await assert.rejects(
    copyTree(filesOf(root), ['/'], join(to, 'a'), noProgress, never),
    (error) => {
      assert.ok(isEngineError(error, 'source.notFolder'), String(error));
      return true;
    },
  );
  assert.equal(readFileSync(join(to, 'a'), 'utf8'), 'text');
});
