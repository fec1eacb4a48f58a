import { Buffer } from 'node:buffer';
import { timingSafeEqual } from 'node:crypto';
import { smbError, type Sender } from '../contract/smb-errors.ts';
import { CIPHER, SIGNING } from '../codec/session/negotiate-contexts.ts';
import { DIALECT, FLAG } from '../codec/protocol/constants.ts';
import { SIGNATURE_BYTES, SIGNATURE_OFFSET } from '../codec/protocol/header.ts';
import {
  encodeTransform,
  TRANSFORM_BYTES,
  transformAad,
  type TransformHeader,
} from '../codec/protocol/transform.ts';
import { aesCcm, type Aead } from './aes-ccm.ts';
import { aesGcm } from './aes-gcm.ts';
import { deriveKeys, type KeyInput } from './session-keys.ts';
import { createSigner, type Signer } from './signatures.ts';

export interface ProtectionInput extends KeyInput {
  readonly side: 'client' | 'server';
  readonly sessionId: bigint;
  /** Number of the negotiated algorithm; only 3.1.1 has a choice. */
  readonly signing: number;
  /** Uses the runtime's own CCM; undefined: if it has one. */
  readonly nativeCcm?: boolean;
}

/**
 * Signs, verifies, encrypts and decrypts the messages of one session, at either end. Nonces are a
 * counter, so a key never sees one twice.
 */
export class SessionProtection {
  readonly sessionId: bigint;
  readonly #fromServer: boolean;
  readonly #sender: Sender;
  readonly #signer: Signer;
  readonly #outgoing: Aead | undefined;
  readonly #incoming: Aead | undefined;
  #nonce = 0n;

  constructor(input: ProtectionInput) {
    const keys = deriveKeys(input);
    this.sessionId = input.sessionId;
    this.#fromServer = input.side === 'server';
    this.#sender = this.#fromServer ? 'smb.request' : 'smb.answer';
    this.#signer = createSigner(signingOf(input), keys.signing);
    const [out, incoming] = this.#fromServer
      ? [keys.serverToClient, keys.clientToServer]
      : [keys.clientToServer, keys.serverToClient];
    this.#outgoing = cipherOf(input, out);
    this.#incoming = cipherOf(input, incoming);
  }

  /** Whether the session can encrypt. */
  get encrypts(): boolean {
    return this.#outgoing !== undefined;
  }

  /** Signs a message in place, padding of a compound included, and sets its flag. */
  sign(message: Buffer): void {
    message.writeUInt32LE((message.readUInt32LE(16) | FLAG.signed) >>> 0, 16);
    this.#signer.sign([message], this.#fromServer).copy(message, SIGNATURE_OFFSET);
  }

  /** Whether the signature of a message of the other side is right; the first piece has its header. */
  verifies(pieces: readonly Buffer[]): boolean {
    const [first] = pieces;
    if (first === undefined || first.length < 64) return false;
    const found = first.subarray(SIGNATURE_OFFSET, SIGNATURE_OFFSET + SIGNATURE_BYTES);
    return timingSafeEqual(this.#signer.sign(pieces, !this.#fromServer), found);
  }

  /** Encrypts the messages of one frame, which have no signatures; returns the content of the frame. */
  encrypt(pieces: readonly Buffer[]): readonly Buffer[] {
    const cipher = this.#needed(this.#outgoing);
    const nonce = Buffer.alloc(16);
    nonce.writeBigUInt64LE(this.#nonce++);
    const originalSize = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const { sessionId } = this;
    const head = encodeTransform({ signature: Buffer.alloc(16), nonce, originalSize, sessionId });
    const sealed = cipher.encrypt(nonce.subarray(0, cipher.nonceBytes), transformAad(head), pieces);
    sealed.tag.copy(head, 4);
    return [head, ...sealed.pieces];
  }

  /**
   * Decrypts the content of a frame and returns its messages.
   * @param head the first {@link TRANSFORM_BYTES} bytes
   * @param pieces the ciphertext
   * Throws `smb.signature` if it was altered.
   */
  decrypt(head: Buffer, header: TransformHeader, pieces: readonly Buffer[]): readonly Buffer[] {
    const cipher = this.#needed(this.#incoming);
    const nonce = Buffer.from(header.nonce.subarray(0, cipher.nonceBytes));
    const tag = Buffer.from(header.signature);
    const aad = transformAad(head.subarray(0, TRANSFORM_BYTES));
    const plain = cipher.decrypt(nonce, aad, tag, pieces);
    if (plain !== undefined) return plain;
    throw smbError('smb.signature', 'An encrypted message was altered: its tag does not fit', {
      data: { sessionId: this.sessionId.toString(16) },
    });
  }

  #needed(cipher: Aead | undefined): Aead {
    if (cipher !== undefined) return cipher;
    throw smbError(this.#sender, 'An encrypted message of a session without a cipher');
  }
}

function signingOf({ dialect, signing }: ProtectionInput): number {
  if (dialect >= DIALECT.smb311) return signing;
  return dialect >= DIALECT.smb300 ? SIGNING.aesCmac : SIGNING.hmacSha256;
}

function cipherOf({ cipher, nativeCcm }: ProtectionInput, key: Buffer): Aead | undefined {
  if (cipher === CIPHER.none) return undefined;
  const isGcm = cipher === CIPHER.aes128Gcm || cipher === CIPHER.aes256Gcm;
  return isGcm ? aesGcm(key) : aesCcm(key, nativeCcm);
}
