import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import type { CimClient } from '../../../../src/engine/cim/client.ts';
import { planImport } from '../../../../src/engine/backup/restore/import/plan-import.ts';
import { storeLedger } from '../../../../src/engine/backup/ledger/ledger-file.ts';
import { setBootOrder } from '../../../../src/engine/hyperv/systems/boot-order.ts';
import { settings } from '../../../../src/engine/hyperv/systems/setting-types.ts';
import { CLASS } from '../../../../src/engine/hyperv/wmi-classes.ts';
import { WmiRecord } from '../../../../src/engine/hyperv/wmi-record.ts';
import {
  backup,
  openTestStore,
  startBackupLab,
  type BackupLab,
} from '../../../support/backup/backup-lab.ts';
import {
  backedUpVm,
  disksOnly,
  importInto,
  importOptions,
} from '../../../support/backup/import-lab.ts';
import { refpoint } from '../../../support/process/command.ts';
import { rawCall } from '../../../support/backup/raw-call.ts';

const settingsOf = (id: string) => ({
  className: CLASS.settings,
  keys: { InstanceID: `Microsoft:${id.toUpperCase()}` },
});

async function settingsRow(lab: BackupLab, id: string): Promise<WmiRecord> {
  return new WmiRecord(await lab.client.get(settingsOf(id), never));
}

/** Changes settings of a VM as an administrator does. */
async function change(
  lab: BackupLab,
  id: string,
  values: Parameters<typeof settings>[1],
): Promise<void> {
  const own = { ...settingsOf(id).keys, ...values };
  const SystemSettings = { embedded: settings(CLASS.settings, own) };
  await rawCall(
    lab.client,
    CLASS.managementService,
    'ModifySystemSettings',
    { SystemSettings },
    never,
  );
}

/** Returns what a VM starts, in order, by slots of drives and positions of adapters. */
async function starts(lab: BackupLab, id: string): Promise<readonly string[]> {
  const order = (await settingsRow(lab, id)).texts('BootSourceOrder');
  return order.map((path) => {
    const [, slot] = /\\(\d+)\\\\D\\\\B"$/.exec(path) ?? [];
    return slot === undefined ? (path.endsWith('F"') ? 'file' : 'network') : `disk ${slot}`;
  });
}

const FIRMWARE = {
  SecureBootEnabled: false,
  SecureBootTemplateId: '272E7447-90A4-4563-A4B9-8E4AB00526CE',
  PauseAfterBootFailure: true,
  ConsoleMode: 1n,
  NetworkBootPreferredProtocol: 4097n,
} as const;

/** A VM with one point that has its settings alone, after `prepare`. */
async function ready(t: TestContext, prepare: (lab: BackupLab, id: string) => Promise<void>) {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const vm = await backedUpVm(lab, store, 'web', { configured: false });
  await prepare(lab, vm.id);
  const { manifest } = await backup(lab, store, 'web', { pathMap: disksOnly(lab, vm.id) });
  const options = importOptions(lab, vm, { point: manifest.id });
  const plan = await planImport({ host: lab.host, store, now: Date.now }, options, never);
  assert.equal(plan.from, 'settings');
  return { lab, store, vm, options, plan };
}

test('without a configuration file the same devices start first, with the same firmware settings', async (t) => {
  const { lab, store, options, plan } = await ready(t, async (given, id) => {
    assert.deepEqual(await starts(given, id), ['disk 0', 'disk 1', 'network']);
    const order = (await settingsRow(given, id)).texts('BootSourceOrder');
    await change(given, id, { ...FIRMWARE, BootSourceOrder: order.toReversed() });
  });
  assert.deepEqual(plan.lost, []);
  await lab.ask('remove-vm', { vm: 'web' });
  const { id, warnings } = await importInto(lab, store, { ...options, start: true });
  assert.deepEqual(warnings, []);
  assert.deepEqual(await starts(lab, id), ['network', 'disk 1', 'disk 0']);
  const row = await settingsRow(lab, id);
  for (const [name, value] of Object.entries(FIRMWARE)) {
    assert.equal(row.text(name), String(value), name);
  }
});

