import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import type { BackupOptions } from '../../../src/engine/api/backup.ts';
import type { RunDeps } from '../../../src/engine/backup/context/run-context.ts';
import { runBackup, type BackupResult } from '../../../src/engine/backup/run/run-backup.ts';
import type { Store } from '../../../src/engine/backup/store/contract/store.ts';
import { parseGuid } from '../../../src/engine/base/guid.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { withSharedDisk } from '../../../src/engine/operations/rsvd/with-shared-disk.ts';
import type { SharedDisk } from '../../../src/engine/net/rsvd/client/shared-disk.ts';
import type { GroupHost } from '../../../src/engine/hosts/groups/group-host.ts';
import {
  backupOptions,
  openTestStore,
  pattern,
  restoredHashes,
  runDeps,
  startBackupLab,
  verifyErrors,
  type BackupLab,
} from '../../support/backup/backup-lab.ts';
import { runCli } from '../../support/process/cli-io.ts';

const MIB = 2 ** 20;

interface GroupScene {
  readonly lab: BackupLab;
  readonly host: GroupHost;
  readonly store: Store;
  readonly backUp: (
    options?: Partial<BackupOptions>,
    deps?: Partial<RunDeps>,
  ) => Promise<BackupResult>;
  /** Hashes of the members' disks as the guests see them, in the order of the point. */
  readonly guests: (result: BackupResult) => Promise<Record<number, string>>;
}

/** Two VMs in a group, one of them with two disks; with `shared`, both also have a VHD Set. */
async function scene(t: TestContext, shared = false): Promise<GroupScene> {
  const lab = await startBackupLab(t, { smb: shared });
  await lab.ask('add-vm', { name: 'a', disks: [{ size: 8 * MIB }, { size: 4 * MIB }] });
  await lab.ask('add-vm', { name: 'b', disks: [{ size: 8 * MIB }] });
  if (shared) {
    const vms = ['a', 'b'];
    const disk = { size: 8 * MIB };
    await lab.ask('add-shared-disk', { name: 'quorum', vms, format: 'vhds', disk });
  }
  await lab.ask('group-create', { name: 'cluster', members: ['a', 'b'] });
  const host = await lab.host.groups.hostOf('cluster', never);
  const store = await openTestStore(lab);
  const backUp: GroupScene['backUp'] = (options = {}, deps = {}) =>
    runBackup(
      runDeps(lab, store, { host, ...deps }),
      host.group.id,
      backupOptions(lab, options),
      randomUUID(),
      never,
    );
  const guests: GroupScene['guests'] = async ({ manifest }) => {
    const vms = await lab.ask('list', {});
    const hashes: Record<number, string> = {};
    for (const { number, slot } of manifest.disks) {
      const [id = '', place = ''] = slot.split('/');
      if (id === 'shared') {
        hashes[number] = await lab.guestHash('b', 1);
        continue;
      }
      const vm = vms.find((each) => each.id === id);
      hashes[number] = await lab.guestHash(vm?.name ?? '', Number(place.split(':')[1]));
    }
    return hashes;
  };
  return { lab, host, store, backUp, guests };
}

test('a group is one point: full, then increments; what is restored is what each guest wrote', async (t) => {
  const { lab, host, store, backUp, guests } = await scene(t);
  const { id } = host.group;
  await lab.write('a', 0, MIB, pattern(100_000, 1));
  await lab.write('b', 0, 0, pattern(70_000, 2));
  const full = await backUp();
  assert.equal(full.manifest.version, 3);
  assert.deepEqual(full.manifest.vm, { id, name: 'cluster', lastAppliedSnapshot: null });
  assert.deepEqual(full.manifest.group?.members.map(({ name }) => name).sort(), ['a', 'b']);
  assert.equal(full.manifest.disks.length, 3);
  assert.ok(full.manifest.disks.every(({ holders }) => holders?.length === 1));
  assert.deepEqual(await restoredHashes(lab, store, id, full.manifest.id), await guests(full));
  for (let round = 0; round < 2; round++) {
    for (const vm of ['a', 'b']) {
      await lab.ask('write-random', {
        vm,
        disk: 0,
        count: 6,
        seed: `${vm}${round}`,
        length: null,
      });
    }
    const next = await backUp();
    assert.equal(next.manifest.kind, 'incr');
    assert.ok(next.manifest.disks.every(({ kind }) => kind === 'incr'));
    assert.deepEqual(await restoredHashes(lab, store, id, next.manifest.id), await guests(next));
  }
  assert.deepEqual(await verifyErrors(store, id), []);
  // One reference point of the group is left, and no checkpoint.
  const left = await host.findVm('cluster', never);
  assert.deepEqual([left.checkpoints.length, left.referencePoints.length], [0, 1]);
  for (const vm of ['a', 'b']) {
    const { checkpoints, referencePoints } = await lab.host.findVm(vm, never);
    assert.deepEqual([checkpoints.length, referencePoints.length], [0, 1]);
  }
});

