import assert from 'node:assert/strict';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { WRITABLE_NAMES } from '../../../src/engine/disk/create/new-format.ts';
import { formatNamed } from '../../../src/engine/disk/formats/formats.ts';
import { generator } from '../../support/files/crash-recorder.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { ALL_CASES } from '../../support/process/all-cases.ts';
import { runCli } from '../../support/process/cli-io.ts';
import { peer } from '../../support/process/peers.ts';

const MIB = 2 ** 20;

/** Names of our formats in qemu-img. */
const QEMU: Readonly<Record<string, string>> = {
  raw: 'raw',
  vhdx: 'vhdx',
  vhd: 'vpc',
  qcow2: 'qcow2',
};

/** Sizes at and around the borders of sectors, clusters, blocks, MiB, and chunks' first blocks. */
const SIZES = [512, 65_536 + 512, 2 * MIB - 512, 2 * MIB + 512, 33 * MIB + 3 * 4096];

/** A sparse raw file with random data at both ends and at borders, and with written zeros. */
async function makeRaw(path: string, size: number): Promise<void> {
  const random = generator(size);
  const file = await open(path, 'w');
  await file.truncate(size);
  const place = async (at: number, bytes: Uint8Array): Promise<void> => {
    const start = Math.max(0, Math.min(Math.floor(at / 512) * 512, size - 512));
    await file.write(bytes, 0, Math.min(bytes.length, size - start), start);
  };
  await place(size / 2, new Uint8Array(300_000));
  for (const at of [0, 65_536 - 512, MIB - 512, 2 * MIB - 512, 32 * MIB - 512, size - 512]) {
    const length = 512 * (1 + Math.floor(random() * 12));
    await place(
      at,
      new Uint8Array(length).map(() => 1 + random() * 255),
    );
  }
  await file.close();
}

async function refpoint(folder: string, ...words: string[]): Promise<void> {
  const done = await runCli(words, { cwd: folder });
  assert.equal(done.status, 0, `${words.join(' ')}: ${done.err}`);
}

test('every format converts to every format and back; qemu-img reads each image as the same disk', async (t) => {
  const qemu = peer(t, 'qemu-img');
  if (qemu === undefined) return;
  assert.ok(WRITABLE_NAMES.length >= 2);
  const pairs = new Set<string>();
  for (const [at, size] of SIZES.entries()) {
    const folder = await temporaryFolder(t);
    await makeRaw(join(folder, 'flat.raw'), size);
    const judge = (file: string, name: string): void => {
      // By default qemu-img computes the size of a VHD from its geometry.
      const size = name === 'vhd' ? ',force_size_calc=current_size' : '';
      const image = `driver=${QEMU[name] ?? name}${size},file.filename=${file}`;
      const flat = 'driver=raw,file.filename=flat.raw';
      const answer = spawnSync(qemu, ['compare', '--image-opts', flat, image], { cwd: folder });
      assert.equal(
        answer.status,
        0,
        `${file} of ${size}: ${String(answer.stdout)} ${String(answer.stderr)}`,
      );
    };
    let kindsSeen = 0;
    for (const name of WRITABLE_NAMES) {
      const kinds = formatNamed(name).writes?.subformats ?? [];
      for (const kind of kinds.filter((each) => each !== 'differencing')) {
        const first = `first-${kind}${formatNamed(name).endings[0]}`;
        await refpoint(folder, 'disk', 'convert', 'flat.raw', first, '--subformat', kind);
        judge(first, name);
        // Each size meets each kind and each target, and each kind meets each target at some size.
        const turn = (at + kindsSeen++) % WRITABLE_NAMES.length;
        for (const next of ALL_CASES ? WRITABLE_NAMES : WRITABLE_NAMES.slice(turn, turn + 1)) {
          pairs.add(`${name} ${kind} ${next}`);
          const second = `second${formatNamed(next).endings[0]}`;
          await refpoint(folder, 'disk', 'convert', first, second, '--force');
          judge(second, next);
          await refpoint(folder, 'disk', 'compare', second, 'flat.raw', '--strict');
        }
      }
    }
    assert.ok((await readdir(folder)).every((name) => !name.startsWith('.')));
    assert.ok(kindsSeen >= WRITABLE_NAMES.length);
    if (at === SIZES.length - 1) assert.equal(pairs.size, kindsSeen * WRITABLE_NAMES.length);
  }
});

test('VHDX images of every block and sector size are read by qemu-img and by Refpoint as the same disk', async (t) => {
  const qemu = peer(t, 'qemu-img');
  if (qemu === undefined) return;
  const folder = await temporaryFolder(t);
  const size = 33 * MIB + 3 * 4096;
  await makeRaw(join(folder, 'flat.raw'), size);
  for (const block of [1, 2, 4, 8, 16, 32, 64, 128, 256]) {
    for (const sector of ['512', '4096']) {
      const options = ['--block-size', `${block}M`, '--sector-size', sector, '--force'];
      await refpoint(folder, 'disk', 'convert', 'flat.raw', 'a.vhdx', ...options);
      await refpoint(folder, 'disk', 'compare', 'a.vhdx', 'flat.raw', '--strict');
      // qemu-img does not open sectors of 4096 bytes.
      if (sector !== '512') continue;
      const words = ['compare', '-f', 'raw', '-F', 'vhdx', 'flat.raw', 'a.vhdx'];
      const answer: SpawnSyncReturns<Buffer> = spawnSync(qemu, words, { cwd: folder });
      assert.equal(
        answer.status,
        0,
        `blocks of ${block} MiB: ${String(answer.stdout)} ${String(answer.stderr)}`,
      );
    }
  }
});

test('create, merge and rebase by command: a chain, a merged file, a moved parent', async (t) => {
  const folder = await temporaryFolder(t);
  await makeRaw(join(folder, 'flat.raw'), 5 * MIB);
  await refpoint(folder, 'disk', 'convert', 'flat.raw', 'base.vhdx');
  await refpoint(folder, 'disk', 'create', 'child.avhdx', '--parent', 'base.vhdx');
  await refpoint(folder, 'disk', 'compare', 'child.avhdx', 'flat.raw', '--strict');
  const usage = await runCli(['disk', 'merge', 'child.avhdx'], { cwd: folder });
  assert.equal(usage.status, 2);
  const unsure = await runCli(['disk', 'merge', 'child.avhdx', '--in-place'], { cwd: folder });
  assert.equal(unsure.status, 2);
  await refpoint(folder, 'disk', 'merge', 'child.avhdx', '--into', 'merged.vhdx');
  await refpoint(folder, 'disk', 'compare', 'merged.vhdx', 'flat.raw', '--strict');
  await refpoint(folder, 'disk', 'rebase', 'child.avhdx', '--parent', 'merged.vhdx');
  await refpoint(folder, 'disk', 'merge', 'child.avhdx', '--in-place', '--yes');
  await refpoint(folder, 'disk', 'compare', 'child.avhdx', 'flat.raw', '--strict');
  const taken = await runCli(['disk', 'convert', 'flat.raw', 'base.vhdx', '--json'], {
    cwd: folder,
  });
  assert.equal(taken.status, 3);
  assert.equal(JSON.parse(taken.out).error.code, 'source.exists');
});
