import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { selfSigned } from '../../../../src/engine/lab/wsman/x509.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { peer } from '../../../support/process/peers.ts';

const ABOUT = {
  commonName: 'LAB,01 + ü',
  organization: 'Refpoint Lab',
  notBefore: new Date('2049-12-31T23:59:58Z'),
  notAfter: new Date('2050-01-02T03:04:05Z'),
  dnsNames: ['localhost', 'lab01'],
  addresses: ['127.0.0.1', '::1'],
};

test('a certificate holds the names and the life that it was given, and is signed with its own key', async () => {
  const { certificate, key } = await selfSigned(ABOUT);
  const parsed = new X509Certificate(certificate);
  assert.ok(parsed.verify(parsed.publicKey));
  assert.ok(parsed.checkPrivateKey(createPrivateKey(key)));
  assert.equal(Date.parse(parsed.validFrom), ABOUT.notBefore.getTime());
  assert.equal(Date.parse(parsed.validTo), ABOUT.notAfter.getTime());
  assert.equal(parsed.issuer, parsed.subject);
  assert.equal(
    parsed.subjectAltName,
    'DNS:localhost, DNS:lab01, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
  );
  assert.deepEqual(parsed.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  assert.equal(parsed.ca, true);
  assert.match(parsed.serialNumber, /^[0-9A-F]{16,40}$/);
});

test('OpenSSL accepts the certificate as its own authority by the strict rules of RFC 5280', async (t) => {
  const openssl = peer(t, 'openssl');
  if (openssl === undefined) return;
  const file = join(await temporaryFolder(t), 'certificate.pem');
  const day = 24 * 3600 * 1000;
  const { certificate } = await selfSigned({
    ...ABOUT,
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + day),
  });
  await writeFile(file, certificate);
  const words = ['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_hostname', 'lab01'];
  const said = execFileSync(openssl, [...words, '-CAfile', file, file], { encoding: 'utf8' });
  assert.match(said, /: OK$/m);
});
