import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { BackupOptions } from '../../../src/engine/api/backup.ts';
import { runBackup, type BackupResult } from '../../../src/engine/backup/run/run-backup.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { parseGuid } from '../../../src/engine/base/guid.ts';
import { isEngineError } from '../../../src/engine/base/errors.ts';
import { planDocument } from '../../../src/engine/operations/vm/plan-backup.ts';
import {
  backupOptions,
  openTestStore,
  pattern,
  restoredHashes,
  runDeps,
  startBackupLab,
  verifyErrors,
  type BackupLabStart,
} from '../../support/backup/backup-lab.ts';
import { runCli } from '../../support/process/cli-io.ts';

const MIB = 2 ** 20;
const NODE = 'REFPOINT-LAB-2';

/** VMs a, b and c; a and b are a group with one point in a store. */
async function scene(t: TestContext, start: BackupLabStart = {}, shared = false) {
  const lab = await startBackupLab(t, { smb: shared, ...start });
  const ids: Record<string, string> = {};
  for (const [i, name] of ['a', 'b', 'c'].entries()) {
    ids[name] = (await lab.ask('add-vm', { name, disks: [{ size: 4 * MIB }] })).id;
    await lab.write(name, 0, MIB, pattern(70_000, i));
  }
  if (shared) {
    const disk = { size: 4 * MIB };
    await lab.ask('add-shared-disk', { name: 'quorum', vms: ['a', 'b'], format: 'vhds', disk });
  }
  const group = await lab.ask('group-create', { name: 'cluster', members: ['a', 'b'] });
  const store = await openTestStore(lab);
  const hostOf = () => lab.host.groups.hostOf('cluster', never);
  const backUp = async (options: Partial<BackupOptions> = {}): Promise<BackupResult> => {
    const host = await hostOf();
    const deps = runDeps(lab, store, { host });
    return runBackup(deps, host.group.id, backupOptions(lab, options), randomUUID(), never);
  };
  const plan = async (options: Partial<BackupOptions> = {}) =>
    planDocument(await hostOf(), 'cluster', store, backupOptions(lab, options), never);
  await backUp();
  const member = (vm: string, isMember: boolean) =>
    lab.ask('group-member', { group: 'cluster', vm, member: isMember });
  const nameOf = (holders: readonly { readonly id: string }[] = []): string =>
    Object.keys(ids).find((name) => ids[name] === holders[0]?.id) ?? '';
  return { lab, store, ids, nameOf, id: parseGuid(group.id), backUp, plan, member };
}

/** Asserts that plan and run refuse with the same words, and that the run leaves nothing behind. */
async function refused(
  { lab, plan, backUp }: Awaited<ReturnType<typeof scene>>,
  message: RegExp,
  data: Record<string, unknown>,
): Promise<void> {
  for (const attempt of [plan, backUp]) {
    await assert.rejects(attempt(), (error: unknown) => {
      assert.ok(isEngineError(error, 'plan.members'), String(error));
      assert.match(error.message, message);
      for (const [key, value] of Object.entries(data)) assert.deepEqual(error.data[key], value);
      return true;
    });
  }
  for (const vm of await lab.ask('list', {})) assert.deepEqual(vm.checkpoints, [], vm.name);
}

test('a new member is in the plan and in the report; its disks are fulls, those of the others increments', async (t) => {
  const { lab, store, ids, nameOf, id, backUp, plan, member } = await scene(t);
  await member('c', true);
  const words = /“c” is a member since .*: its disks are read in full/;
  const planned = await plan();
  assert.match(planned.warnings.find(({ code }) => code === 'group.members')?.message ?? '', words);
  const { manifest } = await backUp();
  assert.match(
    manifest.warnings.find(({ code }) => code === 'group.members')?.message ?? '',
    words,
  );
  assert.deepEqual(
    manifest.disks
      .map(({ holders, kind, reason }) => [nameOf(holders), kind, reason.code])
      .sort(([a = ''], [b = '']) => a.localeCompare(b)),
    [
      ['a', 'incr', 'incremental'],
      ['b', 'incr', 'incremental'],
      ['c', 'full', 'group.members'],
    ],
  );
  const found = await restoredHashes(lab, store, id, manifest.id);
  for (const { number, holders } of manifest.disks) {
    assert.equal(found[number], await lab.guestHash(nameOf(holders), 0));
  }
  assert.equal(manifest.group?.members.length, Object.keys(ids).length);
  const next = (await backUp()).manifest;
  assert.ok(next.disks.every(({ kind }) => kind === 'incr'));
  assert.deepEqual(next.warnings, []);
  assert.deepEqual(await verifyErrors(store, id), []);
});

