import assert from 'node:assert/strict';
import { mkdir, rename, rm, symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { machine } from '../../../src/engine/source/platform/file-environment.ts';
import { openTestStore } from '../../support/backup/backup-lab.ts';
import { runCli } from '../../support/process/cli-io.ts';
import { fullAndIncrement, pathOf } from '../../support/backup/two-points.ts';

/** Nothing in these is of a platform, and Wine takes its time for labs. */
const windows = process.platform === 'win32';

test(
  'verify and store show say what is whole, what is damaged and what was never finished',
  { skip: windows },
  async (t) => {
    const made = await fullAndIncrement(t);
    const { store, full, incr } = made;
    const vm = join(store.location, full.vm.id);
    await rm(pathOf(made, full, 'point.chain.json'));
    await mkdir(join(vm, '20300101T000000Z-incr'));
    const verified = await runCli(['verify', '--store', store.location]);
    assert.equal(verified.status, 1);
    assert.match(
      verified.out,
      new RegExp(`DAMAGED +${full.id}\\n.*builds on it.*manifest\\.missing`),
    );
    assert.match(verified.out, new RegExp(`DAMAGED +${incr.id}\\n.*chain\\.gap`));
    assert.match(verified.out, /partial +20300101T000000Z-incr\n.*never finished/);
    const shown = await runCli(['store', 'show', '--store', store.location]);
    assert.match(shown.out, new RegExp(`${full.id} .*DAMAGED`));
    assert.match(shown.out, /20300101T000000Z-incr .*partial/);
  },
);

test(
  'an image that was deleted or cut shows in the list of points without a verification',
  { skip: windows },
  async (t) => {
    const made = await fullAndIncrement(t);
    const { store, full, incr } = made;
    const show = async (): Promise<readonly { id: string; problems: { code: string }[] }[]> => {
      const { out } = await runCli(['store', 'show', '--json', '--store', store.location]);
      return JSON.parse(out) as { id: string; problems: { code: string }[] }[];
    };
    const codes = async (): Promise<unknown> =>
      (await show()).map(({ problems }) => problems.map(({ code }) => code));
    assert.deepEqual(await codes(), [[], []]);
    await rm(pathOf(made, incr, '0-disk0.avhdx'));
    assert.deepEqual(await codes(), [[], ['file.missing']]);
    await truncate(pathOf(made, full, '0-disk0.vhdx'), 4096);
    await rm(pathOf(made, full, '0-disk0.hashes'));
    assert.deepEqual(await codes(), [
      ['file.missing', 'file.size'],
      ['file.missing', 'chain.files'],
    ]);
    const { out } = await runCli(['store', 'show', '--store', store.location]);
    assert.match(out, new RegExp(`${incr.id} .*DAMAGED`));
  },
);

test(
  'a verification that verified nothing never says that all is well',
  { skip: windows },
  async (t) => {
    const { store, full, lab } = await fullAndIncrement(t);
    const verify = (...args: string[]): ReturnType<typeof runCli> =>
      runCli(['verify', '--quick', ...args]);
    const at = ['--store', store.location];
    const unknown = await verify(...at, '--point', '20200101T000000Z-full');
    assert.equal(unknown.status, 2);
    assert.match(unknown.err, /The store has no point 20200101T000000Z-full/);
    assert.equal((await verify(...at, '--vm', 'nobody')).status, 3);
    const partial = '20300101T000000Z-incr';
    await mkdir(join(store.location, full.vm.id, partial));
    assert.equal((await verify(...at)).status, 0, 'one that was never finished is no damage');
    const alone = await verify(...at, '--point', partial, '--json');
    assert.equal(alone.status, 1);
    const { points } = JSON.parse(alone.out) as { points: { ok: boolean }[] };
    assert.deepEqual(
      points.map(({ ok }) => ok),
      [false],
    );
    for (const format of ['vmdk', 'vdi']) {
      const refused = await runCli(['restore', ...at, '--to', lab.folder, '--format', format]);
      assert.equal(refused.status, 2, 'what cannot be written is not offered');
      assert.match(refused.err, /vhdx.*raw/);
      assert.doesNotMatch(refused.err, /not.yet/);
    }
    const empty = await openTestStore(lab, 'empty');
    const none = await verify('--store', empty.location);
    assert.equal(none.status, 1);
    assert.match(none.out, /Nothing was verified: the store has no finished point/);
    await mkdir(join(empty.location, full.vm.id, partial), { recursive: true });
    const only = await verify('--store', empty.location);
    assert.equal(only.status, 1);
    assert.match(only.out, /partial +2030.*\n.*never finished.*\nNothing was verified/);
  },
);

test(
  'a VM’s folder that is passed over is told: nothing of it was verified',
  { skip: windows },
  async (t) => {
    const { store, full, lab } = await fullAndIncrement(t);
    const folder = join(store.location, full.vm.id);
    const upper = join(store.location, full.vm.id.toUpperCase());
    await rename(folder, upper);
    const misspelled = await runCli(['verify', '--quick', '--store', store.location]);
    // Where case means nothing it is the same folder still.
    if (process.platform === 'linux') {
      assert.equal(misspelled.status, 1);
      assert.match(misspelled.out, /was skipped: expected the name .*vm\.folder/);
    }
    await rename(upper, join(lab.folder, 'elsewhere'));
    await symlink(join(lab.folder, 'elsewhere'), folder);
    const linked = await runCli(['verify', '--quick', '--store', store.location]);
    assert.equal(linked.status, 1);
    assert.match(linked.out, /is a link to .*store\.path/);
  },
);

test(
  'a VM without any point does not make the only one that has some ambiguous',
  { skip: windows },
  async (t) => {
    const { store, lab, incr } = await fullAndIncrement(t);
    await mkdir(join(store.location, '11111111-2222-4333-8444-555555555555'));
    const to = join(lab.folder, 'out');
    const restored = await runCli(['restore', '--store', store.location, '--to', to]);
    assert.equal(restored.status, 0, restored.err);
    assert.match(restored.out, new RegExp(incr.id));
  },
);

test(
  'a store that can only be read is verified, and not called damaged because nothing can be repaired in it',
  { skip: windows },
  async (t) => {
    const { store, full } = await fullAndIncrement(t);
    const { open } = machine.files;
    t.mock.method(machine.files, 'open', ((path, flags, ...rest) => {
      const denied = Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' });
      const inStore = String(path).startsWith(store.location);
      return inStore && flags === 'wx' ? Promise.reject(denied) : open(path, flags, ...rest);
    }) satisfies typeof open);
    const at = ['--store', store.location];
    const verified = await runCli(['verify', ...at]);
    assert.equal(verified.status, 0, verified.out);
    assert.match(verified.out, new RegExp(`ok +${full.id}`));
    const repaired = await runCli(['verify', ...at, '--repair-hashes']);
    assert.equal(repaired.status, 3, repaired.out);
    assert.match(repaired.err, /EROFS/);
    assert.doesNotMatch(repaired.out, /DAMAGED/);
  },
);
