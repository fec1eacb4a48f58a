import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { configuration } from '../../../../support/kerberos/realm.ts';
import { peer } from '../../../../support/process/peers.ts';
import { assertInTime } from '../../../../support/process/in-time.ts';

test('a KDC that never answers stops neither timers nor files, and the login ends in time', async (t) => {
  // The library comes with the programs.
  if (peer(t, 'kinit') === undefined) return;
  const folder = mkdtempSync(join(tmpdir(), 'refpoint-silent-'));
  const silent = createServer().listen(0, '127.0.0.1');
  const asked = new Set<object>();
  silent.on('connection', (socket) => {
    asked.add(socket);
    socket.on('error', () => undefined);
  });
  await once(silent, 'listening');
  t.after(() => {
    silent.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const { port } = silent.address() as AddressInfo;
  writeFileSync(join(folder, 'krb5.conf'), configuration(port));
  const script = join(import.meta.dirname, '../../../../support/kerberos/waiting-logins.ts');
  const child = spawn(process.execPath, ['--no-warnings', script], {
    env: { ...process.env, KRB5_CONFIG: join(folder, 'krb5.conf') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const report = JSON.parse(await text(child.stdout)) as {
    results: string[];
    latest: number;
    read: number;
    took: number;
  };
  const [first, ...others] = report.results;
  assert.equal(first, 'Error: cancelled by the user');
  assert.deepEqual(others, Array(4).fill('http.auth.kdc'));
  assertInTime(report.latest, 1000, 'a timer');
  assertInTime(report.read, 1000, 'a file');
  assertInTime(report.took, 4000, 'the logins');
  assert.equal(asked.size, 2, 'connections to the KDC: two calls at a time');
});
