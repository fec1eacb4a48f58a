import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { storeLedger } from '../../../../src/engine/backup/ledger/ledger-file.ts';
import { DirectoryStore } from '../../../../src/engine/backup/store/directory/directory-store.ts';
import type { ImportPlan } from '../../../../src/engine/api/backup.ts';
import { planImport } from '../../../../src/engine/backup/restore/import/plan-import.ts';
import { CONNECTION } from '../../../../src/engine/hyperv/systems/networks.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import {
  backup,
  openTestStore,
  startBackupLab,
  type BackupLab,
} from '../../../support/backup/backup-lab.ts';
import {
  assertNothingLeft,
  backedUpVm,
  importInto,
  importOptions,
  systemNames,
  type BackedUpVm,
} from '../../../support/backup/import-lab.ts';
import { refpoint, refpointJson } from '../../../support/process/command.ts';

async function assertContents(
  lab: BackupLab,
  id: string,
  vm: BackedUpVm,
  point: number,
): Promise<void> {
  const hashes = [await lab.guestHash(id, 0), await lab.guestHash(id, 1)];
  assert.deepEqual(hashes, vm.points[point]?.hashes);
  const { disks } = await lab.host.findVm(id, never);
  assert.deepEqual(
    disks.map(({ slot }) => slot),
    vm.slots,
  );
}

const codes = ({ findings }: ImportPlan): readonly string[] => findings.map(({ code }) => code);

/** Returns the states of a VM's connections to switches. */
async function connections(lab: BackupLab, owner: string): Promise<readonly number[]> {
  const like = `Microsoft:${owner.toUpperCase()}\\\\%`;
  const wql = `SELECT * FROM Msvm_EthernetPortAllocationSettingData WHERE InstanceID LIKE '${like}'`;
  const states: number[] = [];
  for await (const { properties } of lab.client.query(wql, never)) {
    states.push(Number(properties.get('EnabledState')));
  }
  return states;
}

for (const generation of [1, 2] as const) {
  for (const configured of [true, false]) {
    const how = configured ? 'its configuration' : 'its settings';
    test(`a destroyed VM of generation ${generation} comes back from ${how}, starts and is backed up`, async (t) => {
      const lab = await startBackupLab(t);
      const store = await openTestStore(lab);
      const vm = await backedUpVm(lab, store, 'web', { generation, configured });
      assert.deepEqual(vm.slots, generation === 1 ? ['ide0:0', 'ide0:1'] : ['scsi0:0', 'scsi0:1']);
      await lab.ask('remove-vm', { vm: 'web' });
      for (const [point, { id: pointId }] of vm.points.entries()) {
        const hostFolder = `C:\\Lab\\Restored\\${point}`;
        const as = `web ${point}`;
        const options = importOptions(lab, vm, { point: pointId, hostFolder, as, start: true });
        const made = await importInto(lab, store, options);
        assert.equal(made.from, configured ? 'configuration' : 'settings');
        assert.deepEqual([made.started, made.warnings], [true, []]);
        assert.notEqual(made.id, vm.id);
        await assertContents(lab, made.id, vm, point);
        const found = await lab.host.findVm(as, never);
        assert.deepEqual([found.state, found.generation], ['running', generation]);
        const { manifest } = await backup(lab, store, as);
        assert.deepEqual([manifest.kind, manifest.reason.code], ['full', 'vm.new']);
        assert.equal(manifest.reason.evidence['point'], pointId);
        const next = await backup(lab, store, as);
        assert.equal(next.manifest.kind, 'incr');
      }
      assert.equal((await storeLedger(store, vm.id).load(never)).imports, undefined);
      const names = await systemNames(lab);
      assert.equal(names.filter((name) => name.startsWith('web')).length, 2);
    });
  }
}

