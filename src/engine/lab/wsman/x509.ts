/**
 * X.509 certificates, with which only a lab over HTTPS begins: imported there, since the package is a fifth of the size of the command.
 */
// @peculiar/x509 requires this import before it is loaded.
// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** Names and life of a certificate. */
export interface SelfSigned {
  readonly commonName: string;
  readonly organization: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
}

/**
 * Generates a key (ECDSA, P-256) and a certificate that it signs itself, for a server (RFC 5280).
 * Both as PEM, the key as PKCS #8.
 */
export async function selfSigned({
  commonName,
  organization,
  notBefore,
  notAfter,
  dnsNames,
  addresses,
}: SelfSigned): Promise<{ certificate: string; key: string }> {
  // The two libraries declare different types for the same object.
  x509.cryptoProvider.set(webcrypto as never);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const usage: x509.KeyUsageFlags =
    x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyCertSign;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }, { O: [organization] }],
    notBefore,
    notAfter,
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(usage, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      new x509.SubjectAlternativeNameExtension([
        ...dnsNames.map((value) => ({ type: 'dns', value }) as const),
        ...addresses.map((value) => ({ type: 'ip', value }) as const),
      ]),
    ],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return {
    certificate: certificate.toString('pem'),
    key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
  };
}
