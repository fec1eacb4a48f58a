import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../../../src/engine/base/abort.ts';
import { deferred } from '../../../../../../src/engine/base/deferred.ts';
import { SmbFile } from '../../../../../../src/engine/net/smb/client/link/smb-file.ts';
import { SmbLink } from '../../../../../../src/engine/net/smb/client/link/smb-link.ts';
import {
  CONTENTS,
  ScriptedServer,
  type Script,
} from '../../../../../support/smb/scripted-server.ts';

async function linkTo(t: TestContext, script: Script): Promise<SmbLink> {
  const server = await ScriptedServer.start(script);
  t.after(() => server.close());
  const link = new SmbLink({
    host: '127.0.0.1',
    port: server.port,
    deadline: 20_000,
    encryption: 'wanted',
    account: { credential: server.credential, authentication: 'ntlm' },
  });
  t.after(() => link.close());
  return link;
}

test('a server that grants one credit at a time is read from, 64 KiB by 64 KiB', async (t) => {
  const lengths: number[] = [];
  const link = await linkTo(t, {
    answer: (usual, { command }) => {
      if (command === 8) lengths.push(usual.body.length - 16);
      return [{ ...usual, header: { ...usual.header, credits: 1 } }];
    },
  });
  const file = await SmbFile.open(link, 'vms', 'disk.vhdx', never);
  const into = Buffer.alloc(file.size);
  await file.read(0, into, never);
  assert.ok(into.equals(CONTENTS));
  assert.deepEqual(lengths, [65_536, 65_536, 65_536, 65_536, CONTENTS.length - 4 * 65_536]);
  // Several callers share the one credit.
  const parts = Array.from({ length: 20 }, () => Buffer.alloc(1000));
  await Promise.all(parts.map((part, n) => file.read(n * 1000, part, never)));
  assert.ok(Buffer.concat(parts).equals(CONTENTS.subarray(0, 20_000)));
});

test('few credits are shared among several reads, so that none of them waits for the one before', async (t) => {
  const lengths: number[] = [];
  const link = await linkTo(t, {
    answer: (usual, { command, creditCharge }) => {
      if (command === 8) lengths.push(usual.body.length - 16);
      const credits = command === 0 ? 64 : Math.max(1, creditCharge);
      return [{ ...usual, header: { ...usual.header, credits } }];
    },
  });
  const file = await SmbFile.open(link, 'vms', 'disk.vhdx', never);
  const into = Buffer.alloc(file.size);
  await file.read(0, into, never);
  assert.ok(into.equals(CONTENTS));
  assert.deepEqual(lengths, [4 * 65_536, CONTENTS.length - 4 * 65_536]);
});

test('a server that takes credits away while reads wait for them is read from in smaller parts', async (t) => {
  const link = await linkTo(t, {
    answer: (usual, { command }) => [
      { ...usual, header: { ...usual.header, credits: command === 0 ? 6 : 1 } },
    ],
  });
  const file = await SmbFile.open(link, 'vms', 'disk.vhdx', never);
  const both = [Buffer.alloc(file.size), Buffer.alloc(file.size)];
  await Promise.all(both.map((into) => file.read(0, into, never)));
  assert.ok(both.every((into) => into.equals(CONTENTS)));
});

test('a caller that is cancelled while the connection is made does not disturb the others', async (t) => {
  const link = await linkTo(t, {});
  const controller = new AbortController();
  const reason = new Error('enough');
  const first = SmbFile.open(link, 'vms', 'disk.vhdx', controller.signal);
  const second = SmbFile.open(link, 'vms', 'disk.vhdx', never);
  controller.abort(reason);
  await assert.rejects(first, (error: unknown) => error === reason);
  assert.equal((await second).size, CONTENTS.length);
});

test('a connection that is lost in the middle of a read is made again, and the read completes', async (t) => {
  let reads = 0;
  const begun = deferred<void>();
  let sessions = 0;
  const link = await linkTo(t, {
    frame: (content, { command }) => {
      if (command === 0) sessions++;
      if (command !== 8) return [content];
      reads++;
      begun.resolve();
      return reads === 1 ? [] : [content];
    },
  });
  const file = await SmbFile.open(link, 'vms', 'disk.vhdx', never);
  const { connection } = await link.session(never);
  const into = Buffer.alloc(file.size);
  const reading = file.read(0, into, never);
  await begun.promise;
  connection.close();
  await reading;
  assert.ok(into.equals(CONTENTS));
  assert.equal(sessions, 2);
  assert.notEqual((await link.session(never)).connection, connection);
});

test('a read that is under way when the link is closed fails, and nothing connects again', async (t) => {
  const begun = deferred<void>();
  let sessions = 0;
  const link = await linkTo(t, {
    frame: (content, { command }) => {
      if (command === 0) sessions++;
      if (command !== 8) return [content];
      begun.resolve();
      return [];
    },
  });
  const file = await SmbFile.open(link, 'vms', 'disk.vhdx', never);
  const reading = file.read(0, Buffer.alloc(file.size), never);
  reading.catch(() => undefined);
  await begun.promise;
  await link.close();
  await assert.rejects(reading, { code: 'smb.lost' });
  await assert.rejects(file.read(0, Buffer.alloc(16), never), { code: 'smb.failed' });
  assert.equal(sessions, 1);
});
