import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { DirectoryStore } from '../../../src/engine/backup/store/directory/directory-store.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../src/engine/base/errors.ts';
import { rawCall } from '../../support/backup/raw-call.ts';
import { CLASS, vmReference } from '../../../src/engine/hyperv/wmi-classes.ts';
import { noLog } from '../../../src/engine/base/log.ts';
import { Secret } from '../../../src/engine/net/auth/contract/secret.ts';
import { connectHost } from '../../../src/engine/hosts/connect-host.ts';
import { exportVm } from '../../../src/engine/jobs/work/host/export-vm.ts';
import { ledgerOfUser } from '../../../src/engine/hosts/by-hand/known-ledger.ts';
import {
  createOwnPoint,
  removePointByName,
} from '../../../src/engine/hosts/by-hand/hand-made-points.ts';
import { queryChanges } from '../../../src/engine/operations/vm/query-changes.ts';
import { openedStores, openKnownStores } from '../../../src/engine/hosts/by-hand/known-stores.ts';
import { showVm } from '../../../src/engine/operations/vm/show-vm.ts';
import { userLedger } from '../../../src/engine/backup/ledger/ledger-file.ts';
import { afterwards } from '../../support/checks/afterwards.ts';
import { startBackupLab } from '../../support/backup/backup-lab.ts';

const MIB = 2 ** 20;

test('a host is tested, and says that it is emulated', async (t) => {
  const lab = await startBackupLab(t);
  const result = await lab.host.test(never);
  assert.equal(result.lab, true);
  assert.equal(result.osVersion, '10.0.17763');
  assert.deepEqual(result.services, {
    snapshot: true,
    referencePoint: true,
    imageManagement: true,
    management: true,
  });
});

test('VMs are listed without the host itself and the templates; any name is carried', async (t) => {
  const lab = await startBackupLab(t);
  const name = `a&b <"x"> 'q' \\ ü`;
  await lab.ask('add-vm', { name, disks: [{ size: 4 * MIB }, { size: 4 * MIB }] });
  const vms = await lab.host.listVms(never);
  assert.equal(vms.length, 1);
  assert.equal(vms[0]?.name, name);
  assert.equal(vms[0]?.disks, 2);
  assert.equal((await lab.host.findVm(name, never)).id, vms[0]?.id);
  assert.equal((await lab.host.findVm(`{${vms[0]?.id.toUpperCase()}}`, never)).name, name);
});

test('an account that sees nothing gets no empty list, but what may be missing', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  assert.ok((await lab.host.test(never)).rights.every(({ ok }) => ok));
  await lab.fault('rights.missing');
  await assert.rejects(lab.host.listVms(never), { code: 'host.rights' });
  const { rights, services } = await lab.host.test(never);
  assert.equal(services.management, false);
  const inventory = rights.find(({ feature }) => feature === 'inventory');
  assert.deepEqual(inventory?.missing, ['hyperVAdministrators', 'tokenFilter', 'vmms']);
  await lab.clearFaults();
  // Without VMs the list of an account that sees the services is empty.
  await lab.ask('remove-vm', { vm: 'vm' });
  assert.deepEqual(await lab.host.listVms(never), []);
});

test('an account that WinRM refuses is told so by the test of the host, with what may be missing', async (t) => {
  const lab = await startBackupLab(t);
  await lab.fault('access.denied');
  const { rights, services } = await lab.host.test(never);
  assert.equal(services.management, false);
  assert.deepEqual(rights.find(({ feature }) => feature === 'inventory')?.missing, [
    'winrm',
    'tokenFilter',
  ]);
});

test('the node of a cluster is named for each VM, and its namespace may be read', async (t) => {
  const lab = await startBackupLab(t, { settings: { cluster: 'REFPOINT-CLUSTER' } });
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const [vm] = await lab.host.listVms(never);
  assert.equal(vm?.node, await lab.host.computerName(never));
  const { rights } = await lab.host.test(never);
  assert.deepEqual(rights.at(-1), { feature: 'cluster', ok: true, missing: [] });
});

