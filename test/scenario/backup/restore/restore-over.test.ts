import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { test, type TestContext } from 'node:test';
import { toLocalPath } from '../../../../src/engine/backup/host/path-map.ts';
import { storeLedger } from '../../../../src/engine/backup/ledger/ledger-file.ts';
import { planRestoreOver } from '../../../../src/engine/operations/vm/plan-over.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import type { Store } from '../../../../src/engine/backup/store/contract/store.ts';
import {
  backup,
  openTestStore,
  pattern,
  startBackupLab,
  type BackupLab,
} from '../../../support/backup/backup-lab.ts';
import { NOT_IN_WINE } from '../../../support/process/all-cases.ts';
import { refpoint } from '../../../support/process/command.ts';
import type { BackedUpVm } from '../../../support/backup/import-lab.ts';
import {
  accept,
  attachedFiles,
  fileHashes,
  filledVm,
  guestHashes,
  over,
  overOptions,
  ownBytes,
  turnOff,
  undo,
} from '../../../support/backup/over-lab.ts';

const MIB = 2 ** 20;
const UNIT = 65_536;

interface Ready {
  readonly lab: BackupLab;
  readonly store: Store;
  readonly vm: BackedUpVm;
  /** Files of the disks, and what they hold, before the restore. */
  readonly files: readonly string[];
  readonly bytes: readonly string[];
  readonly hashes: readonly string[];
}

/** A VM with two points whose guest wrote on since, and which is off. */
async function ready(t: TestContext): Promise<Ready> {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const vm = await filledVm(lab, store, 'web');
  await lab.write('web', 0, 2 * MIB + UNIT + 100, pattern(300, 3));
  await lab.write('web', 0, 20 * MIB, pattern(UNIT, 4));
  await turnOff(lab, 'web');
  const files = await attachedFiles(lab, 'web');
  const hashes = await guestHashes(lab, 'web');
  return { lab, store, vm, files, bytes: await fileHashes(lab, files), hashes };
}

/** Names in the folder of the disks. */
const beside = async ({ lab, files }: Ready): Promise<readonly string[]> =>
  (await readdir(dirname(toLocalPath(files[0] ?? '', lab.pathMap, false).path))).sort();

async function assertOldDisks(given: Ready): Promise<void> {
  const { lab, store, vm, files, bytes, hashes } = given;
  assert.deepEqual(await attachedFiles(lab, 'web'), files);
  assert.deepEqual(await fileHashes(lab, files), bytes, 'the old files changed');
  assert.deepEqual(await guestHashes(lab, 'web'), hashes);
  assert.equal((await storeLedger(store, vm.id).load(never)).overs, undefined);
  assert.deepEqual(
    (await beside(given)).filter((name) => name.includes('restored') || name.startsWith('.')),
    [],
  );
}

test('only parts that differ are written, beside the old disks, and the undo gives them back', async (t) => {
  const given = await ready(t);
  const { lab, store, vm, files, bytes } = given;
  const [first] = vm.points;
  const options = overOptions(lab, vm, { point: first?.id ?? '' });
  // Of the first disk three units changed between the points, of which one also afterwards, and one is
  // new; of the second one 70 000 bytes were written into two units that were empty.
  const differ = [4 * UNIT, 2 * UNIT];
  const deps = { host: lab.host, store, progress: noProgress, now: Date.now };
  const plan = await planRestoreOver(deps, options, never);
  assert.deepEqual(
    plan.disks.map(({ way, writtenBytes }) => [way, writtenBytes]),
    differ.map((each) => ['differing', each]),
  );
  // 8 MiB and 6 MiB were written before the first point, and 70 000 bytes behind the latter.
  assert.deepEqual(
    plan.disks.map(({ savedBytes }) => savedBytes),
    [8 * MIB - 4 * UNIT, 6 * MIB + 2 * UNIT - 2 * UNIT],
  );
  await assertOldDisks(given);
  const done = await over(lab, store, options);
  assert.equal(done.planned, false);
  assert.deepEqual(await guestHashes(lab, 'web'), first?.hashes);
  const fresh = await attachedFiles(lab, 'web');
  assert.deepEqual(
    fresh,
    done.disks.map(({ path }) => path),
  );
  for (const [at, file] of fresh.entries()) {
    const { data, zero } = await ownBytes(lab, file);
    assert.equal(data + zero, differ[at], file);
  }
  assert.deepEqual(await fileHashes(lab, files), bytes, 'the old files changed');
  // The restored VM runs: what it writes goes with the undo.
  await lab.ask('set-state', { vm: 'web', state: 'running' });
  await lab.write('web', 0, 0, pattern(UNIT, 9));
  await turnOff(lab, 'web');
  await assert.rejects(over(lab, store, options), { code: 'over.open' });
  const undone = await undo(lab, store, options);
  assert.equal(undone.outcome, 'undone');
  await assertOldDisks(given);
});

