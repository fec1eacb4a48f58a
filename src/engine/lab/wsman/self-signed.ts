/**
 * Encodes a self-signed certificate of X.509 version 3 (RFC 5280 4.1) with an ECDSA key on P-256 (RFC 5480), as the lab's HTTPS
 * server presents it. Layout: `SEQUENCE { tbsCertificate, ecdsa-with-SHA256, BIT STRING of the signature }`.
 */
import { createHash, generateKeyPair, randomBytes, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { derContext, derElement, derOid } from '../../net/auth/der/der-writer.ts';

/** Names and life of a certificate. */
export interface SelfSigned {
  readonly commonName: string;
  readonly organization: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly dnsNames: readonly string[];
  /** Addresses of 4 or 16 bytes. */
  readonly addresses: readonly (readonly number[])[];
}

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  /** Choices of GeneralName (RFC 5280 4.2.1.6). */
  dnsName: 0x82,
  ipAddress: 0x87,
} as const;

const OID = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
  subjectAltName: '2.5.29.17',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;

/** Version 3, which extensions need. */
const VERSION_3 = 2;
/** Octets of a serial number, of at most 20 (RFC 5280 4.1.2.2). */
const SERIAL_BYTES = 16;
/** Bits digitalSignature and keyCertSign (RFC 5280 4.2.1.3) after the count of the unused bits. */
const KEY_USAGE = [2, 0b1000_0100];
/** Bytes of an uncompressed point of P-256, with which its SubjectPublicKeyInfo ends. */
const POINT_BYTES = 65;

/** Generates a key and its certificate; both as PEM, the key as PKCS #8. */
export async function selfSigned(about: SelfSigned): Promise<{ certificate: string; key: string }> {
  const keys = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  const publicKey = keys.publicKey.export({ type: 'spki', format: 'der' });
  const algorithm = sequence(derOid(OID.ecdsaWithSha256));
  const name = sequence(
    attribute(OID.commonName, about.commonName),
    attribute(OID.organization, about.organization),
  );
  const toSign = sequence(
    derContext(0, derElement(TAG.integer, Buffer.from([VERSION_3]))),
    derElement(TAG.integer, serialNumber()),
    algorithm,
    name,
    sequence(time(about.notBefore), time(about.notAfter)),
    name,
    publicKey,
    derContext(3, sequence(...extensions(about, publicKey.subarray(-POINT_BYTES)))),
  );
  const signature = sign('sha256', toSign, keys.privateKey);
  // The first octet counts the unused bits at the end.
  const certificate = sequence(
    toSign,
    algorithm,
    derElement(TAG.bitString, Buffer.from([0]), signature),
  );
  return {
    certificate: pem('CERTIFICATE', certificate),
    key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

const sequence = (...parts: readonly Buffer[]): Buffer => derElement(TAG.sequence, ...parts);

/** A positive number in its shortest form: the first octet is neither 0 nor negative. */
function serialNumber(): Buffer {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

const attribute = (oid: string, value: string): Buffer =>
  derElement(TAG.set, sequence(derOid(oid), derElement(TAG.utf8String, Buffer.from(value))));

/** Years before 2050 have two digits (RFC 5280 4.1.2.5). */
function time(date: Date): Buffer {
  const digits = `${date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
  return date.getUTCFullYear() < 2050
    ? derElement(TAG.utcTime, Buffer.from(digits.slice(2)))
    : derElement(TAG.generalizedTime, Buffer.from(digits));
}

/** The certificate is its own authority, which clients are given as a file, and signs no other one. */
function extensions({ dnsNames, addresses }: SelfSigned, point: Buffer): Buffer[] {
  const yes = derElement(TAG.boolean, Buffer.from([0xff]));
  const extension = (oid: string, ...parts: readonly Buffer[]): Buffer =>
    sequence(derOid(oid), ...parts);
  const octets = (part: Buffer): Buffer => derElement(TAG.octetString, part);
  const value = (...parts: readonly Buffer[]): Buffer => octets(sequence(...parts));
  return [
    extension(OID.basicConstraints, yes, value(yes, derElement(TAG.integer, Buffer.from([0])))),
    extension(OID.keyUsage, yes, octets(derElement(TAG.bitString, Buffer.from(KEY_USAGE)))),
    // Method (1) of RFC 5280 4.2.1.2: an identifier, not a protection.
    extension(
      OID.subjectKeyIdentifier,
      octets(derElement(TAG.octetString, createHash('sha1').update(point).digest())),
    ),
    extension(OID.extendedKeyUsage, value(derOid(OID.serverAuth))),
    extension(
      OID.subjectAltName,
      value(
        ...dnsNames.map((name) => derElement(TAG.dnsName, Buffer.from(name, 'ascii'))),
        ...addresses.map((address) => derElement(TAG.ipAddress, Buffer.from(address))),
      ),
    ),
  ];
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
