import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CheckFinding } from '../../../../src/engine/api/disk-check.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { invert, patchFile, spoilLog } from '../../../support/disk/damage.ts';
import { patchSealed } from '../../../support/disk/reseal.ts';
import { soundImage } from '../../../support/disk/vhdx-victim.ts';
import { makeTagged, tagsOf, writeTagged } from '../../../support/disk/tagged-image.ts';
import { codes, repair } from '../../../support/disk/run-repair.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { runCli } from '../../../support/process/cli-io.ts';
import { findProgram } from '../../../support/process/peers.ts';

const BAT = 3 * MIB;
const METADATA = 2 * MIB;

/** Three blocks of 1 MiB, of which the last is not written, with tags 1 and 2. */
async function image(folder: string): Promise<string> {
  const file = join(folder, 'disk.vhdx');
  await makeTagged(file, { size: 3 * MIB, blockSize: MIB }, [
    [0, MIB, 1],
    [MIB, MIB, 2],
  ]);
  return file;
}

async function findingsOf(file: string): Promise<string[]> {
  const { out } = await runCli(['disk', 'check', file, '--json']);
  const { findings } = JSON.parse(out) as { findings: CheckFinding[] };
  return codes(findings.filter(({ severity }) => severity !== 'info'));
}

/** qemu-img finds no error in the image, if it is installed. */
function qemuAccepts(file: string): void {
  const qemu = findProgram('qemu-img');
  if (qemu === undefined) return;
  const { status, stderr } = spawnSync(qemu, ['check', '-f', 'vhdx', file]);
  assert.equal(status, 0, stderr.toString());
}

interface Damage {
  readonly what: string;
  readonly codes: readonly string[];
  readonly damage: (file: string) => Promise<void>;
  /** Without the signature a file is read as what the option names. */
  readonly options?: readonly string[];
}

const word = (bytes: Uint8Array, at: number, value: number): void =>
  new DataView(bytes.buffer).setUint32(at, value, true);

const DAMAGES: readonly Damage[] = [
  {
    what: 'the first header',
    codes: ['vhdx.header.checksum'],
    damage: (file) => invert(file, 0x10000 + 60),
  },
  {
    what: 'the signature of the second header',
    codes: ['vhdx.header.signature'],
    damage: (file) => invert(file, 0x20000),
  },
  {
    what: 'the first region table',
    codes: ['vhdx.region.checksum'],
    damage: (file) => invert(file, 0x30000 + 40),
  },
  {
    what: 'the second region table, all of it',
    codes: ['vhdx.region.signature'],
    damage: (file) => patchFile(file, 0x40000, new Uint8Array(65_536)),
  },
  {
    what: 'reserved bytes of both region tables',
    codes: ['vhdx.region.reserved'],
    damage: async (file) => {
      for (const at of [0x30000, 0x40000]) {
        await patchSealed(file, at, 65_536, (bytes) => word(bytes, 12, 7));
      }
    },
  },
  {
    what: 'reserved bytes of the current header',
    codes: ['vhdx.header.reserved'],
    damage: async (file) => {
      const bytes = await readFile(file);
      const first = bytes.readBigUInt64LE(0x10008) > bytes.readBigUInt64LE(0x20008);
      await patchSealed(file, first ? 0x10000 : 0x20000, 4096, (page) => word(page, 100, 9));
    },
  },
  {
    what: 'reserved bytes of the metadata table and of an entry',
    codes: ['vhdx.metadata.reserved', 'vhdx.metadata.entryReserved'],
    damage: async (file) => {
      await patchFile(file, METADATA + 14, Uint8Array.of(5));
      await patchFile(file, METADATA + 32 + 28, Uint8Array.of(5));
    },
  },
  {
    what: 'reserved bits of a BAT entry with data',
    codes: ['vhdx.bat.reserved'],
    damage: (file) => patchFile(file, BAT + 9, Uint8Array.of(0x10)),
  },
  {
    what: 'reserved bits of an unused BAT entry',
    codes: ['vhdx.bat.unusedReserved'],
    damage: (file) => patchFile(file, BAT + 17, Uint8Array.of(0x10)),
  },
  {
    what: 'a trimmed block that keeps a place behind the end of the file',
    codes: ['vhdx.bat.keptBeyond'],
    damage: (file) => patchFile(file, BAT + 16, Uint8Array.of(3, 0, 0, 0, 1, 0, 0, 0)),
  },
  {
    what: 'the signature of the file',
    codes: ['vhdx.signature'],
    damage: (file) => patchFile(file, 0, Buffer.from('vhdxfilf')),
    options: ['--format', 'vhdx'],
  },
  {
    what: 'a header, a region table and a BAT entry',
    codes: ['vhdx.header.checksum', 'vhdx.region.checksum', 'vhdx.bat.reserved'],
    damage: async (file) => {
      await invert(file, 0x20000 + 60);
      await invert(file, 0x40000 + 40);
      await patchFile(file, BAT + 9, Uint8Array.of(0x10));
    },
  },
];

