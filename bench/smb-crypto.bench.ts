/**
 * Encrypting and decrypting messages of SMB 3 of 1 MiB, against the bare cipher of Node on the same bytes, in turns: what
 * headers, nonces and pieces cost.
 */
import { createCipheriv, createDecipheriv, type CipherGCMTypes } from 'node:crypto';
import {
  decodeTransform,
  TRANSFORM_BYTES,
} from '../src/engine/net/smb/codec/protocol/transform.ts';
import { CIPHER } from '../src/engine/net/smb/codec/session/negotiate-contexts.ts';
import { SessionProtection } from '../src/engine/net/smb/crypto/session-protection.ts';
import { median, megabyte, MIB, report } from './measure.ts';

const MESSAGES = Number(process.env['REFPOINT_BENCH_MIB'] ?? 256);
const ROUNDS = 7;
/** Bytes of a piece, as the socket delivers them. */
const PIECE = 65_536;
const HEAD = 80;

const CASES = [
  { name: 'AES-128-GCM', cipher: CIPHER.aes128Gcm, bare: 'aes-128-gcm', key: 16 },
  { name: 'AES-256-GCM', cipher: CIPHER.aes256Gcm, bare: 'aes-256-gcm', key: 32 },
  { name: 'AES-128-CCM', cipher: CIPHER.aes128Ccm, bare: 'aes-128-ccm', key: 16 },
  { name: 'AES-256-CCM', cipher: CIPHER.aes256Ccm, bare: 'aes-256-ccm', key: 32 },
] as const;

const data = megabyte(1);
const head = Buffer.alloc(HEAD, 1);
const whole = Buffer.concat([head, data]);

function pair(cipher: number): readonly [SessionProtection, SessionProtection] {
  const input = {
    sessionId: 1n,
    dialect: 0x311,
    cipher,
    signing: 2,
    sessionKey: Buffer.alloc(32, 3),
    preauthHash: Buffer.alloc(64, 4),
  };
  return [
    new SessionProtection({ ...input, side: 'client' }),
    new SessionProtection({ ...input, side: 'server' }),
  ];
}

/** Cuts bytes as a socket delivers them. */
const inPieces = (bytes: Buffer): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / PIECE) }, (_, at) =>
    bytes.subarray(at * PIECE, (at + 1) * PIECE),
  );

/** Seconds for encrypting messages as one end does, and decrypting them as the other. */
function ours(cipher: number): number {
  const [client, server] = pair(cipher);
  const start = performance.now();
  for (let n = 0; n < MESSAGES; n++) {
    const [transform, ...pieces] = client.encrypt([head, data]);
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const received = pieces.flatMap(inPieces);
    const first = transform as Buffer;
    const header = decodeTransform(first, TRANSFORM_BYTES + length, 'smb.request');
    server.decrypt(first, header, received);
  }
  return (performance.now() - start) / 1000;
}

/** Seconds for the same bytes with the cipher alone. */
function bare(name: string, keyBytes: number): number {
  const key = Buffer.alloc(keyBytes, 3);
  const isCcm = name.endsWith('ccm');
  const nonce = Buffer.alloc(isCcm ? 11 : 12);
  const aad = Buffer.alloc(32);
  const options = { authTagLength: 16 };
  const cipherName = name as CipherGCMTypes;
  const start = performance.now();
  for (let n = 0; n < MESSAGES; n++) {
    const cipher = createCipheriv(cipherName, key, nonce, options);
    cipher.setAAD(aad, { plaintextLength: whole.length });
    const sealed = cipher.update(whole);
    cipher.final();
    const decipher = createDecipheriv(cipherName, key, nonce, options);
    decipher.setAuthTag(cipher.getAuthTag());
    decipher.setAAD(aad, { plaintextLength: sealed.length });
    decipher.update(sealed);
    decipher.final();
  }
  return (performance.now() - start) / 1000;
}

for (const { name, cipher, bare: plain, key } of CASES) {
  const rounds = Array.from({ length: ROUNDS + 1 }, () => ({
    ours: ours(cipher),
    bare: bare(plain, key),
  })).slice(1);
  const rate = (which: 'ours' | 'bare'): string =>
    `${((MESSAGES * MIB) / 1e6 / median(rounds.map((each) => each[which]))).toFixed(0)} MB/s`;
  const ratio = median(rounds.map((each) => each.bare / each.ours));
  report(
    `${name}, ${MESSAGES} messages of 1 MiB encrypted and decrypted: ${rate('ours')}, the cipher alone ${rate('bare')}, ratio ${ratio.toFixed(2)} (at least 0.6)`,
  );
}
