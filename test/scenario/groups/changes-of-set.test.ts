import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { newGuid } from '../../../src/engine/base/guid.ts';
import { queryChanges, type ChangesVia } from '../../../src/engine/operations/vm/query-changes.ts';
import { pattern, startBackupLab, type BackupLab } from '../../support/backup/backup-lab.ts';
import { runCli } from '../../support/process/cli-io.ts';

const MIB = 2 ** 20;

/** Freezes the group; returns the snapshot that this made of the VHD Set. */
async function snapshot(lab: BackupLab): Promise<string> {
  const host = await lab.host.groups.hostOf('cluster', never);
  const now = async () => (await host.findVm('cluster', never)).disks.at(-1)?.snapshotIds ?? [];
  const before = await now();
  await lab.ask('group-snapshot', { group: 'cluster', convert: true });
  return (await now()).find((id) => !before.includes(id)) ?? '';
}

test('what changed between two snapshots of a VHD Set is the same by WMI and by RSVD', async (t) => {
  const lab = await startBackupLab(t, { smb: true, settings: { rctGranularity: 4096 } });
  for (const name of ['a', 'b']) await lab.ask('add-vm', { name, disks: [{ size: 4 * MIB }] });
  const disk = { size: 8 * MIB };
  await lab.ask('add-shared-disk', { name: 'quorum', vms: ['a', 'b'], format: 'vhds', disk });
  await lab.ask('group-create', { name: 'cluster', members: ['a', 'b'] });
  const first = await snapshot(lab);
  await lab.write('a', 1, MIB, pattern(4096, 1));
  await lab.write('b', 1, 8 * MIB - 512, pattern(512, 2));
  const second = await snapshot(lab);
  await lab.write('a', 1, 5 * MIB, pattern(4096, 3));
  const third = await snapshot(lab);
  const host = await lab.host.groups.hostOf('cluster', never);
  const changes = (since: string, until: string | undefined, via: ChangesVia) =>
    queryChanges(
      host,
      { vm: 'cluster', disk: 'quorum.vhds', since: { rctId: since }, until, via },
      never,
    );
  const early = [
    { start: MIB, length: 4096 },
    { start: 8 * MIB - 4096, length: 4096 },
  ];
  const late = { start: 5 * MIB, length: 4096 };
  for (const [since, until, expected] of [
    [first, second, early],
    [second, third, [late]],
    [first, third, [early[0], late, early[1]]],
  ] as const) {
    for (const via of ['wmi', 'rsvd', 'both'] as const) {
      const found = await changes(since, until, via);
      assert.deepEqual(found.ranges, expected, via);
      if (via === 'both')
        assert.deepEqual([found.comparison?.equal, found.comparison?.onlyRsvd], [true, []]);
    }
  }
  // Answered by a job first, as a real host may.
  await lab.fault('tracker.async', undefined, 1);
  assert.deepEqual((await changes(first, second, 'wmi')).ranges, early);
  // Strict as Windows may be: the order, the IDs and the two IDs themselves matter.
  for (const [since, until] of [
    [second, first],
    [first, first],
    [first, newGuid()],
    [newGuid(), second],
  ] as const) {
    for (const via of ['wmi', 'rsvd'] as const) {
      await assert.rejects(changes(since, until, via), { code: 'tracker.refused' }, via);
    }
  }
  await assert.rejects(changes(first, undefined, 'wmi'), { code: 'host.referencePoint.notFound' });
  await assert.rejects(changes(first, second, 'virtdisk'), { code: 'host.unsupported' });
  // A disk of one VM takes no second snapshot.
  const own = { vm: 'a', disk: '0', since: { rctId: first }, until: second };
  await assert.rejects(queryChanges(lab.host, own, never), { code: 'host.unsupported' });
  const ofFile = lab.host.queryChanges('C:\\Lab\\VMs\\a0.vhdx', first, 0, MIB, never, second);
  await assert.rejects(ofFile, { code: 'host.tracking' });
});

test('WMI and a file server that name different ranges are compared, with exit status 1', async (t) => {
  const lab = await startBackupLab(t, { smb: true });
  for (const name of ['a', 'b']) await lab.ask('add-vm', { name, disks: [{ size: 4 * MIB }] });
  const disk = { size: 8 * MIB };
  await lab.ask('add-shared-disk', { name: 'quorum', vms: ['a', 'b'], format: 'vhds', disk });
  await lab.ask('group-create', { name: `cluster ${randomUUID()}`, members: ['a', 'b'] });
  const [group] = await lab.ask('group-list', {});
  await lab.ask('group-snapshot', { group: group?.id ?? '', convert: true });
  await lab.write('a', 1, MIB, pattern(4096, 1));
  await lab.ask('group-snapshot', { group: group?.id ?? '', convert: true });
  const host = await lab.host.groups.hostOf(group?.id ?? '', never);
  const ids = (await host.findVm(group?.id ?? '', never)).disks.at(-1)?.snapshotIds ?? [];
  const [since = '', until = ''] = ids;
  const run = () =>
    runCli(
      [
        ...['changes', '--group', group?.id ?? '', '--disk', 'quorum.vhds', '--rct-id', since],
        ...['--until', until, '--via', 'both', ...lab.command.options],
      ],
      { env: { ...lab.command.env, REFPOINT_HOME: lab.folder } },
    );
  const equal = await run();
  assert.equal(equal.status, 0, equal.err);
  assert.match(equal.out, /WMI and the file server name the same ranges/);
  await lab.fault('rsvd.unit', 4 * MIB);
  const other = await run();
  assert.equal(other.status, 1, other.err);
  assert.match(other.out, /differ: 0 ranges only by WMI, [12] only by the file server/);
});