test('many VMs cost a handful of requests', async (t) => {
  const lab = await startBackupLab(t);
  for (let i = 0; i < 60; i++)
    await lab.ask('add-vm', { name: `vm${i}`, disks: [{ passthrough: true }] });
  let requests = 0;
  const counted = connectHost({
    url: lab.host.url,
    credential: {
      user: 'Administrator',
      password: new Secret(lab.command.env['REFPOINT_PASSWORD'] ?? ''),
    },
    authentication: 'basic',
    tls: {},
    timeoutSeconds: 30,
    log: (record) => {
      if (record.area === 'exchange') requests++;
    },
  });
  afterwards(t, () => counted.close());
  assert.equal((await counted.listVms(never)).length, 60);
  assert.ok(requests <= 8, `${requests} requests`);
});

test('a name that two VMs have is refused with both ids; an unknown one says how to list', async (t) => {
  const lab = await startBackupLab(t);
  const one = await lab.ask('add-vm', { name: 'twin', disks: [{ size: MIB }] });
  const two = await lab.ask('add-vm', { name: 'twin', disks: [{ size: MIB }] });
  await assert.rejects(lab.host.findVm('twin', never), (error) => {
    assert.ok(isEngineError(error, 'host.vm.ambiguous'));
    assert.ok(error.message.includes(one.id) && error.message.includes(two.id));
    return true;
  });
  await assert.rejects(lab.host.findVm('nobody', never), {
    code: 'host.vm.notFound',
    message: /no VM “nobody”/,
  });
});

test('disks are told by slot; shared and pass-through ones with what to do', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', {
    name: 'vm',
    disks: [{ size: 8 * MIB }, { passthrough: true }],
  });
  const disk = { size: 4 * MIB };
  await lab.ask('add-shared-disk', { name: 'quorum', vms: ['vm'], format: 'vhds', disk });
  const vm = await lab.host.findVm('vm', never);
  assert.deepEqual(
    vm.disks.map(({ slot, format, shared, virtualSize }) => ({
      slot,
      format,
      shared,
      virtualSize,
    })),
    [
      { slot: 'scsi0:0', format: 'vhdx', shared: false, virtualSize: 8 * MIB },
      { slot: 'scsi0:1', format: 'physical', shared: false, virtualSize: null },
      { slot: 'scsi0:2', format: 'vhds', shared: true, virtualSize: 4 * MIB },
    ],
  );
  assert.deepEqual(
    vm.findings.map((f) => f.code),
    ['disk.passthrough', 'disk.shared'],
  );
  assert.equal(vm.findings[0]?.slot, 'scsi0:1');
  assert.doesNotMatch(vm.findings[0]?.message ?? '', /--/, 'advice belongs to the front doors');
});

test('a backup checkpoint is found through its job, and becomes a reference point that changes start from', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * MIB }] });
  const { id } = await lab.host.findVm('vm', never);
  const request = { consistency: 'application', guestBackup: 'copy' } as const;
  const checkpoint = await lab.host.createBackupCheckpoint(id, request, never);
  assert.equal(checkpoint.type, 'backup');
  const disks = await lab.host.frozenDisks(id, checkpoint.id, never);
  assert.match(disks.frozen[0]?.path ?? '', /disk0\.vhdx$/);
  assert.deepEqual(
    disks.active.map(({ slot }) => slot),
    ['scsi0:0'],
  );
  assert.match(disks.active[0]?.path ?? '', /\.avhdx$/, 'the file that the VM writes to now');
  await lab.write('vm', 0, 3 * MIB, Buffer.alloc(512, 1));
  const point = await lab.host.convertToReferencePoint(id, checkpoint.id, never);
  await lab.host.waitForMerge(id, { seconds: 60 }, never);
  assert.equal(point.consistency, 'application');
  assert.deepEqual(await lab.host.listCheckpoints(id, never), []);
  const since = { referencePoint: point.id };
  const result = await queryChanges(lab.host, { vm: 'vm', disk: '0', since }, never);
  assert.deepEqual(result.ranges, [{ start: 3 * MIB, length: 65_536 }]);
  assert.equal(
    result.queries.reduce((sum, query) => sum + query.processed, 0),
    8 * MIB,
  );
});

