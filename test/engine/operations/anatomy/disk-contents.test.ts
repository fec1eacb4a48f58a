import assert from 'node:assert/strict';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { Anatomies } from '../../../../src/engine/operations/anatomy/anatomies.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { damage, differencingDisk } from '../../../support/page/sample-files.ts';

const MIB = 2 ** 20;

function anatomiesOf(t: TestContext): Anatomies {
  const anatomies = new Anatomies();
  afterwards(t, () => anatomies.closeAll());
  return anatomies;
}

const opened = async (anatomies: Anatomies, path: string, followParents = true): Promise<string> =>
  (await anatomies.open({ path, followParents }, never)).anatomyId;

test('sectors come with the layer and place that each is from; zeros and holes are told apart', async (t) => {
  const path = await differencingDisk(await temporaryFolder(t));
  const anatomies = anatomiesOf(t);
  const anatomyId = await opened(anatomies, path);
  const { layers, findings, lost } = await anatomies.survey(anatomyId, never);
  assert.deepEqual(
    [layers.map((each) => each.endsWith('base.vhdx')), findings.map(({ code }) => code), lost],
    [[false, true], ['disk.chain.hidden'], []],
  );
  const sectors = async (offset: number): Promise<readonly [string, number | null, string]> => {
    const { bytes, pieces } = await anatomies.sectors({ anatomyId, offset, length: 512 }, never);
    const [piece] = pieces;
    assert.equal(pieces.length, 1);
    const text = Buffer.from(bytes, 'base64').subarray(0, 8).toString().replaceAll('\0', '');
    return [piece?.kind ?? '', piece?.layer ?? null, text];
  };
  assert.deepEqual(await sectors(1 * MIB), ['data', 0, 'block 1 ']);
  assert.deepEqual(await sectors(6 * MIB), ['data', 1, 'block 6 ']);
  assert.deepEqual(await sectors(12 * MIB), ['zero', 0, '']);
  assert.deepEqual(await sectors(200 * MIB), ['hole', 1, '']);
  // A sector of the child inside a block of the parent.
  const around = { anatomyId, offset: 90 * MIB, length: 16_384 };
  const { pieces } = await anatomies.sectors(around, never);
  assert.deepEqual(
    pieces.map(({ length, kind, layer }) => [length, kind, layer]),
    [
      [4096, 'hole', 1],
      [8192, 'data', 0],
      [4096, 'hole', 1],
    ],
  );
});

test('damage is findings with lost ranges, and lost sectors say so', async (t) => {
  const path = await differencingDisk(await temporaryFolder(t));
  await damage(path);
  const anatomies = anatomiesOf(t);
  const anatomyId = await opened(anatomies, path);
  const { findings, lost, lostBytes, fixes } = await anatomies.survey(anatomyId, never);
  assert.ok(findings.some(({ code }) => code === 'vhdx.header.checksum'));
  assert.deepEqual(
    lost.map(({ start, length }) => [start, length]),
    [[30 * MIB, MIB]],
  );
  assert.deepEqual([lostBytes, fixes], [MIB, ['repair', 'rescue']]);
  const { pieces } = await anatomies.sectors({ anatomyId, offset: 30 * MIB, length: 512 }, never);
  assert.deepEqual(
    pieces.map(({ kind, layer, code }) => [kind, layer, code]),
    [['lost', null, lost[0]?.code]],
  );
});

test('without trust no parent is opened; a missing parent can be named by a rebase', async (t) => {
  const folder = await temporaryFolder(t);
  const path = await differencingDisk(folder);
  const anatomies = anatomiesOf(t);
  const alone = await anatomies.survey(await opened(anatomies, path, false), never);
  assert.deepEqual([alone.layers, alone.findings, alone.lostBytes], [[path], [], 0]);
  await rm(join(folder, 'base.vhdx'));
  const anatomyId = await opened(anatomies, path);
  const missing = await anatomies.survey(anatomyId, never);
  assert.deepEqual(missing.fixes, ['rebase', 'rescue']);
  assert.ok(missing.lostBytes > 900 * MIB);
});

test('a search goes over the file or over the disk, and tells what it could not read', async (t) => {
  const path = await differencingDisk(await temporaryFolder(t));
  await damage(path);
  const anatomies = anatomiesOf(t);
  const anatomyId = await opened(anatomies, path);
  const search = (space: 'file' | 'disk', text: string, from = 0) =>
    anatomies.search(
      { anatomyId, space, patterns: [Buffer.from(text).toString('base64')], from },
      noProgress,
      never,
    );
  const found = await search('disk', 'block 41 ');
  assert.deepEqual(found.match, { offset: 41 * MIB, length: 9 });
  assert.equal(found.lostBytes, MIB);
  const inFile = await search('file', 'block 41 ');
  assert.ok((inFile.match?.offset ?? 0) > 3 * MIB);
  assert.equal(inFile.lostBytes, 0);
  assert.deepEqual((await search('file', 'block 6 ')).match, null);
  for (const patterns of [[], [''], ['A'.repeat(400)], Array<string>(5).fill('AAAA')]) {
    await assert.rejects(
      anatomies.search({ anatomyId, space: 'file', patterns, from: 0 }, noProgress, never),
      (error) => isEngineError(error, 'anatomy.request'),
    );
  }
});

test('two images are compared page by page', async (t) => {
  const folder = await temporaryFolder(t);
  const path = await differencingDisk(folder);
  const base = join(folder, 'base.vhdx');
  const copy = join(folder, 'copy.vhdx');
  await copyFile(base, copy);
  const anatomies = anatomiesOf(t);
  const [anatomyId, otherId] = [await opened(anatomies, path), await opened(anatomies, base)];
  const ranges: number[] = [];
  for (let from: number | null = 0; from !== null;) {
    const request = { anatomyId, otherId, from, count: 3 };
    const page = await anatomies.differences(request, noProgress, never);
    assert.ok(page.ranges.length <= 3);
    ranges.push(...page.ranges.map(({ start }) => Math.floor(start / MIB)));
    from = page.next;
  }
  // Every run of blocks that the child wrote, and what it zeroed over data of the parent.
  assert.deepEqual([...new Set(ranges)], [1, 7, 8, 12, 40, 90, 91, 92, 500, 700, 1023]);
  const same = { anatomyId: otherId, otherId: await opened(anatomies, copy), from: 0, count: 10 };
  assert.deepEqual(await anatomies.differences(same, noProgress, never), {
    ranges: [],
    next: null,
  });
});