test('a shared disk is in the point once, by rsvd: full, then increments of what both guests wrote', async (t) => {
  const { lab, host, store, backUp, guests } = await scene(t, true);
  const { id } = host.group;
  await lab.write('a', 2, MIB, pattern(100_000, 1));
  await lab.write('b', 1, 3 * MIB, pattern(70_000, 2));
  const full = await backUp();
  const shared = full.manifest.disks.find(({ slot }) => slot.startsWith('shared/'));
  assert.equal(full.manifest.disks.length, 4);
  assert.deepEqual([shared?.method, shared?.kind, shared?.holders?.length], ['rsvd', 'full', 2]);
  assert.ok((shared?.rctId ?? '') !== '');
  assert.deepEqual(await restoredHashes(lab, store, id, full.manifest.id), await guests(full));
  for (let round = 0; round < 2; round++) {
    for (const [vm, disk] of [
      ['a', 0],
      ['a', 2],
      ['b', 1],
    ] as const) {
      const seed = `${vm}${disk}${round}`;
      await lab.ask('write-random', { vm, disk, count: 6, seed, length: null });
    }
    const next = await backUp();
    const now = next.manifest.disks.find(({ slot }) => slot.startsWith('shared/'));
    assert.equal(now?.kind, 'incr', now?.reason.text);
    assert.ok((now?.readBytes ?? 0) < 8 * MIB);
    assert.deepEqual(await restoredHashes(lab, store, id, next.manifest.id), await guests(next));
  }
  assert.deepEqual(await verifyErrors(store, id), []);
  const { disks, checkpoints, referencePoints } = await host.findVm('cluster', never);
  assert.deepEqual([checkpoints.length, referencePoints.length], [0, 1]);
  // One reference of ours is left in the VHD Set.
  assert.equal(disks.at(-1)?.snapshotIds?.length, 1);
  // A VM alone cannot be frozen with its shared disk: the group is named that has every VM with the disk.
  await lab.ask('group-create', { name: 'a alone', members: ['a'] });
  const alone = runBackup(
    runDeps(lab, store),
    parseGuid((await lab.ask('list', {}))[0]?.id ?? ''),
    backupOptions(lab),
    randomUUID(),
    never,
  );
  await assert.rejects(alone, {
    code: 'plan.disk',
    message: /back up the group “cluster” \([-0-9a-f]+\)$/,
  });
});

test('a shared disk whose last snapshot is gone is read in full, with the reason; the others are increments', async (t) => {
  const { lab, host, store, backUp, guests } = await scene(t, true);
  const full = await backUp();
  const shared = full.manifest.disks.find(({ slot }) => slot.startsWith('shared/'));
  await lab.write('a', 0, 0, pattern(5000, 3));
  // An administrator deletes the reference snapshot.
  const { target } = lab;
  const port = target.smb?.port ?? 0;
  const place = {
    ...target,
    path: '\\\\127.0.0.1\\Shared\\quorum.vhds',
    port,
    encryption: 'off',
  } as const;
  const drop = (disk: SharedDisk): Promise<void> =>
    disk.deleteSnapshot(parseGuid(shared?.rctId ?? ''), false, never);
  await withSharedDisk(place, {}, drop, never);
  const next = await backUp();
  const now = next.manifest.disks.find(({ slot }) => slot.startsWith('shared/'));
  assert.deepEqual([now?.kind, now?.reason.code], ['full', 'tracker.no-id']);
  assert.match(now?.reason.text ?? '', /no longer has the snapshot of the last point/);
  assert.ok(next.manifest.disks.some(({ kind }) => kind === 'incr'));
  assert.deepEqual(
    await restoredHashes(lab, store, host.group.id, next.manifest.id),
    await guests(next),
  );
});

test('collections of other products stay, also when they are made between two points', async (t) => {
  const { lab, host, backUp } = await scene(t);
  const foreign = await lab.ask('group-snapshot', { group: 'cluster', convert: true });
  await backUp();
  await lab.ask('reference-point-create', { vm: 'a', consistency: 'crash' });
  await backUp();
  const { referencePoints } = await host.findVm('cluster', never);
  assert.equal(referencePoints.length, 2);
  assert.ok(referencePoints.some(({ id }) => id.toLowerCase() === foreign.id));
  assert.equal((await lab.host.findVm('a', never)).referencePoints.length, 3);
});

