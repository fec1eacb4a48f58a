import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  OWNED,
  soundQcow2,
  type Qcow2Victim,
} from '../../../support/disk/findings/qcow2-victim.ts';
import { codes, repair } from '../../../support/disk/run-repair.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { runCli } from '../../../support/process/cli-io.ts';
import { findProgram } from '../../../support/process/peers.ts';

const hash = async (file: string): Promise<string> => (await runCli(['disk', 'hash', file])).out;

/** Asserts that qemu finds nothing wrong in an image, if it is installed. */
function assertSound(file: string): void {
  const qemu = findProgram('qemu-img');
  if (qemu === undefined) return;
  const { status, stdout, stderr } = spawnSync(qemu, ['check', file]);
  assert.equal(status, 0, `${stdout.toString()}${stderr.toString()}`);
}

interface Damage {
  readonly what: string;
  readonly codes: readonly string[];
  readonly damage: (victim: Qcow2Victim) => unknown;
}

const LOW = 'qcow2.refcount.low';
const LEAKED = 'qcow2.refcount.leaked';
const COPIED = 'qcow2.refcount.copied';
const ENTRY = 'qcow2.refcountTable.entry';

const DAMAGES: readonly Damage[] = [
  { what: 'a refcount that is 0', codes: [LOW], damage: (v) => v.count(0, 0) },
  {
    what: 'a refcount that is too high, and the flag that it contradicts',
    codes: [LEAKED],
    damage: (v) => v.count(v.place(v.l2) / v.cluster, 3),
  },
  { what: 'clusters that nothing uses', codes: [LEAKED], damage: (v) => [v.grow(1), v.grow(2)] },
  {
    what: 'flags of the L1 and an L2 table',
    codes: [COPIED],
    damage: (v) => v.put(v.l2, v.entry(v.l2) & ~OWNED, 8).put(v.l1, v.entry(v.l1) & ~OWNED, 8),
  },
  {
    what: 'a cluster that two entries share',
    codes: [LOW, COPIED],
    damage: (v) => v.put(v.l2 + 8, v.entry(v.l2), 8),
  },
  { what: 'a missing refcount block', codes: [LOW], damage: (v) => v.put(v.refcounts, 0, 8) },
  {
    what: 'a refcount block that does not begin at a cluster',
    codes: [ENTRY, LOW],
    damage: (v) => v.put(v.refcounts, v.entry(v.refcounts) + 512n, 8),
  },
  {
    what: 'a refcount block behind the end of the file',
    codes: [ENTRY, LOW],
    damage: (v) => v.put(v.refcounts, 2 ** 40, 8),
  },
  {
    what: 'a refcount block that is a cluster of the disk',
    codes: [LOW, LEAKED],
    damage: (v) => v.put(v.refcounts, v.place(v.l2), 8),
  },
  {
    what: 'a refcount table without a cluster',
    codes: ['qcow2.refcountTable.size', LOW],
    damage: (v) => v.put(56, 0, 4),
  },
  {
    what: 'a refcount table at an impossible place',
    codes: ['qcow2.refcountTable.place', LOW],
    damage: (v) => v.put(48, 17, 8),
  },
  {
    what: 'a refcount table that is the L2 table',
    codes: [ENTRY, LOW],
    damage: (v) => v.put(48, v.l2, 8),
  },
  {
    what: 'the marks of an image that was not closed, and of a corrupt one',
    codes: [LOW, 'qcow2.feature.dirty', 'qcow2.feature.corrupt'],
    damage: (v) => v.put(72, 3, 8).count(0, 0),
  },
];

