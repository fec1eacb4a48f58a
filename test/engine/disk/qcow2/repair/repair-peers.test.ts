import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { Draft } from '../../../../../src/engine/disk/repair/draft.ts';
import { QCOW2 } from '../../../../../src/engine/disk/qcow2/qcow2-format.ts';
import { HeldSource } from '../../../../../src/engine/source/held-source.ts';
import { Qcow2Victim } from '../../../../support/disk/findings/qcow2-victim.ts';
import { openBytes, readOver, run } from '../../../../support/disk/qcow2-images.ts';
import { generator } from '../../../../support/files/crash-recorder.ts';
import { temporaryFolder } from '../../../../support/files/temporary-folder.ts';
import { peer } from '../../../../support/process/peers.ts';

const SEED = 11;
const ROUNDS = 4;

const OPTIONS: readonly (readonly [options: string, snapshot: boolean, bitmaps?: boolean])[] = [
  ['compat=0.10', true],
  ['compat=1.1,cluster_size=512', false],
  ['compat=1.1,cluster_size=4k,refcount_bits=16', true, true],
  ['compat=1.1,cluster_size=64k,refcount_bits=8', false, true],
  ['compat=1.1,cluster_size=512,refcount_bits=4', false],
  ['compat=1.1,cluster_size=16k,refcount_bits=2', false],
  ['compat=1.1,cluster_size=4k,refcount_bits=8', true],
  ['compat=1.1,cluster_size=64k,refcount_bits=32', true],
  ['compat=1.1,extended_l2=on,refcount_bits=64', true],
  ['compat=1.1,cluster_size=2M,refcount_bits=1', false],
  ['compat=1.1,cluster_size=4k,refcount_bits=8,compression_type=zstd', false],
];

/** Repairs the bytes of an image in memory. Returns them, and the codes of the steps. */
async function repaired(bytes: Uint8Array): Promise<{ bytes: Uint8Array; codes: string[] }> {
  const draft = new Draft(new HeldSource(bytes, 'disk.qcow2'));
  const steps = (await QCOW2.repairs?.repair(draft, never)) ?? [];
  const after = new Uint8Array(draft.size);
  await draft.read(0, after, never);
  return { bytes: after, codes: steps.map(({ code }) => code) };
}

async function findings(bytes: Uint8Array): Promise<string[]> {
  const found: string[] = [];
  const source = new HeldSource(bytes, 'disk.qcow2');
  for await (const { code } of QCOW2.check?.(source, never) ?? []) found.push(code);
  return found;
}

const contents = async (bytes: Uint8Array): Promise<string> =>
  createHash('sha256')
    .update(await readOver(await openBytes(bytes)))
    .digest('hex');

/** Damages refcounts, flags, and now and then the refcount table. */
function harm(bytes: Uint8Array, random: () => number): void {
  const victim = new Qcow2Victim(bytes);
  const below = (limit: number): number => Math.floor(random() * limit);
  const block = victim.place(victim.refcounts);
  for (let i = 0; i < 1 + below(5); i++) {
    bytes[block + below(Math.min(victim.cluster, 400))] = below(256);
  }
  for (let i = 0; i < below(4); i++) {
    const at = (random() < 0.3 ? victim.l1 : victim.l2) & ~7;
    bytes[at] = (bytes[at] ?? 0) ^ 0x80;
  }
  const dice = random();
  if (dice < 0.15) victim.put(victim.refcounts, 0, 8);
  else if (dice < 0.3) victim.put(victim.refcounts, below(bytes.length), 8);
  else if (dice < 0.4) victim.put(48, below(bytes.length), 8);
  else if (dice < 0.5) victim.put(victim.refcounts, victim.l2, 8);
}

test(`after random damage to refcounts qemu finds nothing wrong in the repaired image (seed ${SEED})`, async (t) => {
  const qemu = peer(t, 'qemu-img');
  const io = peer(t, 'qemu-io');
  if (qemu === undefined || io === undefined) return;
  const folder = await temporaryFolder(t);
  const random = generator(SEED);
  const seen = new Set<string>();
  for (const [options, snapshot, bitmaps = false] of OPTIONS) {
    const name = 'disk.qcow2';
    const file = join(folder, name);
    run(qemu, ['create', '-q', '-f', 'qcow2', '-o', options, name, '4M'], folder);
    // Compressed clusters lie together in one, which needs a refcount above 3.
    const packed = /refcount_bits=[12]$/.test(options) ? [] : ['-c', 'write -c -P 8 2M 64k'];
    if (bitmaps) run(qemu, ['bitmap', '--add', '-g', '512', name, 'changed'], folder);
    run(io, ['-c', 'write -P 7 0 200k', ...packed, name], folder);
    if (snapshot) {
      run(qemu, ['snapshot', '-c', 'one', name], folder);
      run(io, ['-c', 'write -P 9 64k 128k', '-c', 'write -z 3M 64k', name], folder);
    }
    const sound = await readFile(file);
    const before = await contents(sound);
    assert.deepEqual((await repaired(sound)).codes, [], options);
    for (let round = 0; round < ROUNDS; round++) {
      const what = `${options}, round ${round}`;
      const damaged = Uint8Array.from(sound);
      harm(damaged, random);
      const { bytes, codes } = await repaired(damaged);
      for (const code of codes) seen.add(code);
      assert.deepEqual(await findings(bytes), bitmaps ? ['qcow2.bitmaps.ignored'] : [], what);
      assert.equal(await contents(bytes), before, what);
      await writeFile(file, bytes);
      const judged: { status: number | null; stdout: Buffer; stderr: Buffer } = spawnSync(
        qemu,
        ['check', name],
        { cwd: folder },
      );
      assert.equal(
        judged.status,
        0,
        `${what}: ${judged.stdout.toString()}${judged.stderr.toString()}`,
      );
    }
  }
  assert.ok(seen.size >= 4, [...seen].join());
});
