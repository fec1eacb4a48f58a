import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { newGuid } from '../../../../src/engine/base/guid.ts';
import { openDisk, type OpenedDisk } from '../../../../src/engine/disk/chain/open-disk.ts';
import { encodeFileIdentifier } from '../../../../src/engine/disk/vhdx/structures/file-identifier.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { VhdxEditor } from '../../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import { FileStorage } from '../../../../src/engine/source/files/file-storage.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { makeImage } from '../../../support/disk/small-image.ts';
import { NOT_IN_WINE } from '../../../support/process/all-cases.ts';
import { infoOf, mapOf } from '../../../support/disk/look-at-image.ts';

async function withDisk<T>(
  path: string,
  search: readonly string[],
  use: (opened: OpenedDisk) => T | Promise<T>,
): Promise<T> {
  const opened = await openDisk(path, { search }, never);
  try {
    return await use(opened);
  } finally {
    await opened.disk.close();
  }
}

/** The files of the chain, and the first byte that it reads. */
const found = (path: string, ...search: string[]): Promise<[readonly string[], number]> =>
  withDisk(path, search, async ({ disk, chain }) => {
    const byte = new Uint8Array(1);
    await disk.read(0, byte, never);
    return [chain, byte[0] as number];
  });

test('a parent is found by its relative path, through folders above and without regard to case', async (t) => {
  const folder = await temporaryFolder(t);
  const [child, base] = [join(folder, 'points', 'Child.avhdx'), join(folder, 'Base.vhdx')];
  const linkage = await makeImage(base, undefined, 7);
  await makeImage(child, { linkage, relativePath: '..\\BASE.VHDX' });
  assert.deepEqual(await found(child), [[child, base], 7]);
  // A decoy with the same name beside the child does not come first.
  await makeImage(join(folder, 'points', 'BASE.VHDX'), undefined, 8);
  assert.deepEqual(await found(child), [[child, base], 7]);
});

test('the folders of the search come first, in their order; without them the name beside the child is taken', async (t) => {
  const folder = await temporaryFolder(t);
  const child = join(folder, 'child.avhdx');
  const [one, two] = [join(folder, 'one'), join(folder, 'two')];
  const linkage = await makeImage(join(one, 'base.vhdx'), undefined, 7);
  await mkdir(two);
  const windows = 'C:\\ProgramData\\Virtual Hard Disks\\Base.vhdx';
  await makeImage(child, { linkage, relativePath: '..\\away\\base.vhdx', absolutePath: windows });
  await assert.rejects(found(child), {
    code: 'disk.parent.missing',
    userFixable: true,
    message: /names \.\.\\away\\base\.vhdx as its parent/,
  });
  assert.deepEqual(await found(child, two, one), [[child, join(one, 'base.vhdx')], 7]);
  await copyFile(join(one, 'base.vhdx'), join(two, 'BASE.vhdx'));
  // On a file system that ignores case the name is found as it is written there.
  assert.deepEqual(await found(child, two, one), [[child, join(two, 'BASE.vhdx')], 7]);
  await copyFile(join(one, 'base.vhdx'), join(folder, 'base.vhdx'));
  assert.deepEqual(await found(child, two, one), [[child, join(two, 'BASE.vhdx')], 7]);
  assert.deepEqual(await found(child), [[child, join(folder, 'base.vhdx')], 7]);
});

test('absolute paths, servers, drives and streams in an image are never followed', async (t) => {
  const folder = await temporaryFolder(t);
  const base = join(folder, 'elsewhere', 'base.vhdx');
  const linkage = await makeImage(base, undefined, 7);
  const child = join(folder, 'images', 'child.avhdx');
  const slashes = base.replaceAll('/', '\\');
  for (const path of [
    base,
    slashes,
    base.replaceAll('\\', '/'),
    `\\\\?\\${slashes}`,
    `\\\\localhost\\c$\\base.vhdx`,
    '//localhost/c$/base.vhdx',
    'C:base.vhdx',
    'child.avhdx:base.vhdx',
    '.',
    '..',
    '.\\',
    '..\\elsewhere',
    'base.vhdx\0',
  ]) {
    await makeImage(child, { linkage, relativePath: path, absolutePath: base });
    await assert.rejects(found(child), { code: 'disk.parent.missing' }, path);
    await rm(child);
  }
});

