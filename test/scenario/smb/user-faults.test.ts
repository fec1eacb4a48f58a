import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { SmbSettings } from '../../../src/engine/api/host.ts';
import { SHARE_ACCESS } from '../../../src/engine/net/smb/codec/protocol/constants.ts';
import { checkForRun } from '../../../src/engine/backup/read/methods.ts';
import { mappedFiles } from '../../../src/engine/backup/host/mapped-files.ts';
import type { FileAccess } from '../../../src/engine/source/files/file-access.ts';
import { describePlan } from '../../../src/engine/cli/commands/backup/backup-text.ts';
import { planDocument } from '../../../src/engine/operations/vm/plan-backup.ts';
import { never } from '../../../src/engine/base/abort.ts';
import {
  backup,
  backupOptions,
  hostOver,
  openTestStore,
  startBackupLab,
  type BackupLab,
} from '../../support/backup/backup-lab.ts';
import { afterwards } from '../../support/checks/afterwards.ts';
import { connected, open } from '../../support/smb/hand-made-client.ts';

const SMB = { method: 'smb', pathMap: [] } as const;

async function scene(t: TestContext): Promise<BackupLab> {
  const lab = await startBackupLab(t, { smb: true });
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * 2 ** 20 }] });
  return lab;
}

/** The same lab, whose files are reached in another way. */
function reached(
  lab: BackupLab,
  smb: Partial<SmbSettings>,
  account: { readonly user?: string; readonly password?: string } = {},
): BackupLab {
  const settings = {
    port: 1,
    encryption: 'wanted',
    servers: [],
    ...lab.target.smb,
    ...smb,
  } as const;
  return { ...lab, host: hostOver(lab.client, { ...lab.target, ...account, smb: settings }) };
}

test('each fault of a user is found before anything is made on the host, with words that help', async (t) => {
  const lab = await scene(t);
  const faults: readonly (readonly [BackupLab, string, RegExp])[] = [
    // Another account than the lab's client, whose refused password would be remembered.
    [reached(lab, {}, { user: 'somebody' }), 'http.auth.failed', /rejects the login of somebody/],
    [reached(lab, { port: 1 }), 'smb.unreachable', /127\.0\.0\.1:1/],
  ];
  const store = await openTestStore(lab);
  for (const [each, code, words] of faults) {
    await assert.rejects(backup(each, store, 'vm', SMB), { code, message: words });
  }
  await lab.ask('share-remove', { name: 'C$' });
  await assert.rejects(backup(lab, store, 'vm', SMB), { code: 'smb.share', message: /C\$/ });
  // Without a mapping, the reason names both ways to the disks.
  const auto = backup(lab, store, 'vm', { ...SMB, method: 'auto' });
  await assert.rejects(auto, { code: 'path.unmapped', message: /not? folder .*Over SMB: .*C\$/ });
  const vm = await lab.host.findVm('vm', never);
  assert.deepEqual([vm.checkpoints, vm.referencePoints], [[], []]);
  // A share of the folder is as good as the administrator's.
  const pathMap = [{ host: 'C:\\Lab\\VMs', local: '\\\\127.0.0.1\\VMs' }];
  const { manifest } = await backup(lab, store, 'vm', { ...SMB, method: 'auto', pathMap });
  assert.equal(manifest.method, 'smb');
  assert.match(String(manifest.methodReason?.evidence['scsi0:0']), /^\\\\127\.0\.0\.1\\VMs\\/);
});

test('a frozen disk that another program does not share is named, and the run is undone', async (t) => {
  const lab = await scene(t);
  const store = await openTestStore(lab);
  const { id } = await lab.host.findVm('vm', never);
  const { user, password, smb } = lab.target;
  const other = await connected(t, { user, password, port: smb?.port ?? 0 });
  const onEdge = async (edge: string): Promise<void> => {
    if (edge !== 'ranges.known') return;
    const [checkpoint] = await lab.host.listCheckpoints(id, never);
    const { frozen } = await lab.host.frozenDisks(id, checkpoint?.id ?? '', never);
    const file = frozen[0]?.path.replace(/^C:\\Lab\\VMs\\/, '') ?? '';
    assert.equal((await open(other, file, { shareAccess: SHARE_ACCESS.write })).status, 0);
  };
  await lab.ask('set-state', { vm: 'vm', state: 'off' });
  const run = backup(lab, store, 'vm', SMB, never, { onEdge });
  await assert.rejects(run, { code: 'smb.busy', message: /\.vhdx/ });
  const vm = await lab.host.findVm('vm', never);
  assert.deepEqual([vm.checkpoints, vm.referencePoints], [[], []]);
});

test('a server that is neither the host nor approved is named, and not contacted', async (t) => {
  const lab = await scene(t);
  const { disks } = await lab.host.findVm('vm', never);
  const elsewhere = disks.map((disk) => ({ ...disk, path: '\\\\localhost\\VMs\\a.vhdx' }));
  const check = async (servers: readonly string[]): Promise<string | null> => {
    const { host } = reached(lab, { servers });
    const remote = host.remoteFiles([]);
    const local = host.localDisks();
    const around = {
      options: backupOptions(lab, SMB),
      local,
      mapped: mappedFiles([], async () => false),
      remote,
    };
    const checks = await checkForRun(elsewhere, 'smb', around, never);
    await remote.close();
    return checks.find(({ method }) => method === 'smb')?.problem?.code ?? null;
  };
  const before = (await lab.ask('fault-list', {})).exchanges;
  assert.equal(await check([]), 'smb.server.unknown');
  assert.equal((await lab.ask('fault-list', {})).exchanges, before, 'nothing was sent');
  assert.equal(await check(['LOCALHOST']), 'path.missing', 'an approved server is asked');
});

