import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { inspectDisk } from '../../../src/engine/guest/inspect-disk.ts';
import { openDisk } from '../../../src/engine/disk/chain/open-disk.ts';
import { expectations, unpack } from '../../support/disk/corpus-images.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { hashesOf, sampleTree, writeOddities, writeTree } from '../../support/guest/guest-tree.ts';
import { diskFrom, diskOf, filesOf, readGuest } from '../../support/guest/read-guest.ts';
import { peer } from '../../support/process/peers.ts';

/** What `debugfs` reads of each file of an image. */
function byDebugfs(
  debugfs: string,
  image: string,
  folder: string,
  paths: readonly string[],
): Map<string, Buffer> {
  const out = join(folder, 'dumped');
  mkdirSync(out, { recursive: true });
  const script = paths.map((path, i) => `dump "${path}" ${join(out, String(i))}`).join('\n');
  writeFileSync(join(folder, 'script'), `${script}\n`);
  execFileSync(debugfs, ['-f', join(folder, 'script'), image], { stdio: 'pipe' });
  return new Map(paths.map((path, i) => [path, readFileSync(join(out, String(i)))]));
}

/** Kinds of ext, and what each proves. */
const KINDS: Readonly<Record<string, { args: readonly string[]; name: string }>> = {
  'ext2 with blocks of 1 KiB: block maps with double indirection': {
    args: ['-t', 'ext2', '-b', '1024'],
    name: 'ext2',
  },
  'ext3 with wide inodes': { args: ['-t', 'ext3', '-b', '4096', '-I', '256'], name: 'ext3' },
  'ext4 as it is made today': { args: ['-t', 'ext4'], name: 'ext4' },
  'ext4 with data in inodes, meta groups and without extents for a part': {
    args: ['-t', 'ext4', '-b', '1024', '-O', 'inline_data,meta_bg,^resize_inode', '-g', '1024'],
    name: 'ext4',
  },
  'ext4 with blocks of 64 KiB': { args: ['-t', 'ext4', '-b', '65536', '-F'], name: 'ext4' },
  'ext4 without 64-bit fields': {
    args: ['-t', 'ext4', '-O', '^64bit,^metadata_csum'],
    name: 'ext4',
  },
};

for (const [what, { args, name }] of Object.entries(KINDS)) {
  test(`files are as debugfs reads them: ${what}`, async (t) => {
    const [mke2fs, debugfs] = [peer(t, 'mke2fs'), peer(t, 'debugfs')];
    if (!mke2fs || !debugfs) return;
    const { folder, image } = await made(t, mke2fs, args);
    const disk = diskFrom(image);
    const { partitions } = await inspectDisk(disk, never);
    const [whole] = partitions;
    assert.equal(whole?.number, 0);
    const { kind, label, id, size, dirty } = whole?.volume ?? {};
    assert.deepEqual(
      { kind, label, id, size, dirty },
      { kind: name, label: 'Büro', id: UUID, size: disk.size, dirty: false },
    );
    const { files, links } = await readGuest(await filesOf(disk));
    const expected = new Map([...sampleTree(), ...SPARSE]);
    assert.deepEqual(hashesOf(files), hashesOf(expected));
    assert.equal(links.get('/short-link'), 'sub/numbers.txt');
    assert.equal(links.get('/long-link'), `sub/${'../sub/'.repeat(20)}numbers.txt`);
    const some = [...expected.keys()].filter((path) => !path.startsWith('/many'));
    const dumped = byDebugfs(debugfs, image, folder, some);
    for (const [path, bytes] of dumped) {
      // debugfs dumps 60 bytes of a file whose data lies in its inode, however short it is.
      const length = expected.get(path)?.length;
      assert.ok(files.get(path)?.equals(bytes.subarray(0, length)), path);
    }
  });
}

const UUID = '0f5a1b6e-1c1c-4a53-9d35-2a7b7cf2b001';
const SPARSE = new Map([
  ['/sparse.bin', Buffer.concat([Buffer.alloc(3 * 2 ** 20), Buffer.from('end')])],
]);

async function made(
  t: TestContext,
  mke2fs: string,
  args: readonly string[],
): Promise<{ folder: string; image: string }> {
  const folder = await temporaryFolder(t);
  const [source, image] = [join(folder, 'files'), join(folder, 'image')];
  writeTree(source, sampleTree());
  writeOddities(source);
  const all = ['-q', '-L', 'Büro', '-U', UUID, ...args, '-d', source, image, '32M'];
  execFileSync(mke2fs, all, { stdio: 'pipe' });
  return { folder, image };
}

test('a folder with a hash tree is read whole', async (t) => {
  const [mke2fs, e2fsck] = [peer(t, 'mke2fs'), peer(t, 'e2fsck')];
  if (!mke2fs || !e2fsck) return;
  const { image } = await made(t, mke2fs, ['-t', 'ext4', '-b', '1024']);
  try {
    execFileSync(e2fsck, ['-fyD', image], { stdio: 'pipe' });
  } catch {
    // Exit status 1: it changed the folders, as asked.
  }
  const { files } = await readGuest(await filesOf(diskFrom(image)));
  const many = [...files.keys()].filter((path) => path.startsWith('/many/'));
  assert.equal(many.length, 300);
});

test('a volume that is not clean is called dirty', async (t) => {
  const [mke2fs, debugfs] = [peer(t, 'mke2fs'), peer(t, 'debugfs')];
  if (!mke2fs || !debugfs) return;
  const { image } = await made(t, mke2fs, ['-t', 'ext4']);
  execFileSync(debugfs, ['-w', '-R', 'ssv state 0', image], { stdio: 'pipe' });
  const { partitions } = await inspectDisk(diskFrom(image), never);
  assert.equal(partitions[0]?.volume?.dirty, true);
});

test('names that are not UTF-8 stay apart', async (t) => {
  const mke2fs = peer(t, 'mke2fs');
  if (!mke2fs) return;
  const folder = await temporaryFolder(t);
  mkdirSync(join(folder, 'files'));
  for (const byte of [0xe4, 0xf6]) {
    const path = Buffer.concat([
      Buffer.from(`${join(folder, 'files')}/`),
      Buffer.from([0x61, byte]),
    ]);
    writeFileSync(path, String(byte));
  }
  const image = join(folder, 'image');
  execFileSync(mke2fs, ['-q', '-t', 'ext4', '-d', join(folder, 'files'), image, '8M']);
  const { files } = await readGuest(await filesOf(diskFrom(image)));
  const names = [...files.keys()].filter((path) => path.startsWith('/a')).sort();
  assert.deepEqual(names, ['/a\udce4', '/a\udcf6']);
  assert.equal(files.get('/a\udcf6')?.toString(), '246');
});

test('the ext2 image of the corpus is read as debugfs reads it', async (t) => {
  const [images, debugfs] = [await expectations(t), peer(t, 'debugfs')];
  const found = images?.all.find(([name]) => name === 'dfvfs-ext2.vhd');
  if (images === undefined || !debugfs || found === undefined) return;
  const { disk } = await openDisk(await unpack(images, ...found), {}, never);
  const bytes = Buffer.alloc(disk.size);
  await disk.read(0, bytes, never);
  await disk.close();
  const { files } = await readGuest(await filesOf(diskOf(bytes)));
  assert.ok(files.size >= 2, [...files.keys()].join(', '));
  const folder = await temporaryFolder(t);
  writeFileSync(join(folder, 'raw'), bytes);
  const dumped = byDebugfs(debugfs, join(folder, 'raw'), folder, [...files.keys()]);
  assert.deepEqual(hashesOf(files), hashesOf(dumped));
});
