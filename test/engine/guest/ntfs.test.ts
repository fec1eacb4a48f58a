import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { findPath } from '../../../src/engine/guest/files/find-path.ts';
import { inspectDisk } from '../../../src/engine/guest/inspect-disk.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { hashesOf, lines, noise, sampleTree, writeTree } from '../../support/guest/guest-tree.ts';
import { contents, diskFrom, filesOf, readGuest } from '../../support/guest/read-guest.ts';
import { peer } from '../../support/process/peers.ts';

const MIB = 2 ** 20;

async function formatted(
  t: TestContext,
  args: readonly string[],
  size: number,
): Promise<{ folder: string; image: string; ntfscat: string } | undefined> {
  const [mkfs, ntfscat] = [peer(t, 'mkfs.ntfs'), peer(t, 'ntfscat')];
  if (!mkfs || !ntfscat) return undefined;
  const folder = await temporaryFolder(t);
  const image = join(folder, 'image');
  writeFileSync(image, '');
  truncateSync(image, size);
  execFileSync(mkfs, ['-F', '-Q', '-q', '-L', 'Büro', ...args, image], { stdio: 'pipe' });
  return { folder, image, ntfscat };
}

const CLUSTERS = ['512', '4096', '65536'];
for (const cluster of CLUSTERS) {
  test(`files are as ntfscat reads them: clusters of ${cluster} bytes`, async (t) => {
    const [wimlib, made] = [
      peer(t, 'wimlib-imagex'),
      await formatted(t, ['-c', cluster], 32 * MIB),
    ];
    if (!wimlib || made === undefined) return;
    const { folder, image, ntfscat } = made;
    const source = join(folder, 'files');
    writeTree(source, sampleTree());
    symlinkSync('sub/numbers.txt', join(source, 'link'));
    const wim = join(folder, 'files.wim');
    execFileSync(wimlib, ['capture', source, wim, '--compress=none'], { stdio: 'pipe' });
    execFileSync(wimlib, ['apply', wim, '1', image], { stdio: 'pipe' });
    const disk = diskFrom(image);
    const volume = (await inspectDisk(disk, never)).partitions[0]?.volume;
    assert.deepEqual(
      [volume?.kind, volume?.name, volume?.label, volume?.blockSize, volume?.dirty],
      ['ntfs', 'NTFS 3.1', 'Büro', Number(cluster), false],
    );
    const { files, links } = await readGuest(await filesOf(disk));
    const expected = sampleTree();
    assert.deepEqual(hashesOf(files), hashesOf(expected));
    assert.deepEqual([...links], [['/link', 'sub\\numbers.txt']]);
    for (const path of expected.keys()) {
      if (path.startsWith('/many/')) continue;
      const env = { ...process.env, LC_ALL: 'C.UTF-8' };
      const typed = execFileSync(ntfscat, ['-f', image, path], { maxBuffer: 4 * MIB, env });
      assert.ok(files.get(path)?.equals(typed), path);
    }
  });
}

test('compressed files and streams are as ntfscat reads them', async (t) => {
  const [ntfscp, made] = [peer(t, 'ntfscp'), await formatted(t, ['-C'], 32 * MIB)];
  if (!ntfscp || made === undefined) return;
  const { folder, image, ntfscat } = made;
  const zeros = Buffer.alloc(200_000);
  const tree = new Map([
    ['numbers', lines(60_000)],
    ['noise', noise(300_001, 9)],
    ['mixed', Buffer.concat([lines(9000), zeros, noise(100_000, 1), zeros, lines(5000)])],
    ['zeros', zeros],
    ['tiny', Buffer.from('resident')],
  ]);
  for (const [name, bytes] of tree) {
    writeFileSync(join(folder, name), bytes);
    execFileSync(ntfscp, ['-q', image, join(folder, name), name], { stdio: 'pipe' });
  }
  execFileSync(ntfscp, ['-q', '-N', 'notes', image, join(folder, 'tiny'), 'numbers']);
  const files = await filesOf(diskFrom(image));
  for (const [name, bytes] of tree) {
    const { node } = await findPath(files, name, never);
    assert.ok((await contents(node)).equals(bytes), name);
    const typed = execFileSync(ntfscat, ['-f', image, name], { maxBuffer: 4 * MIB });
    assert.ok(typed.equals(bytes), name);
  }
  const { node, stream } = await findPath(files, '/numbers:notes', never);
  assert.deepEqual(node.notes, ['compressed']);
  assert.deepEqual(node.streams, [{ name: 'notes', size: 8 }]);
  assert.equal((await contents(node, stream)).toString(), 'resident');
});

