import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { QCOW2 } from '../../../../../src/engine/disk/qcow2/qcow2-format.ts';
import { ADVICE } from '../../../../../src/engine/disk/check/advice/advice.ts';
import { HeldSource } from '../../../../../src/engine/source/held-source.ts';
import { run } from '../../../../support/disk/qcow2-images.ts';
import { temporaryFolder } from '../../../../support/files/temporary-folder.ts';
import { peer } from '../../../../support/process/peers.ts';

type Found = readonly {
  readonly code: string;
  readonly severity?: string;
  readonly text?: string;
}[];

async function check(file: string): Promise<Found> {
  const found: { code: string; severity?: string }[] = [];
  for await (const defect of QCOW2.check?.(new HeldSource(await readFile(file), file), never) ??
    []) {
    assert.ok(ADVICE[defect.code] !== undefined, defect.code);
    found.push(defect);
  }
  return found;
}

const codes = (found: Found): readonly string[] =>
  [...new Set(found.map(({ code }) => code))].sort();

/** Writes a number of eight bytes at an offset, changed by `change`. */
async function edit(file: string, at: number, change: (value: bigint) => bigint): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    const bytes = Buffer.alloc(8);
    await handle.read(bytes, 0, 8, at);
    bytes.writeBigUInt64BE(change(bytes.readBigUInt64BE()));
    await handle.write(bytes, 0, 8, at);
  } finally {
    await handle.close();
  }
}

async function word(file: string, at: number): Promise<number> {
  const bytes = await readFile(file);
  return Number(bytes.readBigUInt64BE(at) & 0x00fffffffffffe00n);
}

/** Returns what qemu-img says: numbers of corruptions and leaks. */
function judge(qemu: string, folder: string, name: string): { corruptions: number; leaks: number } {
  const answer = spawnSync(qemu, ['check', '--output=json', name], { cwd: folder });
  const told = JSON.parse(answer.stdout.toString()) as { corruptions?: number; leaks?: number };
  return { corruptions: told.corruptions ?? 0, leaks: told.leaks ?? 0 };
}

test('sound images of qemu have no finding: versions, cluster sizes, compression, snapshots', async (t) => {
  const qemu = peer(t, 'qemu-img');
  const io = peer(t, 'qemu-io');
  if (qemu === undefined || io === undefined) return;
  const folder = await temporaryFolder(t);
  const options = [
    'compat=0.10',
    'compat=1.1,cluster_size=512',
    'compat=1.1,cluster_size=2M,refcount_bits=1',
    'compat=1.1,extended_l2=on,refcount_bits=64',
  ];
  for (const [i, option] of options.entries()) {
    const name = `${i}.qcow2`;
    run(qemu, ['create', '-q', '-f', 'qcow2', '-o', option, name, '8M'], folder);
    run(
      io,
      ['-c', 'write -P 7 0 1M', '-c', 'write -z 2M 64k', '-c', 'write -P 8 7M 700k', name],
      folder,
    );
    assert.deepEqual(await check(join(folder, name)), [], option);
    if (option.includes('refcount_bits=1')) continue;
    run(qemu, ['snapshot', '-c', 'one', name], folder);
    run(io, ['-c', 'write -P 9 512k 1M', name], folder);
    assert.deepEqual(await check(join(folder, name)), [], `${option}, with a snapshot`);
  }
  run(qemu, ['convert', '-c', '-O', 'qcow2', '0.qcow2', 'c.qcow2'], folder);
  assert.deepEqual(await check(join(folder, 'c.qcow2')), []);
});