test('a VM that was taken out of the group is missed; without it only if a person says so', async (t) => {
  const all = await scene(t);
  const { lab, store, ids, nameOf, id, backUp, plan, member } = all;
  await member('b', false);
  await refused(all, /“cluster” lacks .*“b” is on the host, but not a member now/, {
    gone: [ids['b']],
    names: ['b'],
  });
  const words = /“b” was a member at .*: this point is made without it/;
  const planned = await plan({ withoutMembers: ['b'] });
  assert.match(planned.warnings.find(({ code }) => code === 'group.members')?.message ?? '', words);
  const { manifest } = await backUp({ withoutMembers: [ids['b'] ?? ''] });
  assert.match(manifest.warnings.map(({ message }) => message).join(), words);
  assert.deepEqual(
    manifest.disks.map(({ holders, kind }) => [nameOf(holders), kind]),
    [['a', 'incr']],
  );
  // The question is answered: the newest point has no such member.
  assert.deepEqual((await backUp()).manifest.warnings, []);
  assert.equal((await lab.host.findVm('b', never)).referencePoints.length, 0);
  // Back again, it is a new member.
  await member('b', true);
  const back = (await backUp()).manifest;
  assert.deepEqual(back.disks.map(({ kind }) => kind).sort(), ['full', 'incr']);
  assert.deepEqual(await verifyErrors(store, id), []);
});

test('a VM that was deleted, or that is on another node, is missed with what the host says of it', async (t) => {
  const all = await scene(t, { settings: { cluster: 'REFPOINT-CLUSTER' } });
  const { lab, ids, backUp } = all;
  await lab.ask('move-vm', { vm: 'b', to: NODE });
  await refused(all, new RegExp(`“b” is on ${NODE} now`), { gone: [ids['b']] });
  await lab.ask('move-vm', { vm: 'b', to: null });
  assert.deepEqual((await backUp()).manifest.warnings, []);
  await lab.ask('remove-vm', { vm: 'b' });
  await refused(all, /“b” is not on the host: moved or deleted/, { gone: [ids['b']] });
  const { manifest, unfinished } = await backUp({ withoutMembers: ['b'] });
  assert.equal(manifest.kind, 'incr');
  assert.deepEqual(unfinished, []);
});

test('a VM outside of the group that has its VHD Set is refused before anything is frozen', async (t) => {
  const all = await scene(t, {}, true);
  const { ids, backUp, member } = all;
  await member('b', false);
  await refused(all, /“b” has a shared disk of the group “cluster” \(.*quorum\.vhds\)/, {
    outside: [ids['b']],
  });
  await assert.rejects(backUp({ withoutMembers: ['b'] }), { code: 'plan.members' });
  await member('b', true);
  assert.equal((await backUp()).manifest.kind, 'incr');
});

test('the command says how to go on, and goes on so', async (t) => {
  const { lab, store, ids } = await scene(t);
  const env = { ...lab.command.env, REFPOINT_HOME: lab.folder };
  const change = (...words: string[]) =>
    runCli(['lab', 'group', '--dir', join(lab.folder, 'lab'), ...words], { env });
  const run = (...more: string[]) =>
    runCli(
      ['backup', '--group', 'cluster', '--store', store.location, ...lab.command.options, ...more],
      { env },
    );
  assert.match((await change('--add-to', 'cluster', '--vm', 'c')).out, /, a, b, c/);
  const out = await change('--take-from', 'cluster', '--vm', 'b', '--vm', 'c');
  assert.match(out.out, /, a\n/);
  assert.equal((await change('--take-from', 'cluster')).status, 2);
  const first = await run();
  assert.equal(first.status, 3);
  assert.match(first.err, new RegExp(`--without-member ${ids['b']}.*\\(plan\\.members\\)`, 's'));
  const second = await run('--without-member', ids['b'] ?? '');
  assert.equal(second.status, 0, second.err);
  assert.match(second.out, /“b” was a member/);
});
