import { createHash } from 'node:crypto';
import { authError } from '../contract/auth-errors.ts';

const PREFIX = Buffer.from('tls-server-end-point:', 'latin1');

/** Object identifiers of signature algorithms, as DER bytes in hex, and the hash of each. */
const HASHES: Readonly<Record<string, string>> = {
  // RSA PKCS #1 with MD5 and SHA-1, ECDSA with SHA-1: RFC 5929 4.1 replaces these hashes by SHA-256.
  '2a864886f70d010104': 'sha256',
  '2a864886f70d010105': 'sha256',
  '2a8648ce3d0401': 'sha256',
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
  // Hashes by themselves, as in the parameters of RSA-PSS.
  '2b0e03021a': 'sha256',
  '608648016503040201': 'sha256',
  '608648016503040202': 'sha384',
  '608648016503040203': 'sha512',
};
const RSA_PSS = '2a864886f70d01010a';

/**
 * Returns the channel binding of a TLS connection (RFC 5929 4): `tls-server-end-point:` and the hash
 * of the server's certificate, by the hash algorithm of its signature. Binds a login to this
 * connection, so that nobody can relay it to another host. Returns undefined if the signature has
 * not exactly one hash algorithm (Ed25519), for which the binding is not defined.
 *
 * @param certificate DER of the server's certificate.
 */
export function channelBinding(certificate: Buffer): Buffer | undefined {
  const hash = signatureHash(certificate);
  if (hash === undefined) return undefined;
  return Buffer.concat([PREFIX, createHash(hash).update(certificate).digest()]);
}

/** Reads `Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature }` (RFC 5280 4.1). */
function signatureHash(certificate: Buffer): string | undefined {
  const outer = element(certificate, 0, 0x30);
  const tbs = element(certificate, outer.start, 0x30);
  const algorithm = element(certificate, tbs.end, 0x30);
  const name = element(certificate, algorithm.start, 0x06);
  const oid = certificate.toString('hex', name.start, name.end);
  if (oid !== RSA_PSS) return HASHES[oid];
  // RSASSA-PSS-params ::= SEQUENCE { hashAlgorithm [0] DEFAULT sha1, … } (RFC 4055 3.1)
  const parameters = element(certificate, name.end, 0x30);
  if (certificate[parameters.start] !== 0xa0) return 'sha256';
  const tagged = element(certificate, parameters.start, 0xa0);
  const hash = element(certificate, element(certificate, tagged.start, 0x30).start, 0x06);
  return HASHES[certificate.toString('hex', hash.start, hash.end)];
}

/** Returns the place of a DER element's contents. Lengths have at most three bytes here. */
function element(
  der: Buffer,
  at: number,
  tag: number,
): { readonly start: number; readonly end: number } {
  const first = der[at + 1] ?? 0xff;
  const extra = first < 0x80 ? 0 : first & 0x7f;
  const start = at + 2 + extra;
  const length =
    extra === 0
      ? first
      : extra <= 3 && start <= der.length
        ? der.readUIntBE(at + 2, extra)
        : Number.NaN;
  const end = start + length;
  if (der[at] === tag && end <= der.length) return { start, end };
  throw authError(
    'http.auth.token',
    `The certificate of the host cannot be read: expected the tag ${tag} at byte ${at}`,
    { data: { found: der[at] ?? -1, expected: tag } },
  );
}