test('leaks and wrong refcounts are those that qemu-img finds', async (t) => {
  const qemu = peer(t, 'qemu-img');
  const io = peer(t, 'qemu-io');
  if (qemu === undefined || io === undefined) return;
  const folder = await temporaryFolder(t);
  const CLUSTER = 65_536;
  const cases: readonly [string, (file: string, l2: number) => Promise<void>, string[]][] = [
    // An entry is dropped: its cluster is leaked.
    ['leak', (file, l2) => edit(file, l2, () => 0n), ['qcow2.refcount.leaked']],
    // Two entries name one cluster, and the other is lost.
    [
      'shared',
      async (file, l2) => {
        const first = await word(file, l2);
        await edit(file, l2 + 8, () => BigInt(first) | (1n << 63n));
      },
      ['qcow2.refcount.leaked', 'qcow2.refcount.low'],
    ],
    [
      'flag',
      (file, l2) => edit(file, l2, (value) => value & ~(1n << 63n)),
      ['qcow2.refcount.copied'],
    ],
    ['unaligned', (file, l2) => edit(file, l2, (value) => value + 512n), ['qcow2.l2.alignment']],
    [
      'beyond',
      (file, l2) => edit(file, l2, () => (1n << 40n) | (1n << 63n)),
      ['qcow2.l2.beyond', 'qcow2.refcount.leaked'],
    ],
    [
      'low',
      async (file) => edit(file, await word(file, await word(file, 48)), () => 0n),
      ['qcow2.refcount.low'],
    ],
    [
      'block',
      async (file) => edit(file, await word(file, 48), (value) => value + 512n),
      ['qcow2.refcount.copied', 'qcow2.refcount.low', 'qcow2.refcountTable.entry'],
    ],
  ];
  for (const [name, harm, expected] of cases) {
    const file = join(folder, `${name}.qcow2`);
    run(qemu, ['create', '-q', '-f', 'qcow2', file, '8M'], folder);
    run(io, ['-c', `write -P 7 0 ${4 * CLUSTER}`, file], folder);
    const l2 = await word(file, await word(file, 40));
    await harm(file, l2);
    const found = await check(file);
    assert.deepEqual(codes(found), expected, name);
    const { corruptions, leaks } = judge(qemu, folder, file);
    const errors = found.filter(({ severity }) => (severity ?? 'error') === 'error').length;
    assert.equal(errors > 0, corruptions > 0, `${name}: ${errors} errors, ${corruptions} of qemu`);
    const lost = found.filter(({ code }) => code === 'qcow2.refcount.leaked').length;
    // Behind a lost refcount block, each program gives up at another place.
    if (name !== 'block') assert.equal(lost, leaks, `${name}: ${lost} leaks, ${leaks} of qemu`);
  }
});

test('bitmaps of qemu are named and their clusters counted; leaks beside them are still found', async (t) => {
  const qemu = peer(t, 'qemu-img');
  const io = peer(t, 'qemu-io');
  if (qemu === undefined || io === undefined) return;
  const folder = await temporaryFolder(t);
  const options = ['cluster_size=512', 'cluster_size=64k', 'extended_l2=on,refcount_bits=64'];
  for (const [i, option] of options.entries()) {
    const name = `${i}.qcow2`;
    const file = join(folder, name);
    run(qemu, ['create', '-q', '-f', 'qcow2', '-o', option, name, '16M'], folder);
    run(qemu, ['bitmap', '--add', '-g', '512', name, 'daily\u202e\n'], folder);
    run(qemu, ['bitmap', '--add', '-g', '64k', '--disable', name, 'x'.repeat(1023)], folder);
    run(io, ['-c', 'write -P 7 0 1M', '-c', 'write -P 8 10M 700k', name], folder);
    const found = await check(file);
    assert.deepEqual(codes(found), ['qcow2.bitmaps.ignored'], option);
    assert.match(found[0]?.text ?? '', /has 2 bitmaps of changed parts: “daily··”, “x{60}…”[.]/);
    const l2 = await word(file, await word(file, 40));
    for (const at of [l2, l2 + 8]) await edit(file, at, () => 0n);
    assert.deepEqual(codes(await check(file)), ['qcow2.bitmaps.ignored', 'qcow2.refcount.leaked']);
    assert.ok(judge(qemu, folder, name).leaks > 0, option);
  }
});

test('unknown autoclear bits are accepted, and bitmaps without theirs are outdated', async (t) => {
  const qemu = peer(t, 'qemu-img');
  const io = peer(t, 'qemu-io');
  if (qemu === undefined || io === undefined) return;
  const folder = await temporaryFolder(t);
  const file = join(folder, 'a.qcow2');
  run(qemu, ['create', '-q', '-f', 'qcow2', file, '8M'], folder);
  run(qemu, ['bitmap', '--add', file, 'changed'], folder);
  run(io, ['-c', 'write -P 7 0 1M', file], folder);
  await edit(file, 88, (value) => value | (1n << 62n));
  assert.deepEqual(codes(await check(file)), ['qcow2.bitmaps.ignored']);
  await edit(file, 88, () => 0n);
  const found = await check(file);
  assert.deepEqual(codes(found), ['qcow2.bitmaps.stale', 'qcow2.refcount.leaked']);
  const lost = found.filter(({ code }) => code === 'qcow2.refcount.leaked').length;
  assert.equal(lost, judge(qemu, folder, file).leaks);
});
