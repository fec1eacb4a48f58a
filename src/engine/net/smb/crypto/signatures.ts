import { Buffer } from 'node:buffer';
import { createCipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { SIGNING } from '../codec/session/negotiate-contexts.ts';
import { COMMAND } from '../codec/protocol/constants.ts';
import { HEADER_BYTES } from '../codec/protocol/fields.ts';
import { SIGNATURE_BYTES, SIGNATURE_OFFSET } from '../codec/protocol/header.ts';
import { AesCmac } from './aes-cmac.ts';

/** Computes the signatures of one session (MS-SMB2 3.1.4.1). */
export interface Signer {
  /**
   * Returns the 16 bytes for a message in pieces, of which the first has the header; the signature in
   * it counts as zero. Padding of a compound belongs to the message.
   */
  sign(pieces: readonly Buffer[], fromServer: boolean): Buffer;
}

/** Returns the signer of an algorithm with the key of a session. */
export function createSigner(algorithm: number, bytes: Buffer): Signer {
  // Node prepares bytes again for each message.
  const key = createSecretKey(bytes);
  if (algorithm === SIGNING.aesGmac) {
    return { sign: (pieces, fromServer) => gmac(key, withoutSignature(pieces), fromServer) };
  }
  if (algorithm === SIGNING.aesCmac) {
    const cmac = new AesCmac(bytes);
    return { sign: (pieces) => cmac.digest(withoutSignature(pieces)) };
  }
  return {
    sign(pieces) {
      const mac = createHmac('sha256', key);
      for (const piece of withoutSignature(pieces)) mac.update(piece);
      return mac.digest().subarray(0, SIGNATURE_BYTES);
    },
  };
}

function withoutSignature(pieces: readonly Buffer[]): Buffer[] {
  const [first = Buffer.alloc(0), ...others] = pieces;
  const header = Buffer.from(first.subarray(0, HEADER_BYTES));
  header.fill(0, SIGNATURE_OFFSET, SIGNATURE_OFFSET + SIGNATURE_BYTES);
  return [header, first.subarray(HEADER_BYTES), ...others];
}

/**
 * AES-128-GMAC: GCM of nothing with the message as authenticated data. The nonce is the message id,
 * then a bit for messages of the server and one for CANCEL.
 */
function gmac(key: KeyObject, pieces: readonly Buffer[], fromServer: boolean): Buffer {
  const header = pieces[0] as Buffer;
  const nonce = Buffer.alloc(12);
  header.copy(nonce, 0, 24, 32);
  const cancel = header.readUInt16LE(12) === COMMAND.cancel ? 2 : 0;
  nonce.writeUInt32LE((fromServer ? 1 : 0) | cancel, 8);
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  for (const piece of pieces) if (piece.length > 0) cipher.setAAD(piece);
  cipher.final();
  return cipher.getAuthTag();
}
