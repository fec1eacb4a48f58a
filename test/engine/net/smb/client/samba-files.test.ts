import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, openSync, closeSync, writeSync, ftruncateSync } from 'node:fs';
import { lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import type { ErrorCode } from '../../../../../src/engine/api/codes.ts';
import { SmbFile } from '../../../../../src/engine/net/smb/client/link/smb-file.ts';
import { Secret } from '../../../../../src/engine/net/auth/contract/secret.ts';
import { runCli } from '../../../../support/process/cli-io.ts';
import { peer } from '../../../../support/process/peers.ts';
import { linkTo } from '../../../../support/smb/samba-link.ts';
import { SambaServer } from '../../../../support/smb/samba-server.ts';

const fails =
  (code: ErrorCode) =>
  (error: unknown): boolean =>
    isEngineError(error, code) ? true : assert.fail(String(error)) === undefined;

test('files of a real Samba server', async (t) => {
  if (peer(t, 'smbd') === undefined || peer(t, 'smbpasswd') === undefined) return;
  const server = await SambaServer.start();
  t.after(() => server.close());
  const link = linkTo(server);
  const inside = (name: string): string => join(server.share, name);
  const step = (name: string, run: (t: TestContext) => Promise<void>) => t.test(name, run);

  await step('a sparse file above 4 GiB is read at both ends', async () => {
    const end = 5 * 2 ** 30;
    const file = openSync(inside('sparse.vhdx'), 'w');
    ftruncateSync(file, end);
    writeSync(file, Buffer.from('first'), 0, 5, 0);
    writeSync(file, Buffer.from('the last'), 0, 8, end - 8);
    closeSync(file);
    const source = await SmbFile.open(link, 'data', 'sparse.vhdx', never);
    assert.equal(source.size, end);
    const [head, tail] = [Buffer.alloc(8), Buffer.alloc(9)];
    await source.read(0, head, never);
    await source.read(end - 9, tail, never);
    assert.deepEqual(head, Buffer.from('first\0\0\0'));
    assert.deepEqual(tail, Buffer.from('\0the last'));
    await assert.rejects(source.read(end - 1, Buffer.alloc(2), never), fails('source.range'));
    await source.close();
  });

  await step('a folder of 1,500 files with long names is listed whole', async () => {
    mkdirSync(inside('many'));
    const names = Array.from(
      { length: 1500 },
      (_, n) => `${String(n).padStart(5, '0')}-ä${'x'.repeat(80)}.vhdx`,
    );
    for (const name of names) writeFileSync(inside(`many/${name}`), name);
    const found = await link.list('data', 'many', never);
    assert.deepEqual(found.map(({ name }) => name).sort(), names);
    assert.ok(found.every(({ name, facts }) => facts.endOfFile === Buffer.byteLength(name)));
  });

  await step('facts of a file name its size, identity and the access of the account', async () => {
    writeFileSync(inside('a.txt'), 'hello');
    const status = await link.stat('data', 'A.TXT', never);
    assert.equal(status.facts.endOfFile, 5);
    assert.match(status.diskId ?? '', /^[0-9a-f]{32}$/);
    assert.ok(((status.maximalAccess ?? 0) & 1) === 1, 'it may be read');
  });

  await step('a removed file is gone, and removing it again says so', async () => {
    writeFileSync(inside('gone.vhdx'), 'x');
    await link.remove('data', 'gone.vhdx', never);
    assert.ok(!existsSync(inside('gone.vhdx')));
    await assert.rejects(link.remove('data', 'gone.vhdx', never), fails('smb.notFound'));
  });

  await step('a removed link is gone, and what it names stays', async () => {
    mkdirSync(inside('kept'));
    writeFileSync(inside('kept/disk'), 'contents');
    symlinkSync(inside('kept/disk'), inside('to-file'));
    symlinkSync('/etc/hostname', inside('outside'));
    await link.remove('data', 'to-file', never);
    assert.throws(() => lstatSync(inside('to-file')), { code: 'ENOENT' });
    assert.equal(readFileSync(inside('kept/disk'), 'utf8'), 'contents');
    // Samba neither shows nor opens a link that leads out of the share.
    const names = (await link.list('data', '', never)).map(({ name }) => name);
    assert.ok(names.includes('kept') && !names.includes('outside'), names.join());
    await assert.rejects(SmbFile.open(link, 'data', 'outside', never), fails('smb.notFound'));
    await assert.rejects(link.remove('data', 'outside', never), fails('smb.notFound'));
    assert.ok(lstatSync(inside('outside')).isSymbolicLink() && existsSync('/etc/hostname'));
  });

  await step('what cannot be opened has a code each', async () => {
    await assert.rejects(SmbFile.open(link, 'data', 'nothing', never), fails('smb.notFound'));
    await assert.rejects(SmbFile.open(link, 'data', 'no\\such', never), fails('smb.notFound'));
    await assert.rejects(SmbFile.open(link, 'data', 'many', never), fails('smb.notFound'));
    await assert.rejects(SmbFile.open(link, 'nowhere', 'x', never), fails('smb.share'));
    await assert.rejects(SmbFile.open(link, 'secret', 'x', never), fails('smb.denied'));
  });

  await step('64 cancelled reads end at once, and the connection serves the next one', async () => {
    const data = randomBytes(2 ** 20);
    writeFileSync(inside('big.bin'), Buffer.concat(Array.from({ length: 32 }, () => data)));
    const source = await SmbFile.open(link, 'data', 'big.bin', never);
    const before = (await link.session(never)).connection;
    const reason = new Error('enough');
    const reads = Array.from({ length: 64 }, (_, n) => {
      const controller = new AbortController();
      const into = Buffer.alloc(2 ** 18);
      const read = source.read(n * 2 ** 18, into, controller.signal);
      setTimeout(() => controller.abort(reason), n % 4);
      return read.then(
        () => 'read',
        (error: unknown) => (error === reason ? 'cancelled' : String(error)),
      );
    });
    const ends = await Promise.all(reads);
    assert.deepEqual(
      ends.filter((end) => end !== 'read' && end !== 'cancelled'),
      [],
    );
    assert.ok(ends.includes('cancelled'));
    const into = Buffer.alloc(2 ** 20);
    await source.read(2 ** 20, into, never);
    assert.ok(into.equals(data));
    assert.equal((await link.session(never)).connection, before, 'the same connection');
    await source.close();
  });

  await step(
    'a killed and restarted server is connected to again in the middle of a read',
    async () => {
      const source = await SmbFile.open(link, 'data', 'big.bin', never);
      const first = await link.session(never);
      const into = Buffer.alloc(source.size);
      const reading = source.read(0, into, never);
      await server.kill();
      await server.run();
      await reading;
      const data = into.subarray(0, 2 ** 20);
      for (let n = 0; n < 32; n++) {
        assert.ok(into.subarray(n * 2 ** 20, (n + 1) * 2 ** 20).equals(data), `MiB ${n}`);
      }
      assert.notEqual(await link.session(never), first);
      await source.close();
    },
  );

  await step('a file that changed while the server was gone is not read on', async () => {
    const source = await SmbFile.open(link, 'data', 'big.bin', never);
    await server.kill();
    writeFileSync(inside('big.bin'), Buffer.alloc(source.size));
    await server.run();
    await assert.rejects(source.read(0, Buffer.alloc(10), never), fails('smb.file.changed'));
    await source.close();
  });

  await step('a server that stays away ends the work after the time for it', async () => {
    const brief = linkTo(server, { patience: 1200 });
    const source = await SmbFile.open(brief, 'data', 'big.bin', never);
    await server.kill();
    const began = Date.now();
    await assert.rejects(source.read(0, Buffer.alloc(10), never), fails('smb.unreachable'));
    assert.ok(Date.now() - began >= 1000, 'it tried for a while');
    await source.close();
    await brief.close();
    await server.run();
  });

  await step('a wrong password is named as such and not sent a second time', async () => {
    const { user } = server.credential;
    const credential = { user, password: new Secret('wrong') };
    const wrong = linkTo(server, { account: { credential, authentication: 'ntlm' } });
    await assert.rejects(wrong.session(never), fails('http.auth.failed'));
    await assert.rejects(wrong.session(never), (error: unknown) => {
      assert.match(String(error), /not sent again/);
      return true;
    });
    await wrong.close();
  });

  await step(
    'the command smb test prints protection and share, and fails with a code',
    async () => {
      const { user, password } = server.credential;
      const around = { env: { REFPOINT_PASSWORD: password.reveal() } };
      const options = [
        '--user',
        user,
        '--auth',
        'ntlm',
        '--smb-port',
        String(server.port),
        '--json',
      ];
      const run = await runCli(['smb', 'test', '\\\\127.0.0.1\\data', ...options], around);
      assert.equal(run.status, 0, run.err);
      const document = JSON.parse(run.out) as Record<string, unknown>;
      assert.equal(typeof document['credits'], 'number');
      assert.deepEqual(
        { ...document, credits: 0 },
        {
          server: '127.0.0.1',
          dialect: '3.1.1',
          signing: 'AES-128-GMAC',
          cipher: 'AES-128-GCM',
          sealed: true,
          mechanism: 'ntlm',
          account: user,
          share: 'data',
          shareFlags: [],
          maxRead: 2 ** 20,
          credits: 0,
          rsvd: false,
          findings: [],
        },
      );
      const bare = await runCli(['smb', 'test', '127.0.0.1', ...options], around);
      assert.equal(bare.status, 0, bare.err);
      assert.equal((JSON.parse(bare.out) as { share: unknown }).share, null);
      const missing = await runCli(['smb', 'test', '//127.0.0.1/nowhere', ...options], around);
      assert.equal(missing.status, 3);
      assert.match(missing.out, /"smb.share"/);
    },
  );

  await link.close();
});