for (const { what, codes: expected, damage, options = [] } of DAMAGES) {
  test(`repairs ${what}`, async (t) => {
    const folder = await temporaryFolder(t);
    const file = await image(folder);
    const before = await tagsOf(file);
    await damage(file);
    const damaged = await readFile(file);

    const preview = await repair(file, ...options);
    assert.deepEqual([preview.status, preview.done, preview.left], [0, [], []]);
    assert.deepEqual(codes(preview.would), expected);
    assert.deepEqual(await readdir(folder), ['disk.vhdx'], 'the preview writes nothing');
    assert.ok(damaged.equals(await readFile(file)), 'the preview changes nothing');

    const copy = join(folder, 'copy.vhdx');
    const done = await repair(file, '--to', copy, '--yes', ...options);
    assert.deepEqual([done.status, done.would, done.left], [0, [], []]);
    assert.deepEqual(codes(done.done), expected);
    assert.ok(damaged.equals(await readFile(file)), 'the image itself stays');
    assert.deepEqual(await findingsOf(copy), []);
    assert.deepEqual(await tagsOf(copy), before);
    qemuAccepts(copy);

    const inPlace = await repair(file, '--in-place', '--yes', ...options);
    assert.deepEqual(codes(inPlace.done), expected);
    assert.deepEqual(await findingsOf(file), []);
    assert.deepEqual(await tagsOf(file), before);
    const undone = await runCli(['disk', 'repair', file, '--undo', inPlace.undo ?? '']);
    assert.equal(undone.status, 0, undone.err);
    assert.ok(damaged.equals(await readFile(file)), 'every byte is back');
    assert.deepEqual(await readdir(folder), ['copy.vhdx', 'disk.vhdx']);
  });
}

test('completes the last MiB of a file, unless bytes of a block are missing', async (t) => {
  const file = await image(await temporaryFolder(t));
  const { size } = await stat(file);
  await truncate(file, size + 512);
  const whole = await repair(file, '--yes', '--in-place');
  assert.deepEqual([codes(whole.done), whole.status], [['vhdx.file.size'], 0]);
  assert.equal((await stat(file)).size, size + MIB);

  // The second block, of which only a part is there.
  await truncate(file, 5 * MIB + 512);
  const cut = await repair(file, '--yes', '--in-place');
  assert.deepEqual([cut.done, cut.status], [[], 1]);
  assert.ok(codes(cut.left).includes('vhdx.bat.beyond'));
  assert.equal((await stat(file)).size, 5 * MIB + 512);
});

test('leaves a log that cannot be replayed, and tables that it may replace', async (t) => {
  const folder = await temporaryFolder(t);
  const file = await image(folder);
  await spoilLog(file);
  await patchFile(file, BAT + 9, Uint8Array.of(0x10));
  const { done, left, status } = await repair(file, '--yes', '--to', join(folder, 'copy.vhdx'));
  assert.deepEqual([done, status], [[], 1]);
  assert.ok(codes(left).includes('vhdx.log.corrupt'), codes(left).join());
});

test('gives a child the relative path of a parent that lies beside it', async (t) => {
  const folder = await temporaryFolder(t);
  const parent = join(folder, 'parent.vhdx');
  const child = join(folder, 'child.avhdx');
  const linkage = await makeTagged(parent, { size: 2 * MIB, blockSize: MIB }, [[0, MIB, 1]]);
  await makeTagged(
    child,
    { size: 2 * MIB, blockSize: MIB, parent: { linkage, absolutePath: 'C:\\VMs\\parent.vhdx' } },
    [[MIB, 4096, 2]],
  );
  const before = await tagsOf(child);
  const { done, left } = await repair(child, '--yes', '--in-place');
  assert.deepEqual([codes(done), left], [['disk.chain.absolute'], []]);
  const { out } = await runCli(['disk', 'info', child, '--json']);
  const info = JSON.parse(out) as { parent: { relativePath: string; absolutePath: string } };
  assert.equal(info.parent.relativePath, '.\\parent.vhdx');
  assert.equal(info.parent.absolutePath, 'C:\\VMs\\parent.vhdx');
  assert.deepEqual(await tagsOf(child), before);
  assert.deepEqual(codes((await repair(child)).would), []);
});

