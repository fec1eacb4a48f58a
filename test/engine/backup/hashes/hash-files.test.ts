import assert from 'node:assert/strict';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { PointManifest } from '../../../../src/engine/backup/manifest/manifest.ts';
import { restorePoint, type RestoreResult } from '../../../../src/engine/backup/restore/restore.ts';
import type { PointVerdict } from '../../../../src/engine/backup/verify/verdict.ts';
import { verifyPoints } from '../../../../src/engine/backup/verify/verify.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { Lease } from '../../../../src/engine/backup/lease/lease.ts';
import { thisProcess } from '../../../../src/engine/backup/lease/lease-owner.ts';
import { backup, verifyErrors } from '../../../support/backup/backup-lab.ts';
import { diskSha256 } from '../../../support/disk/disk-sha256.ts';
import { runCli } from '../../../support/process/cli-io.ts';
import { fullAndIncrement, pathOf, restoreOptions } from '../../../support/backup/two-points.ts';

async function flip(file: string, at: number): Promise<void> {
  const bytes = await readFile(file);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(file, bytes);
}

test('a hash file that is damaged or gone keeps no point from being restored, and is rebuilt from proven data', async (t) => {
  const made = await fullAndIncrement(t);
  const { store, full, incr, hashes, lab } = made;
  const vmId = full.vm.id;
  const fileOf = (manifest: PointManifest): string =>
    pathOf(made, manifest, manifest.disks[0]?.hashesFile.file ?? '');
  const [ofFull, ofIncr] = [fileOf(full), fileOf(incr)];
  const whole = [await readFile(ofFull), await readFile(ofIncr)] as const;
  let runs = 0;
  const restore = async (point: string): Promise<RestoreResult> => {
    const to = join(lab.folder, `out-${runs++}`);
    return restorePoint(store, restoreOptions(made, { point, to }), noProgress, never);
  };
  const verify = (repairHashes: boolean, point?: string): Promise<readonly PointVerdict[]> =>
    verifyPoints(store, vmId, { point, quick: false, repairHashes }, noProgress, never);

  const damages: readonly (readonly [string, () => Promise<void>])[] = [
    ['a bit of a page of the full', () => flip(ofFull, 70)],
    ['a bit of the header of the full', () => flip(ofFull, 3)],
    ['a bit of the trailer of the increment', () => flip(ofIncr, whole[1].length - 100)],
    ['the file of the full is gone', () => rename(ofFull, `${ofFull}.away`)],
    ['the file of the full is cut', () => writeFile(ofFull, whole[0].subarray(0, 50))],
  ];
  for (const [what, damage] of damages) {
    await damage();
    for (const [i, { id }] of [full, incr].entries()) {
      const { disks, warnings } = await restore(id);
      assert.equal(await diskSha256(disks[0]?.file ?? ''), hashes[i], `${what}: ${id}`);
      const chainHit = i === 1 || !what.includes('increment');
      assert.deepEqual(
        warnings.map(({ code }) => code),
        chainHit ? ['hashes.damaged'] : [],
        `${what}: ${id}`,
      );
      if (chainHit) assert.match(warnings[0]?.message ?? '', /0-disk0\.hashes of .* is damaged/);
    }
    const found = await verify(false);
    assert.deepEqual(
      found.map(({ ok }) => ok),
      [what.includes('increment'), !what.includes('increment')],
      `${what}: only the point whose file it is has an error`,
    );
    const codes = found.flatMap(({ findings }) => findings.map(({ code }) => code));
    assert.ok(codes.includes('hashes.damaged'), `${what}: ${codes.join(' ')}`);
    const repaired = await verify(true);
    assert.ok(
      repaired.every(({ ok }) => ok),
      `${what}: ${JSON.stringify(repaired)}`,
    );
    assert.ok(
      repaired.flatMap(({ findings }) => findings).some((f) => f.code === 'hashes.rebuilt'),
    );
    assert.deepEqual(await readFile(ofFull), whole[0], what);
    assert.deepEqual(await readFile(ofIncr), whole[1], what);
    assert.deepEqual(await verifyErrors(store, vmId), []);
  }
  await rm(`${ofFull}.away`);

  // Of one point alone, with its parents.
  await flip(ofFull, 70);
  await flip(ofIncr, 70);
  assert.deepEqual(
    (await verify(true, incr.id)).map(({ id, ok }) => [id, ok]),
    [
      [full.id, true],
      [incr.id, true],
    ],
  );

  // Data that is not proven rebuilds nothing.
  await flip(ofFull, 70);
  const image = pathOf(made, full, '0-disk0.vhdx');
  const good = await readFile(image);
  await flip(image, good.length - 2 ** 20);
  const [verdict] = await verify(true, full.id);
  assert.equal(verdict?.ok, false);
  assert.deepEqual(await readFile(ofFull).then((now) => now.equals(whole[0])), false);
  assert.match(
    JSON.stringify(verdict),
    /was not rebuilt: the contents of disk 0 have the hash root/,
  );
  await writeFile(image, good);

  // The command: says how, refuses together with --quick, and waits for nobody who writes.
  const command = ['--store', store.location];
  const first = await runCli(['verify', ...command]);
  assert.equal(first.status, 1);
  assert.match(first.out, /verify --repair-hashes rebuilds/);
  assert.equal((await runCli(['verify', '--quick', '--repair-hashes', ...command])).status, 2);
  const lease = await Lease.acquire(store, vmId, await thisProcess('backup'), never);
  const held = await runCli(['verify', '--repair-hashes', '--json', ...command]);
  assert.match(held.out, /"lease\.held"/);
  await lease.release();
  const done = await runCli(['verify', '--repair-hashes', ...command]);
  assert.equal(done.status, 0, done.out + done.err);
  assert.match(done.out, /info: .*0-disk0\.hashes was damaged and has been rebuilt/);
  assert.equal((await runCli(['verify', ...command])).status, 0);

  // The next increment builds on it.
  assert.equal((await backup(lab, store, 'vm')).manifest.kind, 'incr');
});
