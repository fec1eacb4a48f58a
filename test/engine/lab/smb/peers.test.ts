import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { peer, pythonWith } from '../../../support/process/peers.ts';
import { runPeer, smbclient } from '../../../support/smb/run-peer.ts';
import { servedFiles, type ServedFiles } from '../../../support/smb/served-files.ts';

/** More than one READ and WRITE of each client, and no multiple of anything. */
const SIZE = 2_500_123;

interface Scene {
  readonly files: ServedFiles;
  /** Working folder of the client; `in` has bytes that are also the share's `disk.vhdx`. */
  readonly cwd: string;
  readonly bytes: Buffer;
}

async function scene(t: TestContext): Promise<Scene> {
  const files = await servedFiles(t);
  const cwd = await temporaryFolder(t);
  const bytes = randomBytes(SIZE);
  writeFileSync(join(cwd, 'in'), bytes);
  writeFileSync(join(files.root, 'VMs', 'disk.vhdx'), bytes);
  return { files, cwd, bytes };
}

function assertSame(file: string, bytes: Buffer): void {
  assert.ok(existsSync(file), `${file} was not written`);
  assert.ok(readFileSync(file).equals(bytes), `${file} has other bytes`);
}

const PROTECTIONS: readonly (readonly [name: string, ...more: string[]])[] = [
  ['2.0.2 signed', '-m', 'SMB2_02', '--client-protection=sign'],
  ['2.1 signed', '-m', 'SMB2_10', '--client-protection=sign'],
  ['3.0 signed', '-m', 'SMB3_00', '--client-protection=sign'],
  ['3.0.2 encrypted', '-m', 'SMB3_02', '--client-protection=encrypt'],
  ...['AES-128-GMAC', 'AES-128-CMAC', 'HMAC-SHA256'].map(
    (name) =>
      [
        `3.1.1 signed with ${name}`,
        '--client-protection=sign',
        `--option=client smb3 signing algorithms=${name}`,
      ] as const,
  ),
  ...['AES-128-CCM', 'AES-128-GCM', 'AES-256-CCM', 'AES-256-GCM'].map(
    (name) =>
      [
        `3.1.1 encrypted with ${name}`,
        '--client-protection=encrypt',
        `--option=client smb3 encryption algorithms=${name}`,
      ] as const,
  ),
];

test('smbclient gets and puts files in every dialect, with every signature and cipher', async (t) => {
  const program = peer(t, 'smbclient');
  if (program === undefined) return;
  const { files, cwd, bytes } = await scene(t);
  for (const [name, ...more] of PROTECTIONS) {
    const out = name.replaceAll(/\W/g, '');
    const commands = `get DISK.vhdx ${out}; put in ${out}.up`;
    const done = await smbclient(program, files, 'VMs', commands, { cwd, more });
    assert.equal(done.status, 0, `${name}: ${done.text}`);
    assertSame(join(cwd, out), bytes);
    assertSame(join(files.root, 'VMs', `${out}.up`), bytes);
  }
});

test('smbclient lists, renames, deletes, makes and removes folders, below a drive too', async (t) => {
  const program = peer(t, 'smbclient');
  if (program === undefined) return;
  const { files, cwd, bytes } = await scene(t);
  const commands = [
    'ls',
    'cd Lab\\vms',
    'mkdir Older',
    'put in Older\\one',
    'rename Older\\one Older\\Two',
    'ls Older\\*',
    'get older\\TWO back',
    'allinfo Older\\Two',
    'rmdir Older',
    'del Older\\two',
    'rmdir Older',
    'ls',
  ];
  const done = await smbclient(program, files, 'C$', commands.join('; '), { cwd });
  assertSame(join(cwd, 'back'), bytes);
  assert.match(done.text, /Lab +D/);
  assert.match(done.text, /Two +A +2500123 /);
  assert.match(done.text, /NT_STATUS_DIRECTORY_NOT_EMPTY removing remote directory/);
  assert.match(done.text, /disk\.vhdx +A/);
  assert.equal(existsSync(join(files.root, 'VMs', 'Older')), false);
});

test('smbclient lists a folder that needs several answers', async (t) => {
  const program = peer(t, 'smbclient');
  if (program === undefined) return;
  const { files, cwd } = await scene(t);
  const names = Array.from({ length: 900 }, (_, at) => `${'long-name-'.repeat(12)}${at}`);
  for (const name of names) writeFileSync(join(files.root, 'VMs', name), '');
  const { text } = await smbclient(program, files, 'VMs', 'ls long*', { cwd });
  assert.equal(text.split('\n').filter((line) => line.includes('long-name-')).length, 900);
});

