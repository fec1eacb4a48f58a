import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { afterwards } from '../../support/checks/afterwards.ts';
import { runCli } from '../../support/process/cli-io.ts';

const HOST = ['--host', 'http://127.0.0.1:9', '--user', 'admin'];
const SECRET = 'correct horse battery';

test('Basic never sends a password readable to another machine', async () => {
  const { status, err } = await runCli(
    ['vm', 'list', '--host', 'http://hv01:5985', '--user', 'admin', '--auth', 'basic'],
    {
      env: { REFPOINT_PASSWORD: SECRET },
    },
  );
  assert.equal(status, 3);
  assert.match(err, /\(http\.auth\.plain\)/);
  assert.match(err, /https:\/\/hv01:5986/);
  assert.ok(!err.includes(SECRET));
});

test('a host that does not answer is told with the next step, and no password', async () => {
  const { status, err } = await runCli(['host', 'test', ...HOST, '--log-level', 'trace'], {
    env: { REFPOINT_PASSWORD: SECRET },
  });
  assert.equal(status, 3);
  assert.match(err, /127\.0\.0\.1:9/);
  assert.match(err, /run on the host, as an administrator: Enable-PSRemoting -Force/);
  assert.ok(!err.includes(SECRET));
  assert.ok(!err.includes(Buffer.from(`admin:${SECRET}`).toString('base64')));
});

test('a user without a password is told where passwords come from', async () => {
  const { status, err } = await runCli(['vm', 'list', ...HOST]);
  assert.equal(status, 2);
  assert.match(err, /REFPOINT_PASSWORD, --password-stdin or --credential-file/);
});

test('an empty password is one that was not set, and is not tried at the host', async () => {
  const { status, err } = await runCli(['vm', 'list', ...HOST], {
    env: { REFPOINT_PASSWORD: '' },
  });
  assert.equal(status, 2);
  assert.match(err, /A password is required/);
});

test('what cannot be the certificate of a host is refused before anything is sent', async (t) => {
  const env = { REFPOINT_PASSWORD: SECRET };
  const sha1 = 'AB:'.repeat(19) + 'AB';
  const thumbprint = await runCli(['vm', 'list', ...HOST, '--tls-fingerprint', sha1], { env });
  assert.equal(thumbprint.status, 2);
  assert.match(thumbprint.err, /expected the 64 hexadecimal digits.*found 40.*SHA-1 thumbprint/);
  const missing = await runCli(['vm', 'list', ...HOST, '--ca', 'no-such.pem'], { env });
  assert.equal(missing.status, 2);
  assert.match(missing.err, /--ca cannot be read.*no-such\.pem/);
  const dir = mkdtempSync(join(tmpdir(), 'refpoint-cred-'));
  afterwards(t, () => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'notes.txt');
  writeFileSync(file, 'not a certificate');
  const other = await runCli(['vm', 'list', ...HOST, '--ca', file], { env });
  assert.equal(other.status, 2);
  assert.match(other.err, /has no certificate: expected PEM/);
});

test('a client certificate that cannot be read is not said to be a missing password', async () => {
  const { status, err } = await runCli(
    ['vm', 'list', '--host', 'hv01', '--cert', 'no-such.pem', '--key', 'no-such.pem'],
    {},
  );
  assert.equal(status, 3);
  assert.match(err, /client certificate cannot be read.*no-such\.pem/);
  assert.doesNotMatch(err, /REFPOINT_PASSWORD/);
});

test(
  'a credential file that others may read is refused',
  { skip: process.platform === 'win32' },
  async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'refpoint-cred-'));
    afterwards(t, () => rmSync(dir, { recursive: true, force: true }));
    const file = join(dir, 'password');
    writeFileSync(file, SECRET);
    chmodSync(file, 0o644);
    const open = await runCli(['vm', 'list', ...HOST, '--credential-file', file]);
    assert.equal(open.status, 3);
    assert.match(open.err, /chmod 600/);
    chmodSync(file, 0o600);
    const closed = await runCli(['vm', 'list', ...HOST, '--credential-file', file]);
    assert.match(closed.err, /127\.0\.0\.1:9/, 'it got as far as the host');
  },
);

test('the host “local” takes no account, and PowerShell is for Windows', async () => {
  delete process.env['REFPOINT_PWSH'];
  const local = await runCli(['vm', 'list', '--host', 'local']);
  assert.equal(local.status, 3);
  // Wine has a PowerShell that ends at once.
  assert.match(
    local.err,
    process.platform === 'win32' ? /powershell\./ : /\(powershell\.missing\)/,
  );
  for (const more of [
    ['--user', 'me'],
    ['--transport', 'wsman'],
    ['--cim-protocol', 'dcom'],
  ]) {
    const wrong = await runCli(['vm', 'list', '--host', 'local', ...more]);
    assert.equal(wrong.status, 2, wrong.err);
  }
});