test('merging is waited for until the disk is on its own file again', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * MIB }] });
  const { id } = await lab.host.findVm('vm', never);
  await lab.fault('merge.slow', 300, 1);
  const checkpoint = await lab.host.createBackupCheckpoint(
    id,
    { consistency: 'crash', guestBackup: 'copy' },
    never,
  );
  await lab.host.convertToReferencePoint(id, checkpoint.id, never);
  assert.equal((await lab.host.findVm('vm', never)).operation, 'merging disks');
  await lab.host.waitForMerge(id, { seconds: 60 }, never);
  const vm = await lab.host.findVm('vm', never);
  assert.equal(vm.operation, null);
  assert.match(vm.disks[0]?.path ?? '', /\.vhdx$/);
});

test('application consistency that fails has an error of its own', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const { id } = await lab.host.findVm('vm', never);
  await lab.fault('consistency.fail');
  const request = { consistency: 'application', guestBackup: 'copy' } as const;
  await assert.rejects(lab.host.createBackupCheckpoint(id, request, never), {
    code: 'host.consistency',
  });
  await lab.host.createBackupCheckpoint(id, { ...request, consistency: 'crash' }, never);
});

test('“invalid state” is tried again; a job that fails tells code and text', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const { id } = await lab.host.findVm('vm', never);
  await lab.fault('state.invalid', undefined, 2);
  const checkpoint = await lab.host.createBackupCheckpoint(
    id,
    { consistency: 'crash', guestBackup: 'copy' },
    never,
  );
  await lab.fault('job.fail', 32774, 1);
  await assert.rejects(lab.host.destroyCheckpoint(checkpoint.id, never), (error) => {
    assert.ok(isEngineError(error, 'host.job.failed'));
    assert.equal(error.data['code'], 32774);
    assert.match(error.message, /a fault was asked for/);
    return true;
  });
  await lab.host.destroyCheckpoint(checkpoint.id, never);
});

test('what the lab does not emulate is refused as a host would, never pretended', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const { id } = await lab.host.findVm('vm', never);
  const remove = rawCall(
    lab.client,
    CLASS.referencePointService,
    'RemoveAssociatedData',
    { AffectedReferencePoint: vmReference(id) },
    never,
  );
  await assert.rejects(remove, { code: 'host.method', message: /32770/ });
  const nothing = rawCall(lab.client, CLASS.managementService, 'MakeCoffee', {}, never);
  await assert.rejects(nothing, { code: 'wsman.fault.notSupported' });
  const nobody = {
    className: CLASS.settings,
    keys: { InstanceID: 'Microsoft:NOBODY' },
  };
  const gone = lab.client.get(nobody, never);
  await assert.rejects(gone, { code: 'wsman.fault.notFound' });
});

test('a wrong password is said plainly and shown nowhere', async (t) => {
  const lab = await startBackupLab(t);
  const wrong = connectHost({
    url: lab.host.url,
    credential: { user: 'Administrator', password: new Secret('not-the-password') },
    authentication: 'auto',
    tls: {},
    timeoutSeconds: 30,
    log: noLog,
  });
  afterwards(t, () => wrong.close());
  await assert.rejects(wrong.findVm('vm', never), (error) => {
    assert.ok(isEngineError(error, 'http.auth.failed'));
    assert.ok(!JSON.stringify(error).includes('not-the-password'));
    return true;
  });
});

