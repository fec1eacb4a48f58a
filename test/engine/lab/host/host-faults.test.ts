import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { askLab } from '../../../../src/engine/lab/control/lab-client.ts';
import {
  backup,
  openTestStore,
  pattern,
  restoredHashes,
  startBackupLab,
  type BackupLab,
} from '../../../support/backup/backup-lab.ts';
import { all } from '../../../support/host/small-host.ts';

const MIB = 2 ** 20;

async function labWith(t: Parameters<typeof startBackupLab>[0], disks = 1): Promise<BackupLab> {
  const lab = await startBackupLab(t);
  const sizes = Array.from({ length: disks }, () => ({ size: 8 * MIB }));
  await lab.ask('add-vm', { name: 'vm', disks: sizes });
  await lab.write('vm', 0, MIB, pattern(MIB, 1));
  return lab;
}

const UNAUTHENTICATED = { WSMANIDENTIFY: 'unauthenticated' };
const IDENTIFY =
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body>' +
  '<i:Identify xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"/></s:Body></s:Envelope>';

const vms = async (lab: BackupLab): Promise<string[]> =>
  (await lab.host.listVms(never)).map((vm) => vm.name);

test('a context that expires between two pulls does not lose or repeat a row', async (t) => {
  const lab = await labWith(t);
  await lab.ask('add-vms', { name: 'many', count: 500, sizes: [MIB] });
  await lab.fault('enumeration.expired', undefined, 1);
  const rows = await all(lab.client.enumerate('Msvm_ComputerSystem', never));
  assert.equal(rows.length, 502);
  assert.equal(new Set(rows.map((row) => row.properties.get('Name'))).size, 502);
});

test('a request that is too large, and an answer that is, have codes of their own', async (t) => {
  const lab = await labWith(t);
  await lab.fault('request.tooLarge', undefined, 1);
  await assert.rejects(vms(lab), { code: 'http.tooLarge' });
  await lab.fault('answer.limit', undefined, 1);
  assert.deepEqual(await vms(lab), ['vm'], 'smaller batches are asked for');
  await lab.fault('answer.limit');
  await assert.rejects(vms(lab), { code: 'wsman.fault.envelopeTooLarge' });
});

test('missing rights and a stopped VMMS are empty answers; a stopped VMMS fails methods', async (t) => {
  const lab = await labWith(t);
  for (const fault of ['rights.missing', 'vmms.stopped']) {
    await lab.fault(fault);
    assert.deepEqual(await all(lab.client.enumerate('Msvm_ComputerSystem', never)), []);
    assert.deepEqual(
      await all(lab.client.enumerate('Msvm_VirtualSystemManagementService', never)),
      [],
    );
    const call = lab.client.invoke(
      {
        target: {
          className: 'Msvm_ImageManagementService',
          keys: { CreationClassName: 'Msvm_ImageManagementService' },
        },
        method: 'GetVirtualHardDiskState',
        args: { Path: 'C:\\Lab\\x.vhdx' },
        repeatable: false,
      },
      never,
    );
    await assert.rejects(call, {
      code: fault === 'vmms.stopped' ? 'wsman.fault.busy' : 'wsman.fault.notFound',
    });
    await lab.clearFaults();
  }
  assert.deepEqual(await vms(lab), ['vm']);
});

test('a backup of methods that answer 0, and of questions that start a job, is complete', async (t) => {
  const lab = await labWith(t, 2);
  const store = await openTestStore(lab);
  await lab.fault('job.none');
  assert.equal((await backup(lab, store, 'vm', {}, never)).manifest.kind, 'full');
  await lab.clearFaults();
  await lab.fault('job.more');
  await lab.write('vm', 1, 0, pattern(65_536, 2));
  assert.equal((await backup(lab, store, 'vm', {}, never)).manifest.kind, 'incr');
});

test('a VM that moved is not on this host; another lab takes it with its checkpoints and its tracking', async (t) => {
  const lab = await labWith(t);
  const store = await openTestStore(lab);
  await backup(lab, store, 'vm', {}, never);
  await lab.ask('checkpoint-create', { vm: 'vm' });
  await lab.fault('vm.moved', 'vm', 1);
  assert.deepEqual(await vms(lab), []);
  await assert.rejects(lab.host.findVm('vm', never), { code: 'host.vm.notFound' });
  await lab.ask('move-vm', { vm: 'vm', to: null });
  assert.deepEqual(await vms(lab), ['vm']);

  const hash = await lab.guestHash('vm', 0);
  const other = await startBackupLab(t);
  const { machineName } = await other.ask('name', {});
  const given = await lab.ask('give-vm', { vm: 'vm', node: machineName });
  await other.ask('take-vm', given);
  assert.deepEqual(await vms(lab), []);
  assert.deepEqual(await vms(other), ['vm']);
  assert.equal(await other.guestHash('vm', 0), hash);
  const found = await other.host.findVm('vm', never);
  assert.equal(found.checkpoints.length, 1);
  assert.equal(given.vm.referencePoints.length, 1);
  assert.equal((await other.ask('list', {}))[0]?.referencePoints.length, 1);
});

test('a host that restarts closes connections, forgets its jobs, and answers again', async (t) => {
  const lab = await labWith(t);
  await lab.fault('host.rebooting', 700);
  const began = Date.now();
  await assert.rejects(
    fetch(`${lab.target.url}/wsman`, { method: 'POST', body: IDENTIFY, headers: UNAUTHENTICATED }),
  );
  // The client tries again until the host is back.
  assert.deepEqual(await vms(lab), ['vm']);
  assert.ok(Date.now() - began >= 700);
});

test('disks of many VMs are files only when they were opened', async (t) => {
  const lab = await startBackupLab(t);
  const dir = join(lab.folder, 'lab');
  const made = await askLab(
    dir,
    'add-vms',
    { name: 'vm', count: 120, sizes: [8 * MIB, 16 * MIB] },
    noProgress,
    never,
  );
  assert.deepEqual(made, { count: 120, first: 'vm-001', last: 'vm-120' });
  const list = await lab.ask('list', {});
  const [first] = list[7]?.disks ?? [];
  const local = join(lab.pathMap[0]?.local ?? '', ...(first?.path ?? '').split('\\').slice(2));
  await assert.rejects(access(local));
  const store = await openTestStore(lab);
  const result = await backup(lab, store, 'vm-008', {}, never);
  assert.equal(result.manifest.kind, 'full');
  await access(local);
  const found = await lab.host.findVm('vm-008', never);
  assert.equal(found.disks[0]?.virtualSize, 8 * MIB);
  assert.equal(found.disks[0]?.virtualDiskId, first?.diskId);
});

test('RCT ids in another order or missing make a full backup, never a wrong one', async (t) => {
  for (const fault of ['rct.permuted', 'rct.missing']) {
    const lab = await labWith(t, 2);
    const store = await openTestStore(lab);
    await backup(lab, store, 'vm', {}, never);
    await lab.write('vm', 1, 0, pattern(65_536, 3));
    await lab.fault(fault);
    const { manifest } = await backup(lab, store, 'vm', {}, never);
    const restored = await restoredHashes(lab, store, manifest.vm.id, manifest.id);
    for (const disk of [0, 1]) assert.equal(restored[disk], await lab.guestHash('vm', disk), fault);
  }
});