test('the settings that were kept come back: memory, processors, notes, adapters and switches', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const vm = await backedUpVm(lab, store, 'web', { configured: false });
  const options = importOptions(lab, vm, { connect: true });
  const { id } = await importInto(lab, store, options);
  const rows = async (className: string, owner: string) => {
    const like = `Microsoft:${owner.toUpperCase()}\\\\%`;
    const wql = `SELECT * FROM ${className} WHERE InstanceID LIKE '${like}'`;
    const found = [];
    for await (const { properties } of lab.client.query(wql, never)) found.push(properties);
    return found;
  };
  for (const [className, names] of [
    ['Msvm_ProcessorSettingData', ['VirtualQuantity', 'Limit', 'Weight']],
    ['Msvm_MemorySettingData', ['VirtualQuantity', 'DynamicMemoryEnabled']],
    ['Msvm_SyntheticEthernetPortSettingData', ['StaticMacAddress', 'ElementName']],
    ['Msvm_EthernetPortAllocationSettingData', ['EnabledState', 'HostResource']],
  ] as const) {
    const values = async (owner: string) =>
      (await rows(className, owner)).map((row) => names.map((name) => row.get(name)));
    assert.deepEqual(await values(id), await values(vm.id), className);
    assert.equal((await values(id)).length, 1, className);
  }
  // A dynamic address is the host's choice: the old VM still has the other one.
  const address = async (owner: string) =>
    (await rows('Msvm_SyntheticEthernetPortSettingData', owner)).map((row) => row.get('Address'));
  assert.notDeepEqual(await address(id), await address(vm.id));
});

test('on another host a switch is missing: mapped, left disconnected, or nothing is written', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  for (const configured of [true, false]) {
    const name = `web-${configured}`;
    const vm = await backedUpVm(lab, store, name, { configured });
    const far = await startBackupLab(t, { settings: { hostVersion: '2022' } });
    const options = importOptions(far, vm, { hostFolder: `C:\\Lab\\Restored\\${name}` });
    const asked = { ...options, connect: true, switches: [{ from: 'Lab Switch', to: 'Other' }] };
    await assert.rejects(importInto(far, store, asked), { code: 'import.switch' });
    // A lab makes its folder with its first VM.
    await mkdir(far.pathMap[0]?.local ?? '', { recursive: true });
    const plan = await planImport({ host: far.host, store, now: Date.now }, asked, never);
    assert.deepEqual(codes(plan), ['import.switch']);
    assert.deepEqual(plan.networks, [{ switch: 'Lab Switch', to: 'Other', missing: true }]);
    assert.deepEqual(plan.switches, ['Lab Switch']);
    await assertNothingLeft(far, store, vm, asked);
    const made = await importInto(far, store, { ...options, connect: true });
    await assertContents(far, made.id, vm, 1);
    const alone = { ...options, as: `alone-${configured}`, hostFolder: `C:\\Lab\\A-${configured}` };
    const apart = { ...alone, connect: true, switches: [{ from: 'Lab Switch', to: null }] };
    const { id, warnings } = await importInto(far, store, apart);
    assert.deepEqual(warnings, []);
    assert.deepEqual(await connections(far, id), [CONNECTION.disconnected]);
    assert.deepEqual(await connections(far, made.id), [CONNECTION.connected]);
  }
});

