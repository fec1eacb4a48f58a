import { Buffer } from 'node:buffer';
import { createHmac } from 'node:crypto';
import { CIPHER } from '../codec/session/negotiate-contexts.ts';
import { DIALECT } from '../codec/protocol/constants.ts';

/** Keys of a session (MS-SMB2 3.2.5.3, 3.1.4.2). */
export interface SessionKeys {
  readonly signing: Buffer;
  readonly clientToServer: Buffer;
  readonly serverToClient: Buffer;
  /** For protocols inside of the session. */
  readonly application: Buffer;
}

export interface KeyInput {
  readonly dialect: number;
  /** Key of the login, at least one byte. Only 256-bit ciphers use more than 16 bytes of it. */
  readonly sessionKey: Buffer;
  /** Hash of the session, for 3.1.1. */
  readonly preauthHash: Buffer;
  /** Number of the cipher. */
  readonly cipher: number;
}

const KEY_BYTES = 16;

/** Label and context of a key of 3.0 and 3.0.2, without the zero that ends each. */
const EARLY = {
  signing: ['SMB2AESCMAC', 'SmbSign'],
  // The space belongs to it.
  clientToServer: ['SMB2AESCCM', 'ServerIn '],
  serverToClient: ['SMB2AESCCM', 'ServerOut'],
  application: ['SMB2APP', 'SmbRpc'],
} as const;

/** Label of a key of 3.1.1; the context is the hash. */
const LATE = {
  signing: 'SMBSigningKey',
  clientToServer: 'SMBC2SCipherKey',
  serverToClient: 'SMBS2CCipherKey',
  application: 'SMBAppKey',
} as const;

/** Derives the keys of a session. 2.0.2 and 2.1 sign with the key of the login itself. */
export function deriveKeys({ dialect, sessionKey, preauthHash, cipher }: KeyInput): SessionKeys {
  const short = Buffer.alloc(KEY_BYTES);
  sessionKey.copy(short, 0, 0, KEY_BYTES);
  if (dialect < DIALECT.smb300) {
    return { signing: short, clientToServer: short, serverToClient: short, application: short };
  }
  const isLate = dialect >= DIALECT.smb311;
  const isLong = isLate && (cipher === CIPHER.aes256Ccm || cipher === CIPHER.aes256Gcm);
  const derive = (name: keyof typeof LATE, key: Buffer, length: number): Buffer => {
    const [label, context] = isLate
      ? [LATE[name], preauthHash]
      : [EARLY[name][0], Buffer.from(`${EARLY[name][1]}\0`, 'latin1')];
    return deriveKey(key, `${label}\0`, context, length);
  };
  const [cipherKey, cipherBytes] = isLong ? [sessionKey, 32] : [short, KEY_BYTES];
  return {
    signing: derive('signing', short, KEY_BYTES),
    clientToServer: derive('clientToServer', cipherKey, cipherBytes),
    serverToClient: derive('serverToClient', cipherKey, cipherBytes),
    application: derive('application', short, KEY_BYTES),
  };
}

/**
 * Key derivation in counter mode with HMAC-SHA256 (SP800-108 5.1), one block: 32-bit counter, label,
 * zero, context, 32-bit length in bits.
 * @param length bytes of the result, at most 32
 */
function deriveKey(key: Buffer, label: string, context: Buffer, length: number): Buffer {
  const counter = Buffer.from([0, 0, 0, 1]);
  const bits = Buffer.alloc(4);
  bits.writeUInt32BE(8 * length);
  const mac = createHmac('sha256', key).update(counter).update(label, 'latin1');
  return mac.update(Buffer.alloc(1)).update(context).update(bits).digest().subarray(0, length);
}
