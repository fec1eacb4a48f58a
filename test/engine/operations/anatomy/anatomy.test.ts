import assert from 'node:assert/strict';
import { symlink, writeFile, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { AnatomyInfo } from '../../../../src/engine/api/anatomy.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { newGuid, type Guid } from '../../../../src/engine/base/guid.ts';
import { createVhdx } from '../../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import type { NewImageParent } from '../../../../src/engine/disk/vhdx/structures/image/image-head.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { Anatomies } from '../../../../src/engine/operations/anatomy/anatomies.ts';
import { FileStorage } from '../../../../src/engine/source/files/file-storage.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

async function image(path: string, parent?: NewImageParent): Promise<Guid> {
  const storage = await FileStorage.open(path, { create: true }, never);
  const size = 8 * MIB;
  const { dataWriteGuid } = await createVhdx(
    storage,
    { size, blockSize: MIB, ...(parent === undefined ? {} : { parent }) },
    never,
  );
  await storage.close();
  return dataWriteGuid;
}

async function opened(
  t: TestContext,
  path: string,
  followParents = true,
): Promise<{ info: AnatomyInfo; anatomies: Anatomies }> {
  const anatomies = new Anatomies();
  afterwards(t, () => anatomies.closeAll());
  return { info: await anatomies.open({ path, followParents }, never), anatomies };
}

const codes = ({ findings }: AnatomyInfo): readonly string[] => findings.map(({ code }) => code);

test('bytes and blocks are answered, and numbers out of bounds are refused by name', async (t) => {
  const path = join(await temporaryFolder(t), 'disk.vhdx');
  await image(path);
  const { info, anatomies } = await opened(t, path);
  const { anatomyId, fileSize } = info;
  const head = await anatomies.bytes({ anatomyId, offset: 0, length: 8 }, never);
  assert.equal(Buffer.from(head.bytes, 'base64').toString(), 'vhdxfile');
  const tail = await anatomies.bytes({ anatomyId, offset: fileSize - 3, length: 65_536 }, never);
  assert.equal(Buffer.from(tail.bytes, 'base64').length, 3);
  const behind = await anatomies.bytes({ anatomyId, offset: fileSize, length: 16 }, never);
  assert.equal(behind.bytes, '');
  const states = await anatomies.blocks({ anatomyId, from: 0, perCell: 1, count: 100 }, never);
  assert.deepEqual([...Buffer.from(states.states, 'base64')], [3, 3, 3, 3, 3, 3, 3, 3]);
  assert.deepEqual([...Buffer.from(states.held, 'base64')], [0, 0, 0, 0, 0, 0, 0, 0]);
  for (const [name, value] of [
    ['offset', -1],
    ['offset', fileSize + 1],
    ['offset', 0.5],
    ['offset', Number.NaN],
    ['length', 0],
    ['length', 65_537],
    ['length', 'x' as unknown as number],
  ] as const) {
    await assert.rejects(
      anatomies.bytes({ anatomyId, offset: 0, length: 16, [name]: value }, never),
      (error) => isEngineError(error, 'anatomy.request') && error.data['name'] === name,
    );
  }
  for (const [name, value] of [
    ['from', -1],
    ['from', 9],
    ['perCell', 0],
    ['perCell', 2 ** 40],
    ['count', 0],
    ['count', 16_385],
    ['count', undefined as unknown as number],
  ] as const) {
    await assert.rejects(
      anatomies.blocks({ anatomyId, from: 0, perCell: 1, count: 1, [name]: value }, never),
      (error) => isEngineError(error, 'anatomy.request') && error.data['name'] === name,
    );
  }
  await anatomies.close(anatomyId);
  await anatomies.close(anatomyId);
  await assert.rejects(anatomies.bytes({ anatomyId, offset: 0, length: 1 }, never), (error) =>
    isEngineError(error, 'anatomy.notOpen'),
  );
});

test('a ninth file closes the one that was asked longest ago', async (t) => {
  const path = join(await temporaryFolder(t), 'disk.vhdx');
  await image(path);
  const anatomies = new Anatomies();
  afterwards(t, () => anatomies.closeAll());
  const ids: string[] = [];
  for (let i = 0; i < 8; i++) {
    ids.push((await anatomies.open({ path, followParents: false }, never)).anatomyId);
  }
  const [first = '', second = ''] = ids;
  await anatomies.bytes({ anatomyId: first, offset: 0, length: 1 }, never);
  await anatomies.open({ path, followParents: false }, never);
  await anatomies.bytes({ anatomyId: first, offset: 0, length: 1 }, never);
  await assert.rejects(
    anatomies.bytes({ anatomyId: second, offset: 0, length: 1 }, never),
    (error) => isEngineError(error, 'anatomy.notOpen'),
  );
});

test('a parent inside the folder is found without regard to case, and must be the right one', async (t) => {
  const folder = await temporaryFolder(t);
  const linkage = await image(join(folder, 'Base.VHDX'));
  const child = join(folder, 'child.avhdx');
  const parent = { linkage, relativePath: '.\\base.vhdx', absolutePath: 'C:\\vm\\base.vhdx' };
  await image(child, parent);
  const { info } = await opened(t, child);
  assert.deepEqual(info.parents, [
    {
      key: 'relative_path',
      text: '.\\base.vhdx',
      place: 'beside',
      found: join(folder, 'Base.VHDX'),
    },
    { key: 'absolute_win32_path', text: 'C:\\vm\\base.vhdx', place: 'elsewhere', found: null },
  ]);
  assert.ok(!codes(info).some((code) => code.startsWith('disk.parent')));
  const untrusted = await opened(t, child, false);
  assert.equal(untrusted.info.parents[0]?.found, null);

  await image(join(folder, 'other.vhdx'));
  await rename(join(folder, 'other.vhdx'), join(folder, 'Base.VHDX'));
  assert.ok(codes((await opened(t, child)).info).includes('disk.parent.mismatch'));
  await rename(join(folder, 'Base.VHDX'), join(folder, 'gone.vhdx'));
  const missing = (await opened(t, child)).info.findings.find(
    ({ code }) => code === 'disk.parent.missing',
  );
  assert.ok(missing !== undefined && missing.offset !== null && missing.offset >= 2 * MIB);
  await writeFile(join(folder, 'base.vhdx'), 'not a disk');
  assert.ok(codes((await opened(t, child)).info).includes('vhdx.signature'));
});

test('a parent outside the folder, or behind a link, is never looked for', async (t) => {
  const folder = await temporaryFolder(t);
  const own = join(folder, 'own');
  await mkdir(own);
  const linkage = await image(join(folder, 'base.vhdx'));
  await symlink(folder, join(own, 'way'));
  await symlink(join(folder, 'base.vhdx'), join(own, 'link.vhdx'));
  for (const [i, [relativePath, place]] of (
    [
      ['..\\base.vhdx', 'elsewhere'],
      ['.\\way\\..\\..\\base.vhdx', 'elsewhere'],
      [join(folder, 'base.vhdx'), 'elsewhere'],
      ['\\\\server\\share\\base.vhdx', 'remote'],
      ['//server/share/base.vhdx', 'remote'],
      ['.\\way\\base.vhdx', 'beside'],
      ['link.vhdx', 'beside'],
      ['child7.avhdx', 'beside'],
    ] as const
  ).entries()) {
    const child = join(own, `child${i}.avhdx`);
    await image(child, { linkage, relativePath });
    const { info } = await opened(t, child);
    assert.equal(info.parents[0]?.place, place, relativePath);
    assert.equal(info.parents[0]?.found, null, relativePath);
  }
});

test('files that are no VHDX are told by what they are', async (t) => {
  const folder = await temporaryFolder(t);
  const write = async (name: string, bytes: Uint8Array | string): Promise<AnatomyInfo> => {
    await writeFile(join(folder, name), bytes);
    return (await opened(t, join(folder, name))).info;
  };
  const source = await write('adder.vhd', 'entity adder is port (a, b : in bit);\n'.repeat(40));
  assert.equal(source.format, 'raw');
  assert.ok(codes(source).includes('anatomy.notVhd'));
  assert.ok(codes(await write('a.vhdx', 'x')).includes('anatomy.notVhdx'));
  assert.ok(codes(await write('empty.vhdx', '')).includes('anatomy.notVhdx'));
  assert.ok(codes(await write('a.vhds', 'x'.repeat(600))).includes('anatomy.notVhdSet'));
  const raw = await write('disk.img', Buffer.alloc(4096));
  assert.deepEqual([raw.format, codes(raw), raw.virtualSize], ['raw', [], 4096]);
  const set = await write('set.vhds', Buffer.from(`vhdsetv1${'\0'.repeat(70_000)}`));
  assert.deepEqual(
    [set.format, codes(set)],
    ['vhds', ['vhds.header.signature', 'vhds.header.signature', 'anatomy.vhdSet']],
  );
  await assert.rejects(opened(t, join(folder, 'nowhere.vhdx')), (error) =>
    isEngineError(error, 'source.notFound'),
  );
  await assert.rejects(opened(t, folder), (error) => isEngineError(error, 'source.notFile'));
});

/** A fixed VHD of a mebibyte. */
function vhd(): Buffer {
  const bytes = Buffer.alloc(MIB + 512);
  const footer = bytes.subarray(MIB);
  footer.write('conectix', 0);
  footer.writeUInt32BE(2, 8);
  footer.writeUInt32BE(0x10000, 12);
  footer.fill(0xff, 16, 24);
  footer.write('win ', 28);
  footer.writeBigUInt64BE(BigInt(MIB), 40);
  footer.writeBigUInt64BE(BigInt(MIB), 48);
  footer.writeUInt32BE(2, 60);
  footer.writeUInt32BE(~footer.reduce((sum, byte) => sum + byte, 0) >>> 0, 64);
  return bytes;
}

test('the footer of a VHD is decoded, and each changed byte of it found', async (t) => {
  const path = join(await temporaryFolder(t), 'disk.vhd');
  await writeFile(path, vhd());
  const { info } = await opened(t, path);
  assert.deepEqual([info.format, info.subformat, info.virtualSize], ['vhd', 'fixed', MIB]);
  assert.deepEqual(info.findings, []);
  const type = info.tree[0]?.children.find(({ label }) => label === 'DiskType');
  assert.deepEqual([type?.offset, type?.value], [MIB + 60, '2: fixed']);
  for (let at = 8; at < 512; at += 7) {
    const bytes = vhd();
    bytes[MIB + at] = (bytes[MIB + at] ?? 0) ^ 0x55;
    await writeFile(path, bytes);
    const damaged = (await opened(t, path)).info;
    assert.ok(
      damaged.findings.some(
        ({ code, offset }) => code === 'vhd.footer.checksum' && offset === MIB + 64,
      ),
      `byte ${at}`,
    );
  }
});

test('opening can be cancelled', async (t) => {
  const path = join(await temporaryFolder(t), 'disk.vhdx');
  await image(path, { linkage: newGuid(), relativePath: '.\\x.vhdx' });
  const reason = new Error('no longer wanted');
  await assert.rejects(
    new Anatomies().open({ path, followParents: true }, AbortSignal.abort(reason)),
    reason,
  );
});