test(
  'the latest point leaves a disk alone that it equals, and the next backup is a full that says why',
  NOT_IN_WINE,
  async (t) => {
    const given = await ready(t);
    const { lab, store, vm } = given;
    const { id: foreign } = await lab.ask('reference-point-create', {
      vm: 'web',
      consistency: 'crash',
    });
    const other = await openTestStore(lab, 'other');
    await lab.ask('set-state', { vm: 'web', state: 'running' });
    await backup(lab, other, 'web');
    await turnOff(lab, 'web');
    const done = await over(lab, store, overOptions(lab, vm));
    assert.deepEqual(
      done.disks.map(({ way, writtenBytes }) => [way, writtenBytes]),
      [
        ['differing', 2 * UNIT],
        ['same', 0],
      ],
    );
    assert.deepEqual(await guestHashes(lab, 'web'), vm.points[1]?.hashes);
    await lab.ask('set-state', { vm: 'web', state: 'running' });
    const { manifest } = await backup(lab, store, 'web');
    assert.deepEqual(
      manifest.disks.map(({ kind, reason }) => [kind, reason.code]),
      [
        ['full', 'disk.restored'],
        ['incr', 'incremental'],
      ],
    );
    assert.equal(manifest.disks[0]?.reason.evidence['restored'], vm.points[1]?.id);
    // The increment of another store, which knows nothing of the restore, is right nevertheless.
    const second = await backup(lab, other, 'web');
    assert.equal(second.manifest.disks[0]?.kind, 'full');
    const next = await backup(lab, store, 'web');
    assert.equal(next.manifest.kind, 'incr');
    const { referencePoints } = await lab.host.findVm('web', never);
    assert.ok(referencePoints.some(({ id }) => id.toLowerCase().includes(foreign.toLowerCase())));
  },
);

test('accepted disks are merged into the old files, with what the VM wrote since', async (t) => {
  const given = await ready(t);
  const { lab, store, vm, files } = given;
  const options = overOptions(lab, vm, { point: vm.points[0]?.id ?? '' });
  const { disks } = await over(lab, store, options);
  await lab.ask('set-state', { vm: 'web', state: 'running' });
  await lab.write('web', 1, 0, pattern(UNIT, 9));
  await assert.rejects(accept(lab, store, options), { code: 'over.state' });
  await turnOff(lab, 'web');
  const now = await guestHashes(lab, 'web');
  const done = await accept(lab, store, options);
  assert.deepEqual(
    done.removed,
    disks.map(({ path }) => path),
  );
  assert.deepEqual(await attachedFiles(lab, 'web'), files);
  assert.deepEqual(await guestHashes(lab, 'web'), now);
  assert.deepEqual(
    (await beside(given)).filter((name) => name.includes('restored')),
    [],
  );
  await assert.rejects(undo(lab, store, options), { code: 'over.none' });
  await lab.ask('set-state', { vm: 'web', state: 'running' });
  const { manifest } = await backup(lab, store, 'web');
  assert.equal(manifest.disks[0]?.reason.code, 'disk.restored');
});

test(
  'a disk that was resized is written as a whole, and accepting removes the old file',
  NOT_IN_WINE,
  async (t) => {
    const given = await ready(t);
    const { lab, store, vm, files } = given;
    await lab.ask('resize', { vm: 'web', disk: 1, size: 16 * MIB });
    const options = overOptions(lab, vm, { disks: ['1'] });
    const { disks } = await over(lab, store, options);
    assert.deepEqual(
      disks.map(({ way, why }) => [way, why]),
      [['whole', `the VM's disk has ${16 * MIB} bytes, the point's ${12 * MIB}`]],
    );
    assert.equal(await lab.guestHash('web', 1), vm.points[1]?.hashes[1]);
    await undo(lab, store, options);
    assert.deepEqual(await attachedFiles(lab, 'web'), files);
    await over(lab, store, options);
    const { removed } = await accept(lab, store, options);
    assert.deepEqual(removed, [files[1]]);
    assert.equal(await lab.guestHash('web', 1), vm.points[1]?.hashes[1]);
  },
);

test('the command prints its plan, asks for the confirmation and says how to undo', async (t) => {
  const given = await ready(t);
  const { lab, store, vm } = given;
  const { options: host, env } = lab.command;
  const common = ['restore', '--store', store.location, '--vm', vm.id, '--over', vm.id];
  const planned = await refpoint([...common, '--plan', ...host], { env });
  assert.equal(planned.status, 0, planned.stderr);
  assert.match(
    planned.stdout,
    /128 KiB of 24 MiB differ, in a differencing image on .*disk0\.vhdx/,
  );
  assert.match(planned.stdout, /scsi0:1 {2}.*has these contents already/);
  await assertOldDisks(given);
  for (const wrong of [[], ['--confirm', 'web'], ['--confirm', vm.id, '--to', 'x']]) {
    const refused = await refpoint([...common, ...wrong, ...host], { env });
    assert.equal(refused.status, wrong[1] === 'web' ? 3 : 2, refused.stderr);
  }
  const words = [...common, '--confirm', `{${vm.id.toUpperCase()}}`, '--json', ...host];
  const done = await refpoint(words, { env });
  assert.equal(done.status, 0, done.stderr);
  const found = JSON.parse(done.stdout) as { vm: { id: string }; disks: { way: string }[] };
  assert.deepEqual(
    found.disks.map(({ way }) => way),
    ['differing', 'same'],
  );
  const again = await refpoint([...common, '--confirm', vm.id, ...host], { env });
  assert.equal(again.status, 3);
  assert.match(again.stderr, /--accept VM.*--undo VM/);
  const settle = ['restore', '--store', store.location, '--undo', vm.id, '--confirm', vm.id];
  const undone = await refpoint([...settle, ...host], { env });
  assert.equal(undone.status, 0, undone.stderr);
  assert.match(undone.stdout, /was undone: the VM .* has its old disks/);
  await assertOldDisks(given);
});
