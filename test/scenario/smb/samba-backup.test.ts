import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { restorePoint } from '../../../src/engine/backup/restore/restore.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { noProgress } from '../../../src/engine/base/progress.ts';
import {
  backup,
  hostOver,
  openTestStore,
  startBackupLab,
  type BackupLab,
} from '../../support/backup/backup-lab.ts';
import { afterwards } from '../../support/checks/afterwards.ts';
import { runCliJson } from '../../support/process/cli-io.ts';
import { peer } from '../../support/process/peers.ts';
import { SambaServer, type SambaSettings } from '../../support/smb/samba-server.ts';

/** A lab whose folder Samba shows as `data`; the lab itself serves no files. */
async function onSamba(
  t: TestContext,
  settings: SambaSettings,
): Promise<{ readonly lab: BackupLab; readonly options: { pathMap: BackupLab['pathMap'] } }> {
  const started = await startBackupLab(t);
  const [root] = started.pathMap;
  assert.ok(root !== undefined);
  const samba = await SambaServer.start({ ...settings, share: root.local });
  afterwards(t, () => samba.close());
  const { user, password } = samba.credential;
  const smb = { port: samba.port, encryption: 'wanted', servers: [] } as const;
  const target = { ...started.target, user, password: password.reveal(), smb };
  const lab = { ...started, host: hostOver(started.client, target) };
  return { lab, options: { pathMap: [{ host: root.host, local: '\\\\127.0.0.1\\data' }] } };
}

test('disks on Samba, while the lab plays Hyper-V: a real file system comes back as it was at both points', async (t) => {
  const [qemu, mke2fs, debugfs, e2fsck] = ['qemu-img', 'mke2fs', 'debugfs', 'e2fsck'].map((name) =>
    peer(t, name),
  );
  if (!qemu || !mke2fs || !debugfs || !e2fsck) return;
  if (peer(t, 'smbd') === undefined || peer(t, 'smbpasswd') === undefined) return;
  const { lab, options } = await onSamba(t, { encrypt: 'required' });
  const at = (name: string): string => join(lab.folder, name);
  mkdirSync(at('files'));
  for (let i = 0; i < 20; i++) writeFileSync(at(`files/file${i}`), randomBytes(150_000 + i * 999));
  const marker = 'a marker that the guest wrote';
  writeFileSync(at('files/marker'), marker);
  execFileSync(mke2fs, ['-q', '-t', 'ext4', '-d', at('files'), at('state1.raw'), '32M']);
  execFileSync(qemu, ['convert', '-f', 'raw', '-O', 'vhdx', at('state1.raw'), at('vm.vhdx')]);
  copyFileSync(at('state1.raw'), at('state2.raw'));
  writeFileSync(at('new'), randomBytes(1_000_000));
  writeFileSync(at('commands'), [`write ${at('new')} added`, 'rm file3', 'mkdir more'].join('\n'));
  execFileSync(debugfs, ['-w', '-f', at('commands'), at('state2.raw')], { stdio: 'ignore' });

  const dir = ['--dir', at('lab')];
  await runCliJson(['lab', 'add-vm', ...dir, '--name', 'ext4', '--image', at('vm.vhdx')]);
  const store = await openTestStore(lab);
  const full = await backup(lab, store, 'ext4', { method: 'smb', ...options });
  const to = ['--vm', 'ext4', '--disk', '0', '--from-raw', at('state2.raw')];
  await runCliJson(['lab', 'write', ...dir, ...to]);
  const { manifest } = await backup(lab, store, 'ext4', { method: 'smb', ...options });
  assert.equal(manifest.kind, 'incr');
  assert.match(String(manifest.methodReason?.evidence['scsi0:0']), /^\\\\127\.0\.0\.1\\data\\/);
  assert.deepEqual(manifest.warnings, []);
  for (const [point, state] of [
    [full.manifest.id, 'state1.raw'],
    [manifest.id, 'state2.raw'],
  ] as const) {
    const folder = at(`restored-${state}`);
    const restore = { vmId: manifest.vm.id, point, disks: [], to: folder, format: 'raw' } as const;
    await restorePoint(store, { ...restore, force: false }, noProgress, never);
    const [file = ''] = readdirSync(folder).map((name) => join(folder, name));
    execFileSync(qemu, ['compare', '-q', '-f', 'raw', '-F', 'raw', file, at(state)]);
    execFileSync(e2fsck, ['-fn', file], { stdio: 'pipe' });
    assert.ok(readFileSync(file).includes(marker));
  }
});

test('Samba that cannot encrypt is a warning of the point; a share that the account may not enter says what helps', async (t) => {
  if (peer(t, 'smbd') === undefined || peer(t, 'smbpasswd') === undefined) return;
  const { lab, options } = await onSamba(t, { encrypt: 'off' });
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * 2 ** 20 }] });
  const store = await openTestStore(lab);
  const { manifest } = await backup(lab, store, 'vm', { method: 'smb', ...options });
  assert.deepEqual(
    manifest.warnings.map(({ code }) => code),
    ['smb.encryption'],
  );
  const [root] = options.pathMap;
  const pathMap = [{ host: root?.host ?? '', local: '\\\\127.0.0.1\\secret' }];
  const refused = backup(lab, store, 'vm', { method: 'smb', pathMap });
  await assert.rejects(refused, { code: 'smb.denied', message: /secret/ });
});