test('a store that is missing or damaged makes no point another product’s: its owner is unknown', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const vm = await lab.host.findVm('vm', never);
  const ledger = ledgerOfUser(lab.folder, vm.id);
  const own = await createOwnPoint(lab.host, vm, ledger, 'crash', noLog, never);
  const other = await lab.ask('reference-point-create', { vm: 'vm', consistency: 'crash' });
  const damaged = await DirectoryStore.open(join(lab.folder, 'damaged'), { create: true }, never);
  await mkdir(join(lab.folder, 'damaged', vm.id), { recursive: true });
  await writeFile(join(lab.folder, 'damaged', vm.id, 'ledger.json'), '{');
  for (const path of [join(lab.folder, 'unmounted'), damaged.location]) {
    const stores = await openKnownStores([path], never);
    const shown = await showVm({ home: lab.folder }, lab.host, { vm: 'vm', stores }, never);
    assert.deepEqual(
      new Map(shown.referencePoints.map(({ id, owner }) => [id, owner])),
      new Map([
        [own.id, 'ours'],
        [other.id, 'unknown'],
      ]),
    );
    assert.deepEqual(
      shown.unreadStores?.map((store) => store.path),
      [path],
    );
  }
});

test('points made by hand are ours; those of others are removed only as foreign', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  let vm = await lab.host.findVm('vm', never);
  const ledger = ledgerOfUser(lab.folder, vm.id);
  const own = await createOwnPoint(lab.host, vm, ledger, 'crash', noLog, never);
  const foreign = await lab.ask('reference-point-create', { vm: 'vm', consistency: 'crash' });
  const shown = await showVm(
    { home: lab.folder },
    lab.host,
    { vm: 'vm', stores: openedStores([]) },
    never,
  );
  assert.deepEqual(
    new Map(shown.referencePoints.map((point) => [point.id, point.owner])),
    new Map([
      [own.id, 'ours'],
      [foreign.id, 'foreign'],
    ]),
  );
  vm = await lab.host.findVm('vm', never);
  await assert.rejects(removePointByName(lab.host, vm, foreign.id, [ledger], false, never), {
    code: 'host.referencePoint.foreign',
  });
  await removePointByName(lab.host, vm, own.id, [ledger], false, never);
  await removePointByName(lab.host, vm, foreign.id, [ledger], true, never);
  assert.deepEqual((await lab.host.findVm('vm', never)).referencePoints, []);
});

test('an export leaves no checkpoint behind, not even when it fails', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const ledger = userLedger(lab.folder, (await lab.host.findVm('vm', never)).id);
  const request = { vm: 'vm', directory: `${lab.exportDirectory}\\one`, since: null };
  assert.equal((await exportVm(lab.host, request, () => ledger, noLog, never)).kind, 'full');
  await lab.fault('export.fail', undefined, 1);
  await assert.rejects(
    exportVm(
      lab.host,
      { ...request, directory: `${lab.exportDirectory}\\two` },
      () => ledger,
      noLog,
      never,
    ),
  );
  const vm = await lab.host.findVm('vm', never);
  assert.deepEqual(vm.checkpoints, []);
  assert.deepEqual((await ledger.load(never)).checkpoints, []);
  const outside = exportVm(
    lab.host,
    { ...request, directory: 'D:\\elsewhere' },
    () => ledger,
    noLog,
    never,
  );
  await assert.rejects(outside, { code: 'host.job.failed', message: /denied/ });
});

test('a disk whose file is gone has a finding of severity error that names slot and file', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: MIB }, { size: MIB }] });
  const path = (await lab.host.findVm('vm', never)).disks[1]?.path ?? '';
  const [root] = lab.pathMap;
  const local = path.replace(root?.host ?? '', root?.local ?? '').replaceAll('\\', '/');
  await rename(local, `${local}.gone`);
  const { findings } = await lab.host.findVm('vm', never);
  assert.deepEqual(
    findings.map(({ code, severity }) => [code, severity]),
    [['disk.missing', 'error']],
  );
  assert.ok(findings[0]?.message.includes('scsi0:1') && findings[0].message.includes(path));
});