test('a copy is made beside the image by default and replaced with --force only', async (t) => {
  const folder = await temporaryFolder(t);
  const file = await image(folder);
  await invert(file, 0x10000 + 60);
  const { target } = await repair(file, '--yes');
  assert.equal(target, join(folder, 'disk.repaired.vhdx'));
  const again = await runCli(['disk', 'repair', file, '--yes', '--json']);
  assert.equal(again.status, 3);
  assert.match(again.out, /source\.exists/);
  assert.equal((await repair(file, '--yes', '--force')).status, 0);
  const itself = await runCli(['disk', 'repair', file, '--yes', '--force', '--to', file, '--json']);
  assert.match(itself.out, /disk\.target\.source/);
  assert.equal((await runCli(['disk', 'repair', file, '--in-place', '--to', file])).status, 2);
});

test('files of a store are never repaired in place', async (t) => {
  const folder = await temporaryFolder(t);
  const file = await image(folder);
  await writeFile(join(folder, 'refpoint-store.json'), '{}');
  await invert(file, 0x10000 + 60);
  const before = await readFile(file);
  const { out, status } = await runCli(['disk', 'repair', file, '--in-place', '--yes', '--json']);
  assert.equal(status, 3);
  assert.match(out, /disk\.edit\.store/);
  assert.ok(before.equals(await readFile(file)));
});

test('undo is refused for a changed image, another image and a damaged record', async (t) => {
  const folder = await temporaryFolder(t);
  const file = await image(folder);
  await invert(file, 0x10000 + 60);
  const { undo } = await repair(file, '--in-place', '--yes');
  const record = undo ?? '';
  const refused = async (image: string, code: string): Promise<void> => {
    const { out, status } = await runCli(['disk', 'repair', image, '--undo', record, '--json']);
    assert.equal(status, 3, out);
    assert.equal((JSON.parse(out) as { error: { code: string } }).error.code, code);
  };
  const repaired = await readFile(file);
  await writeTagged(file, [[0, 512, 7]]);
  await refused(file, 'disk.repair.changed');
  const other = join(folder, 'other.vhdx');
  await makeTagged(other, { size: 3 * MIB, blockSize: MIB }, []);
  await refused(other, 'disk.repair.changed');
  await writeFile(file, repaired);
  await invert(record, 2000);
  await refused(file, 'disk.repair.record');
  await refused(file, 'disk.repair.record');
});

test('replays a dirty log, in a copy and in place', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'dirty.vhdx');
  const victim = await soundImage('dynamic');
  const bytes = victim.bytes(BAT, 4096);
  // Without the log, block 3 is empty.
  victim.entry(3, 0, 0).log({}, { writes: [{ kind: 'page', offset: BAT, bytes }] });
  const dirty = Buffer.from(victim.bytes(0, victim.image.size));
  await writeFile(file, dirty);
  const hash = async (path: string, ...more: readonly string[]): Promise<string> =>
    (await runCli(['disk', 'hash', path, ...more])).out;
  const before = await hash(file);
  assert.notEqual(await hash(file, '--ignore-log'), before);
  assert.deepEqual(await findingsOf(file), ['vhdx.log.dirty']);

  assert.deepEqual(codes((await repair(file)).would), ['vhdx.log.dirty']);
  const copy = join(folder, 'copy.vhdx');
  const copied = await repair(file, '--to', copy, '--yes');
  assert.deepEqual([codes(copied.done), copied.left, copied.status], [['vhdx.log.dirty'], [], 0]);
  assert.ok(dirty.equals(await readFile(file)), 'the image itself stays');
  const { undo } = await repair(file, '--in-place', '--yes');
  for (const repaired of [copy, file]) {
    assert.deepEqual(await findingsOf(repaired), []);
    assert.equal(await hash(repaired), before);
    assert.equal(await hash(repaired, '--ignore-log'), before);
    qemuAccepts(repaired);
  }
  const undone = await runCli(['disk', 'repair', file, '--undo', undo ?? '']);
  assert.equal(undone.status, 0, undone.err);
  assert.ok(dirty.equals(await readFile(file)), 'every byte is back');
});