test('a file with so many names that its record needs extension records is read', async (t) => {
  const [wimlib, made] = [peer(t, 'wimlib-imagex'), await formatted(t, [], 8 * MIB)];
  if (!wimlib || made === undefined) return;
  const { folder, image, ntfscat } = made;
  const [source, wim] = [join(folder, 'files'), join(folder, 'files.wim')];
  mkdirSync(source);
  writeFileSync(join(source, 'first'), lines(20_000));
  for (let i = 0; i < 80; i++) {
    linkSync(
      join(source, 'first'),
      join(source, `a further long name of the same file, number ${i}`),
    );
  }
  execFileSync(wimlib, ['capture', source, wim, '--compress=none'], { stdio: 'pipe' });
  execFileSync(wimlib, ['apply', wim, '1', image], { stdio: 'pipe' });
  const { files } = await readGuest(await filesOf(diskFrom(image)));
  assert.equal(files.size, 81);
  const typed = execFileSync(ntfscat, ['-f', image, 'first'], { maxBuffer: 4 * MIB });
  assert.ok(typed.equals(lines(20_000)));
  for (const [path, bytes] of files) assert.ok(bytes.equals(typed), path);
});

test('an encrypted file is refused in words', async (t) => {
  const [ntfscp, made] = [peer(t, 'ntfscp'), await formatted(t, [], 8 * MIB)];
  if (!ntfscp || made === undefined) return;
  const { folder, image } = made;
  writeFileSync(join(folder, 'secret'), noise(5000, 2));
  execFileSync(ntfscp, ['-q', image, join(folder, 'secret'), 'secret'], { stdio: 'pipe' });
  const bytes = readFileSync(image);
  const name = Buffer.from('secret', 'utf16le');
  const record = bytes.lastIndexOf(
    'FILE',
    bytes.indexOf(name, Number(bytes.readBigUInt64LE(48)) * 4096),
  );
  const standard = record + bytes.readUInt16LE(record + 20);
  const flags = standard + bytes.readUInt16LE(standard + 20) + 32;
  bytes.writeUInt32LE(0x4000, flags);
  writeFileSync(image, bytes);
  const { node } = await findPath(await filesOf(diskFrom(image)), 'secret', never);
  assert.deepEqual(node.notes, ['encrypted']);
  await assert.rejects(node.open(null, never), { code: 'guest.encrypted', message: /EFS/ });
});

test('a torn record is damage, and hides no other file', async (t) => {
  const [ntfscp, made] = [peer(t, 'ntfscp'), await formatted(t, [], 8 * MIB)];
  if (!ntfscp || made === undefined) return;
  const { folder, image } = made;
  mkdirSync(join(folder, 'files'));
  for (const name of ['first', 'second']) {
    writeFileSync(join(folder, name), noise(5000, 2));
    execFileSync(ntfscp, ['-q', image, join(folder, name), name], { stdio: 'pipe' });
  }
  const bytes = readFileSync(image);
  const mft = Number(bytes.readBigUInt64LE(48)) * 4096;
  const at = bytes.indexOf(Buffer.from('first', 'utf16le'), mft);
  const end = bytes.lastIndexOf('FILE', at) + 510;
  bytes.writeUInt8(bytes.readUInt8(end) ^ 0xff, end);
  writeFileSync(image, bytes);
  const files = await filesOf(diskFrom(image));
  await assert.rejects(findPath(files, 'first', never), { code: 'guest.damaged', message: /torn/ });
  const { node } = await findPath(files, 'second', never);
  assert.equal((await contents(node)).length, 5000);
});
