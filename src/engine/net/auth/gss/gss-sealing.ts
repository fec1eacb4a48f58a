import { authError } from '../contract/auth-errors.ts';
import type { SealedBytes } from '../contract/security-context.ts';
import { GssHandle } from './gss-handle.ts';
import type { GssLibrary } from './gss-library.ts';
import { GssMemory, OID } from './gss-memory.ts';
import { gssFailure, type GssSituation } from './gss-status.ts';

/** Types of IOV buffers in gssapi_ext.h. */
const DATA = 1;
const HEADER = 2;
const PADDING = 9;
/** Maximum size of a signature, in bytes; AES of RFC 4121 has 60. */
const MAX_SIGNATURE = 4096;

/**
 * Seals and unseals messages with an established context. The data keeps its length; what RFC 4121
 * 4.2.4 adds before and behind it is in the signature, as Windows writes it.
 */
export class GssSealing {
  readonly #library: GssLibrary;
  readonly #context: bigint;
  readonly #situation: GssSituation;
  readonly #memory: GssMemory;
  /** Three gss_iov_buffer_desc, which are filled anew for each call. */
  readonly #iov: bigint;
  /** Buffers to which they point: without a reference they could be collected before the call. */
  readonly #held: (Buffer | undefined)[] = [];

  constructor(library: GssLibrary, context: bigint, situation: GssSituation) {
    this.#library = library;
    this.#context = context;
    this.#situation = situation;
    this.#memory = new GssMemory(library);
    this.#iov = this.#memory.allocate(3 * library.koffi.sizeof(library.types.iov));
  }

  seal(plain: Buffer): SealedBytes {
    const { calls } = this.#library;
    // The library encrypts in place.
    const data = Buffer.from(plain);
    this.#write(0, HEADER, undefined);
    this.#write(1, DATA, data);
    this.#write(2, PADDING, undefined);
    const minor = [0];
    const state = [0];
    const size = calls.wrapLength(minor, this.#context, 1, 0, state, this.#iov, 3) as number;
    if (size !== 0) throw gssFailure('gss_wrap_iov_length', size, minor[0] ?? 0, this.#situation);
    if (this.#length(2) !== 0) {
      throw this.#useless(`pads messages by ${this.#length(2)} bytes, which WinRM cannot carry`);
    }
    const signature = Buffer.alloc(this.#length(0));
    this.#write(0, HEADER, signature);
    const status = calls.wrap(minor, this.#context, 1, 0, state, this.#iov, 3) as number;
    if (status !== 0) throw gssFailure('gss_wrap_iov', status, minor[0] ?? 0, this.#situation);
    if (state[0] !== 1) throw this.#useless('signed a message without encrypting it');
    return { signature: signature.subarray(0, this.#length(0)), data };
  }

  unseal({ signature, data }: SealedBytes): Buffer {
    if (signature.length > MAX_SIGNATURE) {
      throw altered(`its signature has ${signature.length} bytes, more than ${MAX_SIGNATURE}`);
    }
    const plain = Buffer.from(data);
    const header = Buffer.from(signature);
    this.#write(0, HEADER, header);
    this.#write(1, DATA, plain);
    const state = [0];
    const minor = [0];
    const { unwrap } = this.#library.calls;
    const major = unwrap(minor, this.#context, state, [0], this.#iov, 2) as number;
    // Bits below the routine errors report duplicates, gaps and old messages: refused as well.
    if (major !== 0) throw altered(reason(major), major, minor[0]);
    if (state[0] !== 1) throw altered('it is signed, but not encrypted');
    return plain.subarray(0, this.#length(1));
  }

  /** Returns the key for SMB: 32 bytes with AES-256 (MS-KILE 3.1.1.2). */
  sessionKey(): Buffer {
    const { calls } = this.#library;
    const memory = new GssMemory(this.#library);
    const set = new GssHandle();
    const minor = [0];
    try {
      const oid = memory.oid(OID.sessionKey);
      const major = calls.inquireByOid(minor, this.#context, oid, set.cell) as number;
      if (major !== 0) {
        throw gssFailure('gss_inquire_sec_context_by_oid', major, minor[0] ?? 0, this.#situation);
      }
      const key = set.value === null ? undefined : memory.firstOf(set.value);
      if (key === undefined || key.length === 0) throw this.#useless('has no session key');
      return key;
    } finally {
      set.release(calls.releaseBufferSet);
      memory.free();
    }
  }

  /** Signs a message without encrypting it, for SPNEGO. */
  getMic(message: Buffer): Buffer {
    const { calls } = this.#library;
    const memory = new GssMemory(this.#library);
    try {
      const minor = [0];
      const out = memory.buffer();
      const major = calls.getMic(minor, this.#context, 0, memory.buffer(message), out) as number;
      if (major !== 0) throw gssFailure('gss_get_mic', major, minor[0] ?? 0, this.#situation);
      return memory.take(out);
    } finally {
      memory.free();
    }
  }

  verifyMic(message: Buffer, mic: Buffer): boolean {
    const { calls } = this.#library;
    const memory = new GssMemory(this.#library);
    try {
      const [text, token] = [memory.buffer(message), memory.buffer(mic)];
      return (calls.verifyMic([0], this.#context, text, token, [0]) as number) === 0;
    } finally {
      memory.free();
    }
  }

  free(): void {
    this.#memory.free();
  }

  #write(at: number, type: number, bytes: Buffer | undefined): void {
    const { koffi, types } = this.#library;
    this.#held[at] = bytes;
    const buffer =
      bytes === undefined || bytes.length === 0
        ? { length: 0, value: null }
        : { length: bytes.length, value: bytes };
    koffi.encode(this.#iov, at * koffi.sizeof(types.iov), types.iov, { type, buffer });
  }

  #length(at: number): number {
    const { koffi, types } = this.#library;
    const iov = koffi.decode(this.#iov, at * koffi.sizeof(types.iov), types.iov);
    return Number((iov as { buffer: { length: number | bigint } }).buffer.length);
  }

  #useless(why: string): Error {
    return authError('http.auth.unprotected', `Kerberos: the mechanism ${why}`, {
      data: { service: this.#situation.service },
    });
  }
}

function reason(major: number): string {
  if ((major & 0x2) !== 0) return 'it was received before (replay)';
  if ((major & 0x4) !== 0) return 'it is too old to be checked for replay';
  if ((major & 0x18) !== 0) return 'it is out of order';
  return 'its signature does not match';
}

function altered(why: string, major = 0, minor = 0): Error {
  return authError('http.auth.sealed', `A sealed message was refused: ${why}`, {
    data: { major: major >>> 0, minor: minor | 0 },
  });
}
