import assert from 'node:assert/strict';
import net from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import type { HostTarget } from '../../../../src/engine/api/host.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import type { Exchange } from '../../../../src/engine/base/exchange.ts';
import { testFileAccess } from '../../../../src/engine/operations/host/test-smb.ts';
import { servedFiles, type ServedFiles } from '../../../support/smb/served-files.ts';

const targetOf = ({ port, user, password }: ServedFiles): HostTarget => ({
  url: 'http://127.0.0.1:5985',
  authentication: 'ntlm',
  user,
  password,
  ntlmFallback: true,
  clientCertificate: null,
  fingerprint: null,
  ca: null,
  timeoutSeconds: 20,
  smb: { port, encryption: 'wanted', servers: [] },
});

test('a window tests the host itself or a share of it, and the recorder sees it', async (t) => {
  const files = await servedFiles(t);
  const seen: Exchange[] = [];
  const recorder = {
    begin: () => seen.length + 1,
    record: (each: Exchange) => void seen.push(each),
  };
  const own = await testFileAccess(targetOf(files), '', never, recorder);
  assert.deepEqual(
    [own.server, own.dialect, own.share, own.sealed, own.rsvd],
    ['127.0.0.1', '3.1.1', null, true, null],
  );
  const share = await testFileAccess(targetOf(files), '\\\\127.0.0.1\\Sealed', never, recorder);
  assert.deepEqual([share.share, share.shareFlags.includes('encrypt')], ['Sealed', true]);
  assert.ok(seen.length >= 12, `${seen.length} exchanges`);
});

test('this computer, which PowerShell asks without an address, is tested too', async (t) => {
  const files = await servedFiles(t);
  const recorder = { begin: () => 0, record: () => undefined };
  const found = await testFileAccess({ ...targetOf(files), url: 'local' }, '', never, recorder);
  assert.deepEqual([found.server, found.dialect], ['localhost', '3.1.1']);
});

test('a password that was refused is sent again if a person asks again', async (t) => {
  const files = await servedFiles(t);
  const recorder = { begin: () => 0, record: () => undefined };
  files.lab.faults.set('account.locked', null, 1, 1);
  const target = targetOf(files);
  await assert.rejects(testFileAccess(target, '', never, recorder), (error) =>
    isEngineError(error, 'http.auth.locked'),
  );
  assert.equal((await testFileAccess(target, '', never, recorder)).dialect, '3.1.1');
});

test('a server that was not approved hears nothing; an approved one is tried', async (t) => {
  const files = await servedFiles(t);
  let heard = 0;
  const server = net.createServer((socket) => {
    heard++;
    socket.destroy();
  });
  server.listen(0, '127.0.0.2');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as net.AddressInfo;
  const recorder = { begin: () => 0, record: () => undefined };
  const target = targetOf({ ...files, port });
  for (const place of ['\\\\127.0.0.2\\vms', '127.0.0.2']) {
    await assert.rejects(testFileAccess(target, place, never, recorder), (error) =>
      isEngineError(error, 'smb.server.unknown'),
    );
  }
  assert.equal(heard, 0);
  const smb = { port, encryption: 'wanted', servers: ['127.0.0.2'] } as const;
  await assert.rejects(
    testFileAccess({ ...target, smb }, '\\\\127.0.0.2\\vms', never, recorder),
    (error) => isEngineError(error, 'smb.lost'),
  );
  assert.equal(heard, 1);
});