test('a disk that the account may not read is named with its folder, before anything is made on the host', async (t) => {
  const lab = await scene(t);
  const { disks } = await lab.host.findVm('vm', never);
  const remote = lab.host.remoteFiles([]);
  const granted = remote.access;
  // The lab lets everybody in; this is what a server answers whose folder has no right to read.
  const access: FileAccess = {
    flavour: granted.flavour,
    open: (path, signal) => granted.open(path, signal),
    list: (path, signal) => granted.list(path, signal),
    remove: (path, signal) => granted.remove(path, signal),
    stat: async (path, signal) => {
      const facts = await granted.stat(path, signal);
      return facts?.kind === 'file' ? { ...facts, readable: false } : facts;
    },
  };
  const denied = new Proxy(remote, {
    get: (target, name) => {
      if (name === 'access') return access;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const local = lab.host.localDisks();
  const around = {
    options: backupOptions(lab, SMB),
    local,
    mapped: mappedFiles([], async () => false),
    remote: denied,
  };
  const checks = await checkForRun(disks, 'smb', around, never);
  await remote.close();
  const problem = checks.find(({ method }) => method === 'smb')?.problem;
  assert.equal(problem?.code, 'path.denied');
  assert.match(problem.message, /may not read \\\\127\.0\.0\.1\\C\$\\.*\.vhdx/);
  assert.match(String(problem.data['folder']), /^C:\\Lab\\VMs\\.*\\Virtual Hard Disks$/);
});

test('encryption that is required is used, and one that is switched off is not missed', async (t) => {
  const lab = await scene(t);
  const store = await openTestStore(lab);
  const required = reached(lab, { encryption: 'required' });
  const { manifest } = await backup(required, store, 'vm', SMB);
  assert.deepEqual(manifest.warnings, []);
  const off = await backup(reached(lab, { encryption: 'off' }), store, 'vm', SMB);
  assert.deepEqual(off.manifest.warnings, [], 'nobody wanted it');
});

test('a folder for exports is reached through the file server, read there, and removed there', async (t) => {
  const lab = await scene(t);
  const store = await openTestStore(lab);
  const options = { method: 'export', pathMap: [], exportDirectory: lab.exportDirectory } as const;
  const full = await backup(lab, store, 'vm', options);
  assert.equal(full.manifest.method, 'export');
  const names = full.manifest.configFiles.map(({ file }) => file);
  assert.ok(
    names.some((name) => name.endsWith('.vmcx')),
    names.join(),
  );
  await lab.write('vm', 0, 0, Buffer.alloc(4096, 7));
  const { manifest } = await backup(lab, store, 'vm', options);
  assert.equal(manifest.kind, 'incr');
  assert.ok((manifest.disks[0]?.readBytes ?? 0) > 0);
  const remote = lab.host.remoteFiles([]);
  const place = await remote.pathOf(lab.exportDirectory, never);
  assert.deepEqual(await remote.access.list(place, never), []);
  await remote.close();
});

test('a plan whose disks a mounted folder leads to does not ask the file server, and says so', async (t) => {
  const lab = await startBackupLab(t, { smb: true });
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * 2 ** 20 }] });
  let contacts = 0;
  const server = createServer((socket) => {
    contacts++;
    socket.destroy();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  afterwards(t, () => void server.close());
  const { port } = server.address() as AddressInfo;
  const { host } = reached(lab, { port });
  const plan = async (change: Parameters<typeof backupOptions>[1]) => {
    const options = backupOptions(lab, { method: 'auto', ...change });
    return planDocument(host, 'vm', undefined, options, never);
  };
  const found = ({ methods }: Awaited<ReturnType<typeof plan>>, id: string) =>
    methods.find(({ method }) => method === id);
  const mapped = await plan({ exportDirectory: 'Z:\\Exports' });
  assert.equal(mapped.method, 'file');
  assert.equal(contacts, 0, 'nobody received a proof of the password');
  const smb = found(mapped, 'smb');
  assert.deepEqual([smb?.possible, smb?.untried, smb?.folders], [false, true, []]);
  assert.match(smb?.reason ?? '', /not asked, since the method file is possible/);
  assert.equal(found(mapped, 'export')?.untried, true, 'the server might have the folder');
  assert.equal(mapped.methodReason.evidence['smb'], `plan.method: ${smb?.reason}`);
  assert.match(describePlan(mapped), /\n {2}smb {2}not tried {2}The file server was not asked/);
  const asked = await plan({ method: 'file' });
  assert.match(found(asked, 'smb')?.reason ?? '', /since the method file was requested/);
  assert.equal(contacts, 0);
  const unmapped = await plan({ pathMap: [] });
  assert.deepEqual([found(unmapped, 'smb')?.untried, contacts > 0], [undefined, true]);
});
