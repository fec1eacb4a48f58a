import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { findPath } from '../../../src/engine/guest/files/find-path.ts';
import { inspectDisk } from '../../../src/engine/guest/inspect-disk.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { hashesOf, noise, sampleTree, writeTree } from '../../support/guest/guest-tree.ts';
import { contents, diskFrom, filesOf, readGuest } from '../../support/guest/read-guest.ts';
import { peer } from '../../support/process/peers.ts';

const MIB = 2 ** 20;

/** mtools stores names of characters outside of the basic plane as two underscores. */
function fatTree(): Map<string, Buffer> {
  const tree = sampleTree();
  tree.delete('/sub/deep/Grüße aus München 🎉.txt');
  tree.set('/sub/deep/Grüße aus München.txt', Buffer.from('Servus'));
  tree.set('/UPPER.TXT', Buffer.from('short name'));
  tree.set('/sub/Mixed.Case.Name', noise(12_345, 3));
  return tree;
}

async function made(
  t: TestContext,
  args: readonly string[],
  size: number,
): Promise<{ image: string; mtype: string } | undefined> {
  const [mkfs, mcopy, mtype] = [peer(t, 'mkfs.vfat'), peer(t, 'mcopy'), peer(t, 'mtype')];
  if (!mkfs || !mcopy || !mtype) return undefined;
  const folder = await temporaryFolder(t);
  const [source, image] = [join(folder, 'files'), join(folder, 'image')];
  writeTree(source, fatTree());
  writeFileSync(image, '');
  truncateSync(image, size);
  execFileSync(mkfs, ['-n', 'LABEL', '-i', '1234abcd', ...args, image], { stdio: 'pipe' });
  const tops = readdirSync(source).map((name) => join(source, name));
  const env = { ...process.env, MTOOLS_SKIP_CHECK: '1', LC_ALL: 'C.UTF-8' };
  execFileSync(mcopy, ['-s', '-Q', '-i', image, ...tops, '::/'], { stdio: 'pipe', env });
  return { image, mtype };
}

/** Kinds of FAT. A FAT32 of few clusters is invalid, so that one is larger. */
const KINDS = {
  fat12: { args: ['-F', '12', '-s', '8'], size: 8 * MIB },
  fat16: { args: ['-F', '16', '-s', '2'], size: 16 * MIB },
  fat32: { args: ['-F', '32', '-s', '1'], size: 40 * MIB },
} as const;

for (const [kind, { args, size }] of Object.entries(KINDS)) {
  test(`files are as mtype reads them: ${kind}`, async (t) => {
    const { image, mtype } = (await made(t, args, size)) ?? {};
    if (image === undefined || mtype === undefined) return;
    const disk = diskFrom(image);
    const { table, partitions } = await inspectDisk(disk, never);
    assert.equal(table, null);
    const volume = partitions[0]?.volume;
    assert.deepEqual(
      [volume?.kind, volume?.label, volume?.id, volume?.dirty],
      [kind, 'LABEL', '1234-ABCD', false],
    );
    const { files } = await readGuest(await filesOf(disk));
    const expected = fatTree();
    assert.deepEqual(hashesOf(files), hashesOf(expected));
    const env = { ...process.env, MTOOLS_SKIP_CHECK: '1', LC_ALL: 'C.UTF-8' };
    for (const path of expected.keys()) {
      if (path.startsWith('/many/') || path === '/empty') continue;
      const typed = execFileSync(mtype, ['-i', image, `::${path}`], { env, maxBuffer: 4 * MIB });
      assert.ok(files.get(path)?.equals(typed), path);
    }
  });
}

test('a path names a file in any case, by its short name, and with either separator', async (t) => {
  const { image } = (await made(t, KINDS.fat16.args, KINDS.fat16.size)) ?? {};
  if (image === undefined) return;
  const files = await filesOf(diskFrom(image));
  for (const path of ['/SUB/mixed.case.name', '\\sub\\Mixed.Case.Name', 'sub/MIXEDC~1.NAM']) {
    const { node, path: found } = await findPath(files, path, never);
    assert.equal(found, '/sub/Mixed.Case.Name');
    assert.ok((await contents(node)).equals(noise(12_345, 3)), path);
  }
  await assert.rejects(findPath(files, '/sub/none', never), { code: 'guest.notFound' });
  await assert.rejects(findPath(files, '/UPPER.TXT/x', never), { code: 'guest.notFolder' });
});

test('a dirty volume is called dirty, as Windows and Linux mark it', async (t) => {
  const { image } = (await made(t, KINDS.fat32.args, KINDS.fat32.size)) ?? {};
  if (image === undefined) return;
  const bytes = readFileSync(image);
  const byLinux = Buffer.from(bytes);
  byLinux[65] = 1;
  const byWindows = Buffer.from(bytes);
  byWindows[32 * 512 + 7] = 0x07;
  for (const marked of [byLinux, byWindows]) {
    writeFileSync(image, marked);
    const { partitions } = await inspectDisk(diskFrom(image), never);
    assert.equal(partitions[0]?.volume?.dirty, true);
  }
});

test('a chain of clusters that leads to itself is refused', async (t) => {
  const { image } = (await made(t, KINDS.fat16.args, KINDS.fat16.size)) ?? {};
  if (image === undefined) return;
  const bytes = readFileSync(image);
  const start = bytes.readUInt16LE(14) * 512;
  for (let at = 4; at < bytes.readUInt16LE(22) * 512; at += 2) bytes.writeUInt16LE(2, start + at);
  writeFileSync(image, bytes);
  const files = await filesOf(diskFrom(image));
  const { node } = await findPath(files, '/sub', never);
  await assert.rejects(readGuest({ windows: true, root: async () => node }), {
    code: 'guest.damaged',
  });
});