test('a child that has the name of its parent does not find itself', async (t) => {
  const folder = await temporaryFolder(t);
  const base = join(folder, 'full', 'disk.vhdx');
  const child = join(folder, 'increment', 'disk.vhdx');
  const linkage = await makeImage(base, undefined, 7);
  await makeImage(child, { linkage, relativePath: '..\\gone\\disk.vhdx' });
  await assert.rejects(found(child), { code: 'disk.parent.missing' });
  assert.deepEqual(await found(child, dirname(child), dirname(base)), [[child, base], 7]);
});

test('chains that lead back to themselves are refused', async (t) => {
  const folder = await temporaryFolder(t);
  const [self, a, b] = ['self.vhdx', 'a.vhdx', 'b.vhdx'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const linkage = newGuid();
  await makeImage(self, { linkage, relativePath: '.\\self.vhdx' }, undefined, linkage);
  await makeImage(a, { linkage, relativePath: '.\\b.vhdx' }, undefined, linkage);
  await assert.rejects(found(self), { code: 'disk.chain.cycle' });
  await makeImage(b, { linkage, relativePath: '.\\A.vhdx' }, undefined, linkage);
  await assert.rejects(found(a), { code: 'disk.chain.cycle', damage: true });
  await assert.rejects(found(b), { code: 'disk.chain.cycle' });
});

test('a parent that was written to since is refused by name', async (t) => {
  const folder = await temporaryFolder(t);
  const [child, base] = [join(folder, 'child.avhdx'), join(folder, 'base.vhdx')];
  const linkage = await makeImage(base);
  await makeImage(child, { linkage, relativePath: '.\\base.vhdx' });
  await found(child);
  const storage = await FileStorage.open(base, {}, never);
  const editor = await VhdxEditor.open(storage, never);
  await editor.write(0, new Uint8Array(512).fill(1), never);
  await editor.close();
  await storage.close();
  await assert.rejects(found(child), {
    code: 'disk.parent.mismatch',
    damage: true,
    message: /base\.vhdx has data-write GUID/,
  });
});

test('a damaged file in the middle of a chain is named, and every file is closed', async (t) => {
  const folder = await temporaryFolder(t);
  const path = (name: string): string => join(folder, name);
  const base = await makeImage(path('base.vhdx'));
  const middle = await makeImage(path('middle.avhdx'), {
    linkage: base,
    relativePath: '.\\base.vhdx',
  });
  await makeImage(path('top.avhdx'), { linkage: middle, relativePath: '.\\middle.avhdx' });
  const storage = await FileStorage.open(path('base.vhdx'), {}, never);
  await storage.write(0x10000, new Uint8Array(0x20000), never);
  await storage.close();
  await assert.rejects(found(path('top.avhdx')), (error: Error & { data?: unknown }) => {
    assert.match(error.message, /base\.vhdx: neither VHDX header is valid/);
    assert.equal((error.data as { path: string }).path, path('base.vhdx'));
    return true;
  });
  await writeFile(path('base.vhdx'), 'no image at all');
  await assert.rejects(found(path('top.avhdx')), { code: 'disk.format' });
  // Windows refuses to rename a file that is open.
  for (const name of await readdir(folder)) await rename(path(name), path(`${name}.moved`));
});

test('chains are followed to 256 files and no further', NOT_IN_WINE, async (t) => {
  const folder = await temporaryFolder(t);
  const path = (i: number): string => join(folder, `${i}.vhdx`);
  let linkage = await makeImage(path(0), undefined, 7);
  for (let i = 1; i <= 256; i++) {
    linkage = await makeImage(path(i), { linkage, relativePath: `.\\${i - 1}.vhdx` });
  }
  const [chain, byte] = await found(path(255));
  assert.deepEqual([chain.length, byte], [256, 7]);
  const map = await mapOf(path(255));
  assert.deepEqual(map, [
    {
      start: 0,
      length: MIB,
      depth: 255,
      present: true,
      zero: false,
      data: true,
      offset: 4 * MIB,
      filename: path(0),
    },
    { start: MIB, length: 3 * MIB, depth: 255, present: false, zero: true, data: false },
  ]);
  await assert.rejects(found(path(256)), { code: 'disk.chain.depth', permanent: true });
});

test('info tells of the chain and of what the image says about its parent', async (t) => {
  const folder = await temporaryFolder(t);
  const [child, base] = [join(folder, 'child.avhdx'), join(folder, 'base.vhdx')];
  const linkage = await makeImage(base, undefined, 7);
  const absolutePath = 'D:\\VMs\\base.vhdx';
  await makeImage(child, { linkage, relativePath: '.\\base.vhdx', absolutePath }, 9);
  const info = await infoOf(child);
  assert.deepEqual(info.chain, [child, base]);
  assert.deepEqual(info.parent, {
    linkage,
    linkage2: null,
    relativePath: '.\\base.vhdx',
    absolutePath,
    volumePath: null,
    resolvedPath: base,
  });
  assert.equal(info.subformat, 'differencing');
  assert.deepEqual([info.allocatedBytes, info.virtualSize], [MIB, 4 * MIB]);
  assert.deepEqual([info.findings, info.lost, info.lostBytes], [[], [], 0]);
});

test('contents decide what a file is; a name that promises a VHDX over something else is refused', async (t) => {
  const folder = await temporaryFolder(t);
  const file = async (name: string, bytes: Uint8Array): Promise<string> => {
    await writeFile(join(folder, name), bytes);
    return join(folder, name);
  };
  const text = (value: string, size = 4096): Uint8Array => {
    const bytes = new Uint8Array(size);
    bytes.set(Buffer.from(value, 'latin1'));
    return bytes;
  };
  const footer = new Uint8Array(8192);
  footer.set(new TextEncoder().encode('conectix'), 8192 - 512);
  const footer511 = new Uint8Array(8192 + 511);
  footer511.set(new TextEncoder().encode('conectix'), 8192);
  const refused: [string, Uint8Array, string][] = [
    ['fixed511.img', footer511, 'vhd.footer.checksum'],
    ['fixed511.vhd', footer511, 'vhd.footer.checksum'],
    ['empty.vhdx', new Uint8Array(0), 'disk.format'],
    ['short.vhdx', text('vhdx', 4), 'disk.format'],
    ['raw.VHDX', text('raw \x1b[31m'), 'disk.format'],
    ['raw.avhdx', text('raw'), 'disk.format'],
    ['raw.vhd', text('raw'), 'disk.format'],
    ['dynamic.img', text('conectix'), 'vhd.footer.checksum'],
    ['fixed.raw', footer, 'vhd.footer.checksum'],
    ['set.vhds', text('vhdsetv1'), 'vhds.header'],
    ['set.vhdx', text('vhdsetv1'), 'vhds.header'],
    ['a.qcow2', text('QFI\xfb\0\0\0\x01'), 'qcow2.version'],
    ['a.qed', text('QED\0'), 'disk.unsupported'],
    ['a.vmdk', text('KDMV\x01'), 'disk.unsupported'],
    ['text.vmdk', text('# Disk DescriptorFile\n'), 'disk.unsupported'],
    ['a.vdi', text(`<<< a VDI >>>\n${'\0'.repeat(50)}\x7f\x10\xda\xbe`), 'disk.unsupported'],
    ['cut.img', encodeFileIdentifier({ creator: 'x' }).subarray(0, 600), 'vhdx.truncated'],
  ];
  for (const [name, bytes, code] of refused) {
    const path = await file(name, bytes);
    await assert.rejects(openDisk(path, {}, never), (error: Error & { code?: string }) => {
      assert.equal(error.code, code, name);
      assert.ok(error.message.includes(name) && !error.message.includes('\x1b'));
      return true;
    });
  }
  const vhd = openDisk(join(folder, 'raw.vhd'), {}, never);
  await assert.rejects(vhd, {
    message: /“conectix” was expected in the last 512 bytes of a \.vhd/,
  });
  for (const [name, bytes] of [
    ['empty.img', new Uint8Array(0)],
    ['tiny.img', new Uint8Array(3)],
    ['disk.raw', text('raw')],
  ] as const) {
    const { format, disk, layers } = await openDisk(await file(name, bytes), {}, never);
    assert.deepEqual([format, layers.length], ['raw', 1]);
    assert.equal(disk.size, Math.ceil(bytes.length / 512) * 512);
    await disk.close();
  }
  // Asked for by name, anything is a raw image.
  const forced = await openDisk(join(folder, 'fixed.raw'), { format: 'raw' }, never);
  assert.equal(forced.disk.size, 8192);
  assert.equal((await infoOf(join(folder, 'fixed.raw'), { format: 'raw' })).subformat, null);
  await forced.disk.close();
  const wrong = openDisk(join(folder, 'disk.raw'), { format: 'vhdx' }, never);
  await assert.rejects(wrong, { code: 'vhdx.signature' });
  await assert.rejects(openDisk(folder, {}, never), { code: 'source.notFile' });
  await assert.rejects(openDisk(join(folder, 'none'), {}, never), { code: 'source.notFound' });
});
