import assert from 'node:assert/strict';
import { copyFile, open } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { BLOCK_STATES, type AnatomyInfo } from '../../../../src/engine/api/anatomy.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { Anatomies } from '../../../../src/engine/operations/anatomy/anatomies.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { differencingDisk } from '../../../support/page/sample-files.ts';
import { runCli } from '../../../support/process/cli-io.ts';

const MIB = 2 ** 20;

interface Opened {
  readonly info: AnatomyInfo;
  /** Names of the states of blocks, one each. */
  readonly states: (from: number, count: number, perCell?: number) => Promise<readonly string[]>;
  readonly place: Anatomies['block'];
}

async function openIn(t: TestContext, path: string): Promise<Opened> {
  const anatomies = new Anatomies();
  afterwards(t, () => anatomies.closeAll());
  const info = await anatomies.open({ path, followParents: true }, never);
  const { anatomyId } = info;
  return {
    info,
    states: async (from, count, perCell = 1) => {
      const { states } = await anatomies.blocks({ anatomyId, from, perCell, count }, never);
      return [...Buffer.from(states, 'base64')].map((state) => BLOCK_STATES[state] ?? '');
    },
    place: (request, signal) => anatomies.block(request, signal),
  };
}

/** A disk of 1 GiB with “block 0 ” in its first MiB and holes between, as another format. */
async function converted(t: TestContext, ending: string): Promise<string> {
  const folder = await temporaryFolder(t);
  await differencingDisk(folder);
  const target = join(folder, `disk.${ending}`);
  const { status, err } = await runCli(['disk', 'convert', join(folder, 'base.vhdx'), target]);
  assert.equal(status, 0, err);
  return target;
}

async function bytesAt(path: string, offset: number, length: number): Promise<string> {
  const file = await open(path);
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, offset);
  await file.close();
  return buffer.toString('latin1');
}

for (const [ending, blockSize, entryLength] of [
  ['vhd', 2 * MIB, 4],
  ['qcow2', 65_536, 8],
] as const) {
  test(`the blocks of a ${ending} are counted, drawn, and lead to their entries and data`, async (t) => {
    const path = await converted(t, ending);
    const { info, states, place } = await openIn(t, path);
    assert.equal(info.blockSize, blockSize);
    const { total, counts } = info.blocks ?? { total: 0, counts: undefined };
    assert.equal(total, 2 ** 30 / blockSize);
    const sum = Object.values(counts ?? {}).reduce((a, b) => a + b, 0);
    assert.equal(sum, total);
    // 24 blocks of 1 MiB, every third MiB from the start.
    const perMib = MIB / blockSize;
    assert.equal(counts?.present, perMib >= 1 ? 24 * perMib : 24);
    const at = (mib: number): number => Math.floor(mib * perMib);
    assert.deepEqual(await states(at(3), 1), ['present']);
    assert.deepEqual(await states(at(100), 2), ['notPresent', 'notPresent']);
    // The whole disk in few cells: the overview agrees with the table.
    const perCell = total / 64;
    assert.deepEqual((await states(0, 64, perCell)).slice(-3), Array(3).fill('notPresent'));
    const { anatomyId } = info;
    const { entry, data } = await place({ anatomyId, block: at(3) }, never);
    assert.equal(entry?.length, entryLength);
    assert.ok(data !== null && data.length === blockSize);
    const shift = (3 * MIB) % blockSize;
    assert.equal(await bytesAt(path, data.offset + shift, 8), 'block 3 ');
    const hole = await place({ anatomyId, block: at(200) }, never);
    assert.ok(hole.entry !== null && hole.data === null);
    await assert.rejects(place({ anatomyId, block: total }, never), /block/);
  });
}

test('a block of a VHD whose entry points behind the file is damaged, and its neighbours are not', async (t) => {
  const path = await converted(t, 'vhd');
  const broken = path.replace('disk.vhd', 'broken.vhd');
  await copyFile(path, broken);
  const whole = await openIn(t, path);
  const request = { anatomyId: whole.info.anatomyId, block: 3 };
  const { entry } = await whole.place(request, never);
  assert.ok(entry !== null);
  const file = await open(broken, 'r+');
  await file.write(Buffer.from([0x7f, 0xff, 0xff, 0xf0]), 0, 4, entry.offset);
  await file.close();
  const { info, states, place } = await openIn(t, broken);
  assert.deepEqual(await states(0, 5), ['present', 'present', 'notPresent', 'bad', 'present']);
  assert.equal(info.blocks?.counts.bad, 1);
  const lost = await place({ anatomyId: info.anatomyId, block: 3 }, never);
  assert.deepEqual([lost.entry, lost.data], [entry, null]);
});

test('a fixed VHD has no block table; a child of a VHDX says where its own blocks lie', async (t) => {
  const folder = await temporaryFolder(t);
  const child = await differencingDisk(folder);
  const { info, states, place } = await openIn(t, child);
  assert.deepEqual(await states(0, 3), ['notPresent', 'present', 'present']);
  const { entry, data } = await place({ anatomyId: info.anatomyId, block: 1 }, never);
  assert.deepEqual([entry?.length, data?.length], [8, MIB]);
  assert.equal(await bytesAt(child, data?.offset ?? 0, 8), 'block 1 ');
  const fixed = join(folder, 'fixed.vhd');
  const made = await runCli(['disk', 'create', fixed, '--size', '4M', '--subformat', 'fixed']);
  assert.equal(made.status, 0, made.err);
  assert.equal((await openIn(t, fixed)).info.blocks, null);
});
