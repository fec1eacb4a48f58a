import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { channelBinding } from '../../../../../src/engine/net/auth/tls/channel-binding.ts';
import { temporaryFolder } from '../../../../support/files/temporary-folder.ts';
import { peer } from '../../../../support/process/peers.ts';

/** Options of `openssl req` for each kind of signature, and the hash that RFC 5929 prescribes. */
const KINDS: readonly (readonly [string, readonly string[], string | undefined])[] = [
  ['RSA, SHA-1', ['-newkey', 'rsa:2048', '-sha1'], 'sha256'],
  ['RSA, SHA-256', ['-newkey', 'rsa:2048', '-sha256'], 'sha256'],
  ['RSA, SHA-384', ['-newkey', 'rsa:2048', '-sha384'], 'sha384'],
  ['RSA, SHA-512', ['-newkey', 'rsa:2048', '-sha512'], 'sha512'],
  [
    'RSA-PSS, SHA-384',
    ['-newkey', 'rsa:2048', '-sha384', '-sigopt', 'rsa_padding_mode:pss'],
    'sha384',
  ],
  ['RSA-PSS, SHA-1', ['-newkey', 'rsa:2048', '-sha1', '-sigopt', 'rsa_padding_mode:pss'], 'sha256'],
  ['ECDSA, SHA-256', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-sha256'], 'sha256'],
  ['ECDSA, SHA-512', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-sha512'], 'sha512'],
  ['Ed25519', ['-newkey', 'ed25519'], undefined],
];

test('the hash follows the signature of the certificate', async (t) => {
  const openssl = peer(t, 'openssl');
  if (openssl === undefined) return;
  const folder = await temporaryFolder(t);
  for (const [kind, options, hash] of KINDS) {
    const file = join(folder, 'certificate.pem');
    execFileSync(
      openssl,
      [
        'req',
        '-x509',
        '-nodes',
        '-subj',
        '/CN=kite',
        '-keyout',
        join(folder, 'key.pem'),
        '-out',
        file,
        ...options,
      ],
      { stdio: 'ignore' },
    );
    const pem: string = execFileSync(openssl, ['x509', '-in', file], { encoding: 'utf8' });
    const der: Buffer = new X509Certificate(pem).raw;
    const expected =
      hash &&
      Buffer.concat([Buffer.from('tls-server-end-point:'), createHash(hash).update(der).digest()]);
    assert.deepEqual(channelBinding(der), expected, kind);
  }
});

test('bytes that are not a certificate are refused without reading beyond them', () => {
  const wrong = ['', '30', '3084ffffffff', '3003020100', '30820005300330', '3005300030000000'];
  for (const hex of [...wrong, Buffer.from('hello').toString('hex')]) {
    assert.throws(
      () => channelBinding(Buffer.from(hex, 'hex')),
      { code: 'http.auth.token', message: /X\.509 certificate/ },
      hex,
    );
  }
});