for (const { what, codes: expected, damage } of DAMAGES) {
  test(`repairs ${what}`, async (t) => {
    const folder = await temporaryFolder(t);
    const [file, copy, raw] = ['disk.qcow2', 'copy.qcow2', 'disk.raw'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    const victim = await soundQcow2('dynamic');
    damage(victim);
    await writeFile(file, victim.bytes);
    const damaged = await readFile(file);
    // Contents depend on the L1 and L2 tables only.
    const before = await hash(file);
    assert.equal((await runCli(['disk', 'convert', file, raw])).status, 0);
    const would = await repair(file);
    assert.deepEqual([codes(would.would), would.done], [expected, []]);
    assert.ok(damaged.equals(await readFile(file)), 'nothing is written before it is confirmed');
    const copied = await repair(file, '--to', copy, '--yes');
    const { done, left, undo, status } = await repair(file, '--in-place', '--yes');
    assert.deepEqual([codes(done), left, status], [expected, [], 0]);
    assert.deepEqual([copied.done, copied.left], [done, []]);
    for (const repaired of [file, copy]) {
      assertSound(repaired);
      assert.equal(await hash(repaired), before);
      assert.deepEqual(codes((await repair(repaired)).would), []);
    }
    const qemu = findProgram('qemu-img');
    if (qemu !== undefined) {
      const compared = spawnSync(qemu, ['compare', '-f', 'qcow2', '-F', 'raw', file, raw]);
      assert.equal(compared.status, 0, compared.stdout.toString());
    }
    const undone = await runCli(['disk', 'repair', file, '--undo', undo ?? '']);
    assert.equal(undone.status, 0, undone.err);
    assert.ok(damaged.equals(await readFile(file)), 'every byte is back');
  });
}

test('a child whose parent is named by a whole path is repaired too', async (t) => {
  const file = join(await temporaryFolder(t), 'child.qcow2');
  const victim = await soundQcow2('differencing');
  const name = Number(victim.entry(8));
  await writeFile(file, victim.put(name, 0x2f, 1).count(0, 0).bytes);
  const { done, left } = await repair(file, '--in-place', '--yes');
  assert.deepEqual([codes(done), codes(left)], [[LOW], ['qcow2.backing.outside']]);
});

test('with a damaged table refcounts are raised, and no cluster is freed', async (t) => {
  const file = join(await temporaryFolder(t), 'disk.qcow2');
  const victim = await soundQcow2('dynamic');
  // The clusters of the first entry are lost to the table, and perhaps not to a rescue.
  const [l1, second] = [victim.l1, victim.entry(victim.l2)];
  const data = victim.place(victim.l2);
  victim
    .put(victim.l2, second + 512n, 8)
    .count(0, 0)
    .put(72, 1, 8);
  const freed = victim.grow(1);
  await writeFile(file, victim.bytes);
  const { done, left, status } = await repair(file, '--in-place', '--yes');
  assert.deepEqual([codes(done), status], [[LOW], 1]);
  const found = codes(left);
  for (const code of ['qcow2.l2.alignment', LEAKED, 'qcow2.feature.dirty']) {
    assert.ok(found.includes(code), `${code} in ${found.join()}`);
  }
  const after = await readFile(file);
  const counts = Number(after.readBigUInt64BE(victim.refcounts));
  const count = (offset: number): number => after.readUInt16BE(counts + (offset / 65_536) * 2);
  assert.deepEqual([0, l1, data, freed].map(count), [1, 1, 1, 1]);
});

test('leaves an image whose references were not counted, and one whose refcounts are too narrow', async (t) => {
  const folder = await temporaryFolder(t);
  const bitmaps = join(folder, 'bitmaps.qcow2');
  // The feature bit of bitmaps without their extension.
  await writeFile(bitmaps, (await soundQcow2('dynamic')).put(88, 1, 8).count(0, 0).bytes);
  assert.deepEqual((await repair(bitmaps)).would, []);

  const qemu = findProgram('qemu-img');
  const io = findProgram('qemu-io');
  if (qemu === undefined || io === undefined) return;
  const narrow = join(folder, 'narrow.qcow2');
  const create = ['create', '-q', '-f', 'qcow2', '-o', 'refcount_bits=1', narrow, '1M'];
  assert.equal(spawnSync(qemu, create).status, 0);
  assert.equal(spawnSync(io, ['-c', 'write 0 128k', narrow]).status, 0);
  const bytes = await readFile(narrow);
  const at = (offset: number): number => Number(bytes.readBigUInt64BE(offset) & ~OWNED);
  const l2 = at(at(40));
  bytes.copy(bytes, l2 + 8, l2, l2 + 8);
  await writeFile(narrow, bytes);
  assert.deepEqual((await repair(narrow)).would, []);
  assert.equal((await stat(narrow)).size, bytes.length);
});
