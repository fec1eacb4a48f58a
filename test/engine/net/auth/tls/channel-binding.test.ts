import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { channelBinding } from '../../../../../src/engine/net/auth/tls/channel-binding.ts';
import { temporaryFolder } from '../../../../support/files/temporary-folder.ts';
import { peer } from '../../../../support/process/peers.ts';

test('the hash follows the signature of the certificate, as OpenSSL made it', async (t) => {
  const openssl = peer(t, 'openssl');
  if (openssl === undefined) return;
  const folder = await temporaryFolder(t);
  const kinds: readonly [string, readonly string[], string | undefined][] = [
    ['RSA with SHA-1', ['-newkey', 'rsa:2048', '-sha1'], 'sha256'],
    ['RSA with SHA-256', ['-newkey', 'rsa:2048', '-sha256'], 'sha256'],
    ['RSA with SHA-512', ['-newkey', 'rsa:2048', '-sha512'], 'sha512'],
    ['RSA-PSS', ['-newkey', 'rsa:2048', '-sha384', '-sigopt', 'rsa_padding_mode:pss'], 'sha384'],
    ['ECDSA', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-sha384'], 'sha384'],
    ['Ed25519', ['-newkey', 'ed25519'], undefined],
  ];
  for (const [name, args, hash] of kinds) {
    const file = join(folder, `${name}.pem`);
    execFileSync(
      openssl,
      [
        'req',
        '-x509',
        '-nodes',
        '-subj',
        '/CN=hv01',
        '-keyout',
        join(folder, 'key'),
        '-out',
        file,
        ...args,
      ],
      { stdio: 'pipe' },
    );
    const { raw } = new X509Certificate(await readFile(file));
    const expected =
      hash === undefined
        ? undefined
        : `tls-server-end-point:${createHash(hash).update(raw).digest().toString('latin1')}`;
    assert.equal(channelBinding(raw)?.toString('latin1'), expected, name);
  }
});

test('bytes that are not a certificate are refused without reading beyond them', () => {
  for (const hex of [
    '',
    '30',
    '3084ffffffff',
    '3003020100',
    '30820005300330',
    '3005300030000000',
  ]) {
    assert.throws(() => channelBinding(Buffer.from(hex, 'hex')), { code: 'http.auth.token' }, hex);
  }
});
