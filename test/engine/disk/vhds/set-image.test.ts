import assert from 'node:assert/strict';
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { DiskCheck } from '../../../../src/engine/api/disk-check.ts';
import type { DiskInfo } from '../../../../src/engine/disk/tools/disk-info.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { invert } from '../../../support/disk/damage.ts';
import { soundSet } from '../../../support/disk/findings/vhds-victim.ts';
import { makeTagged } from '../../../support/disk/tagged-image.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { runCli } from '../../../support/process/cli-io.ts';

const IMAGE = { size: 4 * MIB, blockSize: MIB };

/** A set whose backing file is a child of `base.vhdx`; returns their paths. */
async function setOf(
  t: TestContext,
): Promise<Record<'folder' | 'set' | 'backing' | 'base', string>> {
  const folder = await temporaryFolder(t);
  const base = join(folder, 'base.vhdx');
  const linkage = await makeTagged(base, IMAGE, [[0, 2 * MIB, 1]]);
  const backing = join(folder, 'set_1.avhdx');
  const parent = { linkage, relativePath: '.\\base.vhdx' };
  await makeTagged(backing, { ...IMAGE, parent }, [[MIB, MIB, 2]]);
  const set = join(folder, 'set.vhds');
  // Names of files have another case on Windows.
  await writeFile(set, soundSet('SET_1.avhdx').bytes);
  const then = Date.now() / 1000 - 9 * 86_400;
  await utimes(set, then, then);
  return { folder, set, backing, base };
}

async function run<T>(...args: readonly string[]): Promise<T & { status: number }> {
  const { out, err, status } = await runCli(['disk', ...args, '--json']);
  assert.notEqual(out, '', err);
  const document = JSON.parse(out) as T | unknown[];
  const entries = Array.isArray(document) ? { entries: document } : document;
  return { ...(entries as T), status };
}

test('info, map, hash, read, compare, convert and check follow the backing file of a VHD Set', async (t) => {
  const { folder, set, backing, base } = await setOf(t);
  const info = await run<DiskInfo>('info', set);
  assert.deepEqual(
    [info.status, info.format, info.subformat, info.virtualSize, info.logicalSectorSize],
    [0, 'vhds', null, 4 * MIB, 512],
  );
  assert.deepEqual(info.chain, [set, backing, base]);
  assert.deepEqual(
    [info.parent?.relativePath, info.parent?.resolvedPath],
    ['.\\SET_1.avhdx', backing],
  );
  assert.deepEqual(info.findings, []);
  const own = await run<DiskInfo>('info', backing);
  assert.equal(info.diskId, own.diskId);
  const details = new Map(info.details?.map((each) => [each.name, each]));
  assert.equal(details.get('Sequence')?.value, '1');
  assert.equal(details.get('Unknown1')?.meaning, null);

  const map = await run<{ entries: { start: number; depth: number; filename?: string }[] }>(
    'map',
    set,
  );
  assert.equal(map.status, 0);
  assert.deepEqual(
    map.entries.map(({ start, depth, filename }) => [start, depth, filename]),
    [
      [0, 2, base],
      [MIB, 1, backing],
      [2 * MIB, 2, undefined],
    ],
  );
  const hash = async (file: string): Promise<string> =>
    (await run<{ hash: string }>('hash', file)).hash;
  assert.equal(await hash(set), await hash(backing));
  assert.equal((await runCli(['disk', 'compare', set, backing])).status, 0);
  const copy = join(folder, 'copy.vhdx');
  assert.equal((await runCli(['disk', 'convert', set, copy])).status, 0);
  assert.equal(await hash(copy), await hash(set));

  assert.deepEqual(await run<DiskCheck>('check', set), { findings: [], status: 0 });
  assert.deepEqual(await run<DiskCheck>('check', set, '--chain'), { findings: [], status: 0 });
  await invert(backing, 0x1_0000 + 60);
  const [found] = (await run<DiskCheck>('check', set)).findings;
  assert.deepEqual([found?.code, found?.path], ['vhdx.header.checksum', backing]);
});

test('a VHD Set whose backing file, or its parent, is missing is described as far as it is known', async (t) => {
  const { folder, set, backing, base } = await setOf(t);
  await rename(base, join(folder, 'gone'));
  const orphan = await run<DiskInfo>('info', set);
  assert.deepEqual([orphan.status, orphan.virtualSize, orphan.chain.length], [3, 4 * MIB, 2]);
  assert.deepEqual(orphan.lostBytes, 3 * MIB);
  await mkdir(join(folder, 'elsewhere'));
  await rename(backing, join(folder, 'elsewhere', 'set_1.avhdx'));
  const { status, out } = await runCli(['disk', 'info', set]);
  assert.equal(status, 3);
  assert.match(out, /^format +vhds$/m);
  assert.match(out, /^parent +\.\\SET_1\.avhdx$/m);
  assert.match(out, /^header Sequence +1 \(/m);
  assert.match(out, /^header Unknown2 +0x00000007 \(meaning unknown\)$/m);
  assert.match(out, /backing file missing: SET_1\.avhdx .*\(vhds\.backing\.missing\)/);
  for (const command of ['map', 'hash', 'read', 'check']) {
    const refused = await runCli(['disk', command, set, '--json']);
    // A check that found an error has done its work.
    assert.equal(refused.status, command === 'check' ? 1 : 3, command);
    assert.match(refused.out + refused.err, /vhds\.backing\.missing/, command);
  }
});

test('a VHD Set is not merged, rebased or written, and counts as a child of its backing file', async (t) => {
  const { folder, set, backing, base } = await setOf(t);
  const child = join(folder, 'child.avhdx');
  const { dataWriteGuid } = await run<DiskInfo>('info', backing);
  const parent = { linkage: dataWriteGuid as never, relativePath: '.\\set_1.avhdx' };
  await makeTagged(child, { ...IMAGE, parent }, [[0, MIB, 3]]);
  const merge = ['disk', 'merge', child, '--in-place', '--yes', '--json'];
  assert.match((await runCli(merge)).out, /disk\.edit\.children[^]*set\.vhds/);
  for (const args of [
    ['merge', set, '--in-place', '--yes'],
    ['rebase', set, '--parent', base, '--yes'],
  ]) {
    const { status, out } = await runCli(['disk', ...args, '--json']);
    assert.deepEqual([status, /disk\.edit\.format/.test(out)], [3, true], out);
  }
  await rm(set);
  const { status, out, err } = await runCli(merge);
  assert.equal(status, 0, out + err);
});