test('a plan of a restore as a VM names every obstacle at once, and writes nothing', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const vm = await backedUpVm(lab, store, 'web');
  const deps = { host: lab.host, store, now: Date.now };
  const good = importOptions(lab, vm);
  const plan = await planImport(deps, good, never);
  assert.deepEqual([codes(plan), plan.from, plan.name], [[], 'configuration', 'web restored']);
  assert.deepEqual(plan.disks.map(({ path }) => path).sort(), [
    'C:\\Lab\\Restored\\0-disk0.vhdx',
    'C:\\Lab\\Restored\\1-disk1.vhdx',
  ]);
  assert.ok(plan.neededBytes > 0 && (plan.freeBytes ?? 0) > plan.neededBytes);
  assert.deepEqual(plan.networks, [{ switch: 'Lab Switch', to: null, missing: false }]);
  await assertNothingLeft(lab, store, vm, good);
  const taken = { ...good, as: 'web' };
  const unmapped = await planImport(deps, { ...taken, hostFolder: 'E:\\VMs' }, never);
  assert.deepEqual(codes(unmapped), ['import.name', 'path.unmapped']);
  assert.equal(unmapped.folder, null);
  const nowhere = [{ host: 'C:\\Lab', local: join(lab.folder, 'no-such-folder') }];
  const missing = await planImport(deps, { ...good, pathMap: nowhere }, never);
  assert.deepEqual(codes(missing), ['path.missing']);
  await assert.rejects(importInto(lab, store, taken), { code: 'import.name' });
  await assertNothingLeft(lab, store, vm, { ...good, as: 'no such VM' });
  // Before a byte is written: the host would find out last.
  for (const as of ['', ' ', 'two\nlines', 'web\u202E1']) {
    assert.deepEqual(codes(await planImport(deps, { ...good, as }, never)), ['import.name']);
    await assert.rejects(importInto(lab, store, { ...good, as }), { code: 'import.name' });
  }
  const stream = { ...good, hostFolder: 'C:\\Lab\\new:stream' };
  assert.deepEqual(codes(await planImport(deps, stream, never)), ['path.invalid']);
  await assert.rejects(importInto(lab, store, stream), { code: 'path.invalid' });
  await assertNothingLeft(lab, store, vm, good);
  const made = await importInto(lab, store, good);
  assert.deepEqual(codes(await planImport(deps, good, never)), ['import.name', 'restore.exists']);
  assert.equal(made.name, plan.name);
});

test('a host that is too old, files in the way and findings end with a clear error and nothing left', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const vm = await backedUpVm(lab, store, 'web');
  const options = importOptions(lab, vm);
  const old = await startBackupLab(t, { settings: { hostVersion: '2016' } });
  const there = importOptions(old, vm);
  await mkdir(old.pathMap[0]?.local ?? '', { recursive: true });
  await assert.rejects(importInto(old, store, there), { code: 'host.job.failed' });
  await assertNothingLeft(old, store, vm, there);
  await assert.rejects(importInto(lab, store, { ...options, pathMap: [] }), {
    code: 'path.unmapped',
  });
  const [root] = lab.pathMap;
  const folder = join(root?.local ?? '', 'Restored');
  await mkdir(folder);
  await writeFile(join(folder, '0-disk0.vhdx'), 'of somebody else');
  await assert.rejects(importInto(lab, store, options), { code: 'restore.exists' });
  assert.deepEqual(await readdir(folder), ['0-disk0.vhdx']);
  const other = { ...options, hostFolder: 'C:\\Lab\\Other' };
  const onEdge = async (edge: string) => {
    // Between the disks and the VM.
    if (edge === 'import.asked') await lab.fault('job.fail', 32768, 1);
  };
  await assert.rejects(importInto(lab, store, other, { onEdge }), { code: 'host.job.failed' });
  await assertNothingLeft(lab, store, vm, other);
});

test('a point without settings restores disks only, and the list of points says what each restores', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const vm = await backedUpVm(lab, store, 'web');
  const bare = await backedUpVm(lab, store, 'bare', { configured: false });
  const rows = await refpointJson<{ vm: { name: string }; restores: string }[]>([
    'store',
    'show',
    '--store',
    store.location,
  ]);
  assert.deepEqual(rows.map((row) => `${row.vm.name}: ${row.restores}`).sort(), [
    'bare: settings',
    'bare: settings',
    'web: configuration',
    'web: configuration',
  ]);
  const { options, env } = lab.command;
  const common = ['restore', '--store', store.location, '--vm', bare.id, '--import'];
  const made = await refpointJson<{ id: string; name: string; started: boolean }>(
    [...common, '--host-folder', 'C:\\Lab\\New', '--start', ...options],
    { env },
  );
  assert.match(made.name, /^bare \(restored \d{4}-\d\d-\d\d \d\d:\d\d\)$/);
  assert.equal(made.started, true);
  await assertContents(lab, made.id, bare, 1);
  const wrong = await refpoint(
    [...common, '--to', 'x', '--host-folder', 'C:\\Lab\\N', ...options],
    {
      env,
    },
  );
  assert.equal(wrong.status, 2, wrong.stderr);
  assert.ok(vm.id !== made.id && store instanceof DirectoryStore);
});
