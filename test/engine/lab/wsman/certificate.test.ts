import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { labCertificate } from '../../../../src/engine/lab/wsman/certificate.ts';
import { smallHost } from '../../../support/host/small-host.ts';
import { SmallRepository } from '../../../support/host/small-repository.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

test('the certificate is made once for this machine and kept', async (t) => {
  const folder = await temporaryFolder(t);
  const made = await labCertificate(folder, 'LAB01', never);
  const parsed = new X509Certificate(made.certificate);
  assert.equal(parsed.checkHost('localhost'), 'localhost');
  assert.equal(parsed.checkHost('lab01'), 'lab01');
  assert.equal(parsed.checkIP('127.0.0.1'), '127.0.0.1');
  assert.ok(parsed.checkIP('::1') !== undefined);
  assert.equal(parsed.checkHost('example.org'), undefined);
  assert.equal(parsed.fingerprint256.replaceAll(':', '').toLowerCase(), made.fingerprint);
  assert.deepEqual(await labCertificate(folder, 'LAB01', never), made);
});

test('only its owner may read the key', async (t) => {
  if (process.platform === 'win32') {
    t.skip('the rights of the folder decide on Windows');
    return;
  }
  const folder = await temporaryFolder(t);
  await labCertificate(folder, 'LAB01', never);
  assert.equal((await stat(join(folder, 'lab-key.pem'))).mode & 0o077, 0);
});

test('a certificate whose key is damaged is made anew', async (t) => {
  const folder = await temporaryFolder(t);
  const made = await labCertificate(folder, 'LAB01', never);
  const key = await readFile(join(folder, 'lab-key.pem'), 'utf8');
  await writeFile(join(folder, 'lab-key.pem'), key.slice(0, 60));
  const again = await labCertificate(folder, 'LAB01', never);
  assert.notEqual(again.fingerprint, made.fingerprint);
});

test('HTTPS works with the authority file and with the pinned fingerprint, in either spelling', async (t) => {
  const { certificate, key, caFile, fingerprint } = await labCertificate(
    await temporaryFolder(t),
    'LAB01',
    never,
  );
  const host = await smallHost(t, new SmallRepository(), { https: { certificate, key } });
  const url = `https://127.0.0.1:${host.server.httpsPort}`;
  const ca = await readFile(caFile, 'utf8');
  const colons = (fingerprint.toUpperCase().match(/../g) ?? []).join(':');
  for (const tls of [{ ca }, { fingerprint }, { fingerprint: colons }]) {
    const client = host.client({ url, tls });
    assert.equal((await client.identify(never)).productVendor, 'Refpoint Lab');
    // The kept connection is used again.
    assert.equal((await client.identify(never)).productVendor, 'Refpoint Lab');
  }
});

test('an unknown or other certificate is refused before a byte of the request is sent', async (t) => {
  const made = await labCertificate(await temporaryFolder(t), 'LAB01', never);
  const other = await labCertificate(await temporaryFolder(t), 'LAB01', never);
  let asked = 0;
  const host = await smallHost(t, new SmallRepository(), {
    https: made,
    faults: {
      before: async () => {
        asked++;
        return 'pass';
      },
    },
  });
  const url = `https://127.0.0.1:${host.server.httpsPort}`;
  await assert.rejects(
    host.client({ url }).identify(never),
    (error: Error & { code: string; data: { fingerprint: string } }) => {
      assert.equal(error.code, 'http.tls.unknownCertificate');
      assert.equal(error.data.fingerprint, made.fingerprint);
      assert.ok(error.message.includes(made.fingerprint), error.message);
      assert.doesNotMatch(error.message, /--/, 'the command line adds its own advice');
      return true;
    },
  );
  await assert.rejects(host.client({ url, tls: { ca: other.certificate } }).identify(never), {
    code: 'http.tls.unknownCertificate',
  });
  await assert.rejects(
    host.client({ url, tls: { fingerprint: other.fingerprint } }).identify(never),
    {
      code: 'http.tls.fingerprint',
    },
  );
  assert.equal(asked, 0);
});

test('the right certificate under a name that it does not hold is refused', async (t) => {
  if (process.platform === 'darwin') {
    t.skip('this system has one loopback address only');
    return;
  }
  const made = await labCertificate(await temporaryFolder(t), 'LAB01', never);
  const address = '127.0.0.2';
  const host = await smallHost(t, new SmallRepository(), { https: made, address });
  const url = `https://${address}:${host.server.httpsPort}`;
  await assert.rejects(host.client({ url, tls: { ca: made.certificate } }).identify(never), {
    code: 'http.tls.unknownCertificate',
    message: /ERR_TLS_CERT_ALTNAME_INVALID/,
  });
  const { fingerprint } = made;
  assert.ok(await host.client({ url, tls: { fingerprint } }).identify(never));
});
