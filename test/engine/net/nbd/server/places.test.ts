import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { noLog } from '../../../../../src/engine/base/log.ts';
import { startNbdServer } from '../../../../../src/engine/net/nbd/server/nbd-server.ts';
import { temporaryFolder } from '../../../../support/files/temporary-folder.ts';
import { MemoryExport } from '../../../../support/nbd/memory-export.ts';
import { RawClient } from '../../../../support/nbd/raw-client.ts';
import { served } from '../../../../support/nbd/served.ts';

const disk = new MemoryExport(new Uint8Array(512));

test('only the owner can open the socket, and it is gone at the end', async (t) => {
  const server = await served(t, disk);
  assert.ok(server.address.kind === 'unix');
  const { socket } = server.address;
  assert.equal(statSync(socket).mode & 0o777, 0o600);
  assert.equal(statSync(dirname(socket)).mode & 0o777, 0o700);
  await RawClient.connect(t, server.address);
  await server.close();
  assert.ok(!existsSync(dirname(socket)));
});

test('a path that is too long for a socket is refused, and nothing is left', async (t) => {
  const before = process.env['TMPDIR'];
  t.after(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  });
  const folder = `${await temporaryFolder(t)}/${'x'.repeat(120)}`;
  mkdirSync(folder);
  process.env['TMPDIR'] = folder;
  const options = { transport: 'unix', description: '', log: noLog } as const;
  await assert.rejects(startNbdServer(disk, options, never), {
    code: 'nbd.listen',
    message: /too long for a socket/,
  });
  assert.deepEqual(readdirSync(folder), []);
});

test('a server turns away more clients than it can serve', async (t) => {
  const server = await served(t, disk);
  const clients = await Promise.all(
    Array.from({ length: 20 }, () => RawClient.connect(t, server.address)),
  );
  const greeted = await Promise.allSettled(clients.map((client) => client.read(18)));
  assert.equal(greeted.filter(({ status }) => status === 'fulfilled').length, 16);
});
