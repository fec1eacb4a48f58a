import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { afterwards } from '../../support/checks/afterwards.ts';
import { runCli, runCliJson } from '../../support/process/cli-io.ts';
import { startLabProcess } from '../../support/process/command.ts';

interface Backup {
  readonly point: string;
  readonly kind: string;
  readonly method: string;
  readonly disks: readonly { readonly readBytes: number }[];
}

interface Plan {
  readonly method: string;
  readonly methods: readonly { readonly method: string; readonly possible: boolean }[];
}

test('on the command line nothing but the host is named: the disks come over SMB, both points restore', async (t) => {
  const dir = await temporaryFolder(t);
  const at = (name: string): string => join(dir, name);
  const lab = await startLabProcess(at('lab'), ['--smb-port', '0']);
  afterwards(t, () => lab.stop());
  const { smb } = lab.line as { smb: { port: number; shares: { name: string }[] } };
  assert.deepEqual(
    smb.shares.map(({ name }) => name),
    ['C$', 'VMs', 'Sealed', 'Shared'],
  );
  const { env } = lab;
  const host = [...lab.hostOptions, '--smb-port', String(smb.port)];
  const write = ['--vm', 'web', '--disk', '0', '--random', '20', '--seed'];
  const inLab = ['--dir', at('lab')];
  await runCliJson(['lab', 'add-vm', ...inLab, '--name', 'web', '--size', '16M', '--size', '8M']);
  await runCliJson(['lab', 'write', ...inLab, ...write, '1']);
  const command = ['backup', 'web', '--store', at('store'), ...host];
  const plan = await runCliJson<Plan>([...command, '--plan'], { env });
  assert.equal(plan.method, 'smb');
  assert.deepEqual(
    plan.methods.map(({ method, possible }) => `${method} ${possible}`),
    ['virtdisk false', 'file false', 'smb true', 'export false'],
  );
  const full = await runCliJson<Backup>(command, { env });
  assert.deepEqual([full.kind, full.method], ['full', 'smb']);
  await runCliJson(['lab', 'write', ...inLab, ...write, '2']);
  const next = await runCliJson<Backup>([...command, '--smb-encryption', 'required'], { env });
  assert.match(next.kind, /^incr/);
  assert.ok((next.disks[0]?.readBytes ?? 0) > 0);
  assert.equal(next.disks[1]?.readBytes, 0);
  const restored = ['restore', '--store', at('store'), '--vm', 'web', '--to', at('restored')];
  const { disks } = await runCliJson<{ disks: { file: string }[] }>(restored);
  assert.equal(disks.length, 2);
  const verified = await runCli(['verify', '--store', at('store')]);
  assert.equal(verified.status, 0, verified.out + verified.err);

  const closed = command.map((each) => (each === String(smb.port) ? '1' : each));
  const refused = await runCli([...closed, '--method', 'smb'], { env });
  assert.equal(refused.status, 3);
  assert.match(refused.err, /127\.0\.0\.1:1/);
  assert.match(refused.err, /FPS-SMB-In-TCP/, 'what opens the port is said');
});
