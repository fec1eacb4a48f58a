import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../../../src/engine/base/abort.ts';
import { Secret } from '../../../../../../src/engine/net/auth/contract/secret.ts';
import { SmbServers } from '../../../../../../src/engine/net/smb/client/servers/smb-servers.ts';
import { SmbWriting } from '../../../../../../src/engine/net/smb/client/servers/smb-writing.ts';
import type { SmbAccount } from '../../../../../../src/engine/net/smb/client/session/login.ts';
import { afterwards } from '../../../../../support/checks/afterwards.ts';
import { peer } from '../../../../../support/process/peers.ts';
import { SambaServer } from '../../../../../support/smb/samba-server.ts';
import { servedFiles } from '../../../../../support/smb/served-files.ts';

function serversAt(t: TestContext, port: number, credential: SmbAccount['credential']): SmbServers {
  const servers = new SmbServers({
    port,
    deadline: 30_000,
    account: { credential, authentication: 'ntlm' },
    encryption: 'wanted',
    approved: ['127.0.0.1'],
  });
  afterwards(t, () => servers.close());
  return servers;
}

/** @param root local folder of `share` */
async function writes(servers: SmbServers, root: string, share: string): Promise<void> {
  const writing = new SmbWriting(servers);
  const at = (...names: readonly string[]): string => [share, ...names].join('\\');
  await writing.createFolder(at('new', 'deep', 'est'), never);
  await writing.createFolder(at('new', 'deep'), never);
  assert.deepEqual(readdirSync(join(root, 'new', 'deep')), ['est']);

  const bytes = randomBytes(3 * 2 ** 20 + 17);
  const part = await writing.create(at('new', 'a.part'), never);
  const cut = 2 ** 20 + 5;
  await Promise.all([
    part.write(cut, bytes.subarray(cut), never),
    part.write(0, bytes.subarray(0, cut), never),
  ]);
  await part.complete(bytes.length + 4096, never);
  const written = readFileSync(join(root, 'new', 'a.part'));
  assert.ok(written.subarray(0, bytes.length).equals(bytes));
  assert.deepEqual(written.subarray(bytes.length), Buffer.alloc(4096), 'the rest are zeros');

  writeFileSync(join(root, 'new', 'taken'), 'mine');
  assert.equal(await writing.rename(at('new', 'a.part'), at('new', 'taken'), never), false);
  assert.equal(readFileSync(join(root, 'new', 'taken'), 'utf8'), 'mine');
  assert.equal(await writing.rename(at('new', 'a.part'), at('new', 'deep', 'b'), never), true);
  assert.ok(readFileSync(join(root, 'new', 'deep', 'b')).equals(written));

  const left = await writing.create(at('new', 'left'), never);
  await left.write(0, Buffer.from('x'), never);
  await left.abandon();
  assert.ok(!existsSync(join(root, 'new', 'left')));
  assert.ok(!existsSync(join(root, 'new', 'a.part')));
  const free = await writing.freeBytes(at('new'), never);
  assert.ok(Number.isSafeInteger(free) && free > bytes.length, String(free));
  await assert.rejects(writing.create(at('no', 'folder'), never), { code: 'smb.notFound' });

  const disk = await writing.change(at('new', 'deep', 'b'), never);
  try {
    assert.equal(disk.size, written.length);
    await disk.write(5, Buffer.from('in place'), never);
    await disk.write(disk.size - 1, Buffer.from('end'), never);
    assert.equal(disk.size, written.length + 2);
    await disk.flush(never);
    const into = Buffer.alloc(10);
    await disk.read(4, into, never);
    assert.equal(into.subarray(1, 9).toString(), 'in place');
    await disk.resize(bytes.length, never);
    await assert.rejects(disk.read(bytes.length - 1, into, never), { code: 'source.range' });
  } finally {
    await disk.close();
  }
  const changed = Buffer.from(bytes);
  changed.write('in place', 5);
  assert.ok(readFileSync(join(root, 'new', 'deep', 'b')).equals(changed));
  await assert.rejects(disk.write(0, Buffer.from('x'), never), { code: 'smb.failed' });
  await assert.rejects(writing.change(at('new', 'none'), never), { code: 'smb.notFound' });
}

test('a file that is changed in place is not changed any more after its connection was lost', async (t) => {
  const { port, root, user, password, lab } = await servedFiles(t);
  const servers = serversAt(t, port, { user, password: new Secret(password) });
  const writing = new SmbWriting(servers);
  const file = join(root, 'disk');
  writeFileSync(file, 'before and after');
  const disk = await writing.change('\\\\127.0.0.1\\C$\\Lab\\disk', never);
  await disk.write(0, Buffer.from('BEFORE'), never);
  lab.faults.set('smb.drop', null, 1);
  await assert.rejects(disk.write(7, Buffer.from('AND'), never), { code: 'smb.failed' });
  await assert.rejects(disk.flush(never), { code: 'smb.failed' });
  await disk.close();
  assert.equal(readFileSync(file, 'utf8'), 'BEFORE and after');
  const again = await writing.change('\\\\127.0.0.1\\C$\\Lab\\disk', never);
  await again.write(7, Buffer.from('AND'), never);
  await again.close();
  assert.equal(readFileSync(file, 'utf8'), 'BEFORE AND after');
});

test('smb.space limits what a volume reports and what a write adds', async (t) => {
  const { port, root, user, password, lab } = await servedFiles(t);
  const servers = serversAt(t, port, { user, password: new Secret(password) });
  const writing = new SmbWriting(servers);
  lab.faults.set('smb.space', '8192', null);
  assert.equal(await writing.freeBytes('\\\\127.0.0.1\\C$\\Lab', never), 8192);
  const part = await writing.create('\\\\127.0.0.1\\C$\\Lab\\part', never);
  await part.write(0, Buffer.alloc(8192, 1), never);
  await assert.rejects(
    part.write(8192, Buffer.alloc(8193, 1), never),
    /disk of the server is full/,
  );
  await part.write(0, Buffer.alloc(8192, 2), never);
  await part.abandon();
  assert.ok(!existsSync(join(root, 'part')));
});

test('files are made, filled, renamed without replacing and given up on the lab', async (t) => {
  const { port, root, user, password } = await servedFiles(t);
  const servers = serversAt(t, port, { user, password: new Secret(password) });
  await writes(servers, root, '\\\\127.0.0.1\\C$\\Lab');
});

test('files are made, filled, renamed without replacing and given up on a Samba server', async (t) => {
  if (peer(t, 'smbd') === undefined || peer(t, 'smbpasswd') === undefined) return;
  const server = await SambaServer.start();
  afterwards(t, () => server.close());
  await writes(serversAt(t, server.port, server.credential), server.share, '\\\\127.0.0.1\\data');
});
