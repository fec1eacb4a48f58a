/** Channel binding `tls-server-end-point` (RFC 5929 section 4) from a certificate's DER. */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { contextTag, DerReader, TAG } from '../der/der-reader.ts';

const PREFIX = Buffer.from('tls-server-end-point:', 'ascii');
const NAME = 'X.509 certificate';

const RSA_PSS = '1.2.840.113549.1.1.10';

/** Hashes of hash algorithms and of signatures that use them. MD5 and SHA-1 are replaced by SHA-256. */
const HASHES: Readonly<Record<string, string>> = {
  // MD5 and SHA-1: as hashes; with RSA, DSA and ECDSA.
  '1.2.840.113549.2.5': 'sha256',
  '1.3.14.3.2.26': 'sha256',
  '1.2.840.113549.1.1.4': 'sha256',
  '1.2.840.113549.1.1.5': 'sha256',
  '1.3.14.3.2.29': 'sha256',
  '1.2.840.10040.4.3': 'sha256',
  '1.2.840.10045.4.1': 'sha256',
  // SHA-2 as hashes.
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
  '2.16.840.1.101.3.4.2.4': 'sha224',
  // With RSA (PKCS #1 v1.5).
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.113549.1.1.14': 'sha224',
  // With ECDSA.
  '1.2.840.10045.4.3.1': 'sha224',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  // With DSA.
  '2.16.840.1.101.3.4.3.1': 'sha224',
  '2.16.840.1.101.3.4.3.2': 'sha256',
};

/**
 * Returns the application data that a login binds to: `tls-server-end-point:` and the hash of the
 * server's certificate. undefined if RFC 5929 defines no hash for the signature (Ed25519): the login
 * is then not bound. Throws `http.auth.token` if the certificate is malformed.
 */
export function channelBinding(certificate: Buffer): Buffer | undefined {
  const hash = signatureHash(certificate);
  if (hash === undefined) return undefined;
  return Buffer.concat([PREFIX, createHash(hash).update(certificate).digest()]);
}

/** Returns the hash for a certificate: that of its signature, but at least SHA-256. */
function signatureHash(certificate: Buffer): string | undefined {
  const outer = new DerReader(certificate, NAME).inside(TAG.sequence);
  outer.element(TAG.sequence);
  const algorithm = outer.inside(TAG.sequence);
  const oid = algorithm.oid();
  return HASHES[oid === RSA_PSS ? pssHash(algorithm) : oid];
}

/** Returns the identifier of the hash in the parameters of RSA-PSS (RFC 4055 3.1). Default: SHA-1. */
function pssHash(algorithm: DerReader): string {
  const sha1 = '1.3.14.3.2.26';
  if (algorithm.nextTag !== TAG.sequence) return sha1;
  const parameters = algorithm.inside(TAG.sequence);
  if (parameters.nextTag !== contextTag(0)) return sha1;
  return parameters.inside(contextTag(0)).inside(TAG.sequence).oid();
}
