import assert from 'node:assert/strict';
import { open, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { newGuid, parseGuid } from '../../../../src/engine/base/guid.ts';
import { openDisk } from '../../../../src/engine/disk/chain/open-disk.ts';
import { chooseHeader, encodeHeader } from '../../../../src/engine/disk/vhdx/structures/header.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { VhdxEditor } from '../../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import type { LostEntry } from '../../../../src/engine/disk/tools/disk-map.ts';
import { FileStorage } from '../../../../src/engine/source/files/file-storage.ts';
import { runCli } from '../../../support/process/cli-io.ts';
import { infoOf, mapOf } from '../../../support/disk/look-at-image.ts';
import { makeImage } from '../../../support/disk/small-image.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const BAT = 3 * MIB;

/** Changes bytes of a file. */
async function patch(file: string, offset: number, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.write(bytes, 0, bytes.length, offset);
  await handle.close();
}

/** An image of four blocks of 1 MiB, all of them written, at 4 to 8 MiB of the file. */
async function fourBlocks(file: string): Promise<void> {
  await makeImage(file);
  const storage = await FileStorage.open(file, {}, never);
  const editor = await VhdxEditor.open(storage, never);
  await editor.write(0, new Uint8Array(4 * MIB).fill(7), never);
  await editor.close();
  await storage.close();
}

/** Sets a log GUID in both headers; the log itself is zeros. */
async function staleLog(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  const pages = [0x10000, 0x20000].map((at) => ({ at, bytes: new Uint8Array(4096) })) as [
    { at: number; bytes: Uint8Array },
    { at: number; bytes: Uint8Array },
  ];
  for (const { at, bytes } of pages) await handle.read(bytes, 0, 4096, at);
  const { header } = chooseHeader(pages[0].bytes, pages[1].bytes);
  const logGuid = newGuid();
  for (const [i, { at }] of pages.entries()) {
    const sequenceNumber = header.sequenceNumber + BigInt(i + 1);
    await handle.write(encodeHeader({ ...header, logGuid, sequenceNumber }), 0, 4096, at);
  }
  await handle.close();
}

const lost = (start: number, length: number, code: string): LostEntry => ({
  start,
  length,
  lost: true,
  code,
});

test('of a file that was cut off, the blocks that are there are mapped and the others named', async (t) => {
  const file = join(await temporaryFolder(t), 'cut.vhdx');
  await fourBlocks(file);
  await truncate(file, 6 * MIB + 4096);
  const info = await runCli(['disk', 'info', file, '--json']);
  assert.equal(info.status, 3);
  const document = JSON.parse(info.out) as Awaited<ReturnType<typeof infoOf>>;
  assert.deepEqual([document.virtualSize, document.blocks?.present], [4 * MIB, 2]);
  // 4 KiB of the third block are there.
  const behind = lost(2 * MIB + 4096, 2 * MIB - 4096, 'vhdx.bat.offset');
  assert.deepEqual(document.lost, [behind]);
  const [finding] = document.findings;
  assert.deepEqual(
    [finding?.code, finding?.severity, finding?.range],
    ['vhdx.bat.offset', 'error', { start: behind.start, length: behind.length }],
  );
  const map = await runCli(['disk', 'map', file, '--json']);
  assert.equal(map.status, 3);
  const entries = JSON.parse(map.out) as { offset?: number }[];
  assert.deepEqual(entries[0]?.offset, 4 * MIB);
  assert.deepEqual(entries[1], behind);
  assert.match(map.err, /bytes 2101248 to 4194304 of the virtual disk are lost/);
  const table = await runCli(['disk', 'map', file]);
  assert.match(table.out, /lost: vhdx\.bat\.offset/);
});

test('one wrong entry of the BAT costs its own block', async (t) => {
  const file = join(await temporaryFolder(t), 'entry.vhdx');
  await fourBlocks(file);
  await patch(file, BAT + 8, new Uint8Array(8).fill(0xff));
  const map = await mapOf(file);
  assert.deepEqual(
    map.map((entry) => [entry.start, entry.length, 'lost' in entry]),
    [
      [0, MIB, false],
      [MIB, MIB, true],
      [2 * MIB, 2 * MIB, false],
    ],
  );
});

test('blocks whose entries are behind the end of the file are lost, the others are not', async (t) => {
  const file = join(await temporaryFolder(t), 'table.vhdx');
  await makeImage(file);
  await truncate(file, BAT + 16);
  const info = await infoOf(file);
  assert.deepEqual(info.lost, [lost(2 * MIB, 2 * MIB, 'vhdx.truncated')]);
  assert.equal(info.blocks?.notPresent, 2);
  assert.equal(info.findings[0]?.code, 'vhdx.truncated');
});

test('without a header the disk is known and lost as a whole', async (t) => {
  const file = join(await temporaryFolder(t), 'headers.vhdx');
  await fourBlocks(file);
  await patch(file, 0x10000, new Uint8Array(0x20000));
  const { status, out } = await runCli(['disk', 'info', file, '--json']);
  assert.equal(status, 3);
  const info = JSON.parse(out) as Awaited<ReturnType<typeof infoOf>>;
  assert.equal(info.virtualSize, 4 * MIB);
  assert.notEqual(info.diskId, null);
  assert.deepEqual([info.log, info.dataWriteGuid, info.blocks], [null, null, null]);
  assert.deepEqual(info.lost, [lost(0, 4 * MIB, 'vhdx.header.none')]);
});

test('a file of which nothing can be told but its format still has a document', async (t) => {
  const file = join(await temporaryFolder(t), 'head.vhdx');
  await makeImage(file);
  await truncate(file, 4096);
  const { status, out } = await runCli(['disk', 'info', file, '--json']);
  assert.equal(status, 3);
  const info = JSON.parse(out) as Awaited<ReturnType<typeof infoOf>>;
  assert.deepEqual([info.format, info.fileSize, info.virtualSize], ['vhdx', 4096, null]);
  assert.ok(info.findings.some(({ code }) => code === 'vhdx.truncated'));
  assert.equal((await runCli(['disk', 'info', file])).status, 3);
  const map = await runCli(['disk', 'map', file, '--json']);
  assert.equal(map.status, 3);
  assert.match(map.out, /"code": "vhdx\.truncated"/);
});

test('a log that cannot be replayed costs everything, unless it is ignored', async (t) => {
  const file = join(await temporaryFolder(t), 'log.vhdx');
  await fourBlocks(file);
  await staleLog(file);
  const info = await infoOf(file);
  assert.deepEqual([info.log, info.virtualSize, info.blocks?.present], ['dirty', 4 * MIB, 4]);
  assert.deepEqual(info.lost, [lost(0, 4 * MIB, 'vhdx.log.corrupt')]);
  assert.equal((await runCli(['disk', 'hash', file])).status, 3);

  const rescued = await infoOf(file, { ignoreLog: true });
  assert.deepEqual(
    rescued.findings.map(({ code, severity }) => [code, severity]),
    [['disk.log.ignored', 'warning']],
  );
  const hash = await runCli(['disk', 'hash', file, '--ignore-log', '--json']);
  assert.equal(hash.status, 0);
  assert.match(hash.err, /warn: The log of .* is ignored/);
  assert.equal((await runCli(['disk', 'map', file, '--ignore-log'])).status, 0);
});

test('of a child whose parent is missing, changed or damaged, what comes from the parent is lost', async (t) => {
  const folder = await temporaryFolder(t);
  const [child, base] = [join(folder, 'child.avhdx'), join(folder, 'base.vhdx')];
  const linkage = newGuid();
  await makeImage(child, { linkage, relativePath: '.\\base.vhdx' }, 9);
  const own = { start: 0, length: MIB, offset: 4 * MIB };
  const check = async (code: string): Promise<void> => {
    const [first, rest, ...more] = await mapOf(child);
    assert.deepEqual([first?.start, first?.length, first?.offset], Object.values(own));
    assert.deepEqual([rest, ...more], [lost(MIB, 3 * MIB, code)]);
    const info = await infoOf(child);
    assert.deepEqual([info.virtualSize, info.parent?.linkage], [4 * MIB, linkage]);
    assert.equal(info.parent?.resolvedPath, null);
    assert.deepEqual(
      info.findings.map((finding) => finding.code),
      [code],
    );
    await assert.rejects(openDisk(child, {}, never), { code });
  };
  await check('disk.parent.missing');
  await makeImage(base);
  await check('disk.parent.mismatch');
  await rm(base);
  await makeImage(base, undefined, undefined, linkage);
  assert.deepEqual((await infoOf(child)).findings, []);
  await patch(base, 0x30000, new Uint8Array(0x20000));
  await check('vhdx.region.none');
});

test('lost blocks of a parent are lost only where the child has nothing of its own', async (t) => {
  const folder = await temporaryFolder(t);
  const [child, base] = [join(folder, 'child.avhdx'), join(folder, 'base.vhdx')];
  await fourBlocks(base);
  const opened = await openDisk(base, {}, never);
  const linkage = parseGuid(opened.layers[0].identity ?? '');
  await opened.disk.close();
  await makeImage(child, { linkage, relativePath: '.\\base.vhdx' }, 9);
  for (const entry of [0, 2]) await patch(base, BAT + entry * 8, new Uint8Array(8).fill(0xff));
  const map = await mapOf(child);
  assert.deepEqual(
    map.map((entry) => [entry.start, entry.depth ?? 'lost']),
    [
      [0, 0],
      [MIB, 1],
      [2 * MIB, 'lost'],
      [3 * MIB, 1],
    ],
  );
});