test('a wrong password, a missing share and a share that needs encryption are refused', async (t) => {
  const program = peer(t, 'smbclient');
  if (program === undefined) return;
  const { files, cwd } = await scene(t);
  const refusal = async (served: ServedFiles, share: string, ...more: string[]): Promise<string> =>
    (await smbclient(program, served, share, 'ls', { cwd, more: ['-m', 'SMB3', ...more] })).text;
  assert.match(await refusal({ ...files, password: 'other' }, 'VMs'), /NT_STATUS_LOGON_FAILURE/);
  assert.match(await refusal(files, 'Nowhere'), /NT_STATUS_BAD_NETWORK_NAME/);
  const old = await refusal(files, 'Sealed', '-m', 'SMB2_10');
  assert.match(old, /NT_STATUS_ACCESS_DENIED/);
  files.lab.faults.set('account.locked', null, 1);
  assert.match(await refusal(files, 'VMs'), /NT_STATUS_ACCOUNT_LOCKED_OUT/);
});

test('rclone copies from and to encrypted and signed shares', async (t) => {
  const program = peer(t, 'rclone');
  if (program === undefined) return;
  const { files, cwd, bytes } = await scene(t);
  const { text: secret } = await runPeer(program, ['obscure', files.password]);
  const env = {
    RCLONE_CONFIG: join(cwd, 'none.conf'),
    RCLONE_CONFIG_LAB_TYPE: 'smb',
    RCLONE_CONFIG_LAB_HOST: '127.0.0.1',
    RCLONE_CONFIG_LAB_PORT: String(files.port),
    RCLONE_CONFIG_LAB_USER: files.user,
    RCLONE_CONFIG_LAB_PASS: secret.trim(),
  };
  for (const [share, folder] of [
    ['Sealed/VMs', 'VMs'],
    ['Shared', 'Shared'],
  ] as const) {
    const up = ['copyto', 'in', `lab:${share}/sub/up`];
    const sent = await runPeer(program, up, { cwd, env });
    assert.equal(sent.status, 0, sent.text);
    assertSame(join(files.root, folder, 'sub', 'up'), bytes);
    const down = ['copyto', `lab:${share}/sub/up`, `down-${folder}`];
    const got = await runPeer(program, down, { cwd, env });
    assert.equal(got.status, 0, got.text);
    assertSame(join(cwd, `down-${folder}`), bytes);
  }
});

const IMPACKET = `
import hashlib, io, sys
from impacket.smbconnection import SMBConnection
port, user, password = int(sys.argv[1]), sys.argv[2], sys.argv[3]
for dialect in (0x0202, 0x0210, 0x0300, None):
    c = SMBConnection('127.0.0.1', '127.0.0.1', sess_port=port, preferredDialect=dialect)
    c.login(user, password)
    data = io.BytesIO()
    c.getFile('VMs', 'disk.vhdx', data.write)
    c.putFile('VMs', 'imp.bin', io.BytesIO(data.getvalue()).read)
    again = io.BytesIO()
    c.getFile('VMs', 'IMP.BIN', again.write)
    c.deleteFile('VMs', 'imp.bin')
    names = sorted(f.get_longname() for f in c.listPath('VMs', '*'))
    print(hex(c.getDialect()), hashlib.sha1(again.getvalue()).hexdigest(), ','.join(names))
    c.logoff()
`;

test('impacket reads, writes and lists in 2.0.2, 2.1 and 3.0, also after asking with SMB 1', async (t) => {
  const python = pythonWith(t, 'impacket');
  if (python === undefined) return;
  const { files, cwd } = await scene(t);
  // It computes signatures in Python.
  const bytes = randomBytes(150_001);
  writeFileSync(join(files.root, 'VMs', 'disk.vhdx'), bytes);
  const hash = createHash('sha1').update(bytes).digest('hex');
  const args = ['-c', IMPACKET, String(files.port), files.user, files.password];
  const { text } = await runPeer(python, args, { cwd });
  const lines = text.trim().split('\n');
  const each = `${hash} .,..,disk.vhdx`;
  const dialects = ['0x202', '0x210', '0x300', '0x300'];
  assert.deepEqual(
    lines,
    dialects.map((dialect) => `${dialect} ${each}`),
    text,
  );
});