test('a file that the guest registered becomes its disk, and a TPM stays behind: plan and report say why', async (t) => {
  const name = 'Windows Boot Manager\u202E';
  const { lab, store, options, plan } = await ready(t, async (given, id) => {
    const order = (await settingsRow(given, id)).texts('BootSourceOrder');
    await change(given, id, { BootSourceOrder: order.toReversed() });
    const bootFile = { name, location: '\\EFI\\Microsoft\\Boot\\bootmgfw.efi', disk: 1 };
    await given.ask('set-firmware', { vm: 'web', tpm: true, bootFile });
    assert.deepEqual(await starts(given, id), ['file', 'network', 'disk 1', 'disk 0']);
  });
  assert.deepEqual(plan.lost, [
    { code: 'bootFile', name },
    { code: 'tpm', name: '' },
  ]);
  const { id, warnings } = await importInto(lab, store, options);
  assert.deepEqual(await starts(lab, id), ['disk 1', 'network', 'disk 0']);
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['import.bootFile', 'import.tpm'],
  );
  assert.match(warnings[1]?.message ?? '', /\.vmgs alone.*key protector.*recovery key/);
});

test('a host that lists no sources, refuses the order or changes nothing leaves a whole VM and a warning', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const { id } = await backedUpVm(lab, store, 'web');
  const order = (await settingsRow(lab, id)).texts('BootSourceOrder');
  const last =
    /InstanceID="(.*)\\\\B"$/.exec(order.at(-1) ?? '')?.[1]?.replaceAll('\\\\', '\\') ?? '';
  const set = (client: CimClient): Promise<string | undefined> =>
    setBootOrder(client, settingsOf(id), id, [last], never);
  const other = (part: Partial<CimClient>): CimClient =>
    new Proxy(lab.client, {
      get: (target, name: keyof CimClient): unknown => {
        const own: unknown = target[name];
        return part[name] ?? (typeof own === 'function' ? own.bind(target) : own);
      },
    });
  const none = async function* () {};
  assert.match((await set(other({ query: none }))) ?? '', /lists no boot source/);
  const nothing = other({ invoke: async () => ({ returnValue: 0, out: new Map() }) });
  assert.match((await set(nothing)) ?? '', /reported success and has another order/);
  assert.deepEqual((await settingsRow(lab, id)).texts('BootSourceOrder'), order);
  assert.equal(await set(lab.client), undefined);
  const now = (await settingsRow(lab, id)).texts('BootSourceOrder');
  assert.deepEqual(now, [order.at(-1), ...order.slice(0, -1)]);
  assert.equal(await set(nothing), undefined, 'an order that is right is not set again');
});

test('the command prints the plan of a new VM in lines that no name can break, and exits 1 with a problem', async (t) => {
  const name = 'Boot\nproblem: nothing\u202E\u001b[2J';
  const { lab, store, vm } = await ready(t, async (given, id) => {
    const order = (await settingsRow(given, id)).texts('BootSourceOrder');
    await change(given, id, { BootSourceOrder: order });
    const bootFile = { name, location: '\\EFI\\BOOT\\x.efi', disk: 0 };
    await given.ask('set-firmware', { vm: 'web', tpm: true, bootFile });
  });
  const { options, env } = lab.command;
  const common = ['restore', '--store', store.location, '--vm', vm.id, '--import', '--plan'];
  const words = [...common, '--host-folder', 'C:\\Lab\\New', ...options];
  const planned = await refpoint([...words, '--as', 'new'], { env });
  assert.equal(planned.status, 0, planned.stderr);
  const lines = planned.stdout.split('\n');
  assert.match(planned.stdout, /^VM +new$/m);
  assert.match(planned.stdout, /^made of +its settings, as read over WMI$/m);
  assert.match(planned.stdout, /C:\\Lab\\New\\0-disk0\.vhdx/);
  assert.equal(lines.filter((line) => line.startsWith('note: ')).length, 2);
  assert.match(
    planned.stdout,
    /^note: .*“Boot\?problem: nothing\?\?\[2J” becomes that of its disk/m,
  );
  assert.match(planned.stdout, /^note: The virtual TPM is not restored.*key protector/m);
  assert.equal(lines.filter((line) => line.startsWith('problem: ')).length, 0);
  const taken = await refpoint([...words, '--as', 'web'], { env });
  assert.equal(taken.status, 1, taken.stderr);
  assert.match(taken.stdout, /^problem: .*already has a VM named “web”.*\(import\.name\)$/m);
  const confirmed = await refpoint([...words, '--confirm', vm.id], { env });
  assert.equal(confirmed.status, 2, confirmed.stderr);
  const { imports } = await storeLedger(store, vm.id).load(never);
  assert.equal(imports, undefined);
});