test('a group is not exported: method, command and job say what to do instead', async (t) => {
  const { lab, host, store, backUp } = await scene(t);
  const { exportDirectory } = lab;
  await assert.rejects(backUp({ method: 'export', exportDirectory }), {
    code: 'plan.method',
    message: /A group is not exported: .* smb, file or virtdisk .* rsvd/,
  });
  const run = (...words: string[]) =>
    runCli([...words, ...lab.command.options.slice(0, 4)], {
      env: { ...lab.command.env, REFPOINT_HOME: lab.folder },
    });
  const asked = ['backup', '--group', 'cluster', '--store', store.location];
  const backup = await run(...asked, '--method', 'export', '--export-dir', exportDirectory);
  assert.equal(backup.status, 3);
  assert.match(backup.err, /Leave --method out, or give --method smb\.\s+\(plan\.method\)/);
  for (const name of ['cluster', host.group.id]) {
    const found = await run('export', name, '--to', exportDirectory);
    assert.equal(found.status, 3, found.out);
    assert.match(found.err, /“cluster” is a group of VMs: .*export its VMs one by one: a, b/);
    assert.match(found.err, /refpoint backup --group G --store DIR\.\s+\(export\.group\)/);
  }
  const none = await run('export', 'nobody', '--to', exportDirectory);
  assert.match(none.err, /\(host\.vm\.notFound\)/);
  await assert.rejects(host.exportCheckpoint(), { code: 'export.group' });
});

/** Error by which a run is interrupted at an edge. */
class Stopped extends Error {}

test('interrupted while it is frozen or being converted, a group is as before', async (t) => {
  const { host, backUp } = await scene(t, true);
  await backUp();
  for (const edge of ['ranges.known', 'converted'] as const) {
    const onEdge = async (at: string): Promise<void> => {
      if (at === edge) throw new Stopped(edge);
    };
    await assert.rejects(backUp({}, { onEdge }), Stopped);
    const left = await host.findVm('cluster', never);
    assert.deepEqual([left.checkpoints.length, left.referencePoints.length], [0, 1], edge);
    // The VHD Set has the reference of the last point, and no snapshot of the interrupted run.
    assert.equal(left.disks.at(-1)?.snapshotIds?.length, 1, edge);
  }
  assert.equal((await backUp()).manifest.kind, 'incr');
});

test('what keeps a group from being frozen is named, and nothing is left', async (t) => {
  const { lab, host, backUp } = await scene(t);
  for (const [code, words] of [
    [32768, /guest cluster service/],
    [32770, /cluster shared volume/],
    [32775, /expected exactly one/],
  ] as const) {
    await lab.fault('job.fail', code, 1);
    await assert.rejects(backUp(), { code: 'host.group.shared', message: words });
  }
  const { checkpoints, referencePoints } = await host.findVm('cluster', never);
  assert.deepEqual([checkpoints.length, referencePoints.length], [0, 0]);
});

test('a full of a shared disk skips what the server calls empty; a server that lies or refuses makes it read all', async (t) => {
  const { lab, host, store, backUp, guests } = await scene(t, true);
  await lab.write('a', 2, 5 * MIB, pattern(100_000, 1));
  // The sample always has the last part; others are drawn.
  await lab.write('a', 2, 8 * MIB - 4096, pattern(4096, 2));
  for (const [fault, value, readAll, warned] of [
    [undefined, 0, false, false],
    ['rsvd.noSnapshotScsi', 1, true, false],
    ['rsvd.lba', 'thick', true, false],
    ['rsvd.lba', 'gap', true, false],
    ['rsvd.lba', 'hidden', true, true],
  ] as const) {
    if (fault !== undefined) await lab.fault(fault, value);
    const { manifest } = await backUp({ kind: 'full' });
    await lab.clearFaults();
    const shared = manifest.disks.find(({ slot }) => slot.startsWith('shared/'));
    assert.equal((shared?.readBytes ?? 0) === 8 * MIB, readAll, `${fault} ${value}`);
    const warnings = manifest.warnings.filter(({ code }) => code === 'disk.allocation');
    assert.equal(warnings.length, warned ? 1 : 0, `${fault} ${value}`);
    const hashes = await restoredHashes(lab, store, host.group.id, manifest.id);
    assert.deepEqual(hashes, await guests({ manifest } as BackupResult), `${fault} ${value}`);
  }
});

test('a server that has shared disks at one share only is reached through a path map to that share', async (t) => {
  const { lab, host, store, backUp, guests } = await scene(t, true);
  await lab.write('b', 1, MIB, pattern(70_000, 2));
  await lab.fault('rsvd.ownShare', 1);
  await assert.rejects(backUp(), { code: 'rsvd.unsupported', message: /C\$/ });
  const mapped = { host: 'C:\\Lab\\Shared', local: '\\\\127.0.0.1\\Shared' };
  const { pathMap } = backupOptions(lab);
  const full = await backUp({ pathMap: [mapped, ...pathMap] });
  assert.deepEqual(
    await restoredHashes(lab, store, host.group.id, full.manifest.id),
    await guests(full),
  );
});
