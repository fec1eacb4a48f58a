import { authError } from '../contract/auth-errors.ts';
import type { SealedBytes } from '../contract/security-context.ts';
import type { SspiLibrary } from './sspi-library.ts';
import { BUFFER, SspiMemory } from './sspi-memory.ts';
import { isFailure, sspiFailure, type SspiSituation } from './sspi-status.ts';

/** Attributes of a context (sspi.h). */
const ATTRIBUTE = { sizes: 0, sessionKey: 9, packageInfo: 10, negotiationInfo: 12 } as const;
/** SECQOP_WRAP_NO_ENCRYPT */
const NOT_ENCRYPTED = 0x8000_0001;
const MAX_SIGNATURE = 4096;

/** Sizes of SecPkgContext_Sizes that sealing needs, in bytes. */
interface Sizes {
  readonly block: number;
  readonly trailer: number;
}

/** Seals and unseals messages with an established context, and reads what it negotiated. */
export class SspiSealing {
  readonly #library: SspiLibrary;
  /** CtxtHandle. */
  readonly #context: bigint;
  readonly #situation: SspiSituation;
  #sizes: Sizes | undefined;

  constructor(library: SspiLibrary, context: bigint, situation: SspiSituation) {
    this.#library = library;
    this.#context = context;
    this.#situation = situation;
  }

  seal(plain: Buffer): SealedBytes {
    this.#sizes ??= this.#readSizes();
    const { block, trailer } = this.#sizes;
    const memory = new SspiMemory(this.#library);
    try {
      const message = memory.buffers([
        [BUFFER.token, Buffer.alloc(trailer)],
        [BUFFER.data, plain],
        // Packages with a block size of 1 expect no such buffer.
        ...(block > 1 ? ([[BUFFER.padding, Buffer.alloc(block)]] as const) : []),
      ]);
      const { encrypt } = this.#library.calls;
      const status = encrypt(this.#context, 0, message.pointer, 0) as number;
      if (isFailure(status)) throw sspiFailure('EncryptMessage', status, this.#situation);
      const padding = block > 1 ? message.read(2).length : 0;
      if (padding > 0) {
        throw authError(
          'http.auth.unprotected',
          `SSPI pads messages by ${padding} bytes, which the protocol cannot carry`,
        );
      }
      return { signature: message.read(0), data: message.read(1) };
    } finally {
      memory.free();
    }
  }

  unseal({ signature, data }: SealedBytes): Buffer {
    if (signature.length > MAX_SIGNATURE) {
      throw altered(`its signature has ${signature.length} bytes, more than ${MAX_SIGNATURE}`);
    }
    const memory = new SspiMemory(this.#library);
    try {
      const message = memory.buffers([
        [BUFFER.token, signature],
        [BUFFER.data, data],
      ]);
      const quality = [0];
      const { decrypt } = this.#library.calls;
      const status = decrypt(this.#context, message.pointer, 0, quality) as number;
      if (status !== 0) throw altered(reason(status), status);
      if ((quality[0] ?? 0) >>> 0 === NOT_ENCRYPTED) throw altered('it is signed, not encrypted');
      return message.read(1);
    } finally {
      memory.free();
    }
  }

  /** Returns the session key. UNCONFIRMED on Windows; Wine answers that it is not supported. */
  sessionKey(): Buffer {
    return this.#query(ATTRIBUTE.sessionKey, 'SECPKG_ATTR_SESSION_KEY', (memory, value) => {
      const { koffi, calls } = this.#library;
      const length = koffi.decode(value, 'uint32_t') as number;
      const pointer = koffi.decode(value, koffi.sizeof('void *'), 'void *') as bigint | null;
      try {
        return memory.read(pointer, length);
      } finally {
        if (pointer !== null) calls.freeBuffer(pointer);
      }
    });
  }

  /** Returns the name of the package that was negotiated; undefined if it is not reported. */
  packageName(): string | undefined {
    for (const attribute of [ATTRIBUTE.negotiationInfo, ATTRIBUTE.packageInfo]) {
      try {
        const name = this.#query(attribute, 'SECPKG_ATTR_PACKAGE_INFO', (memory, value) => {
          const { koffi } = this.#library;
          const info = koffi.decode(value, 'void *') as bigint | null;
          return info === null ? undefined : this.#nameOf(info, memory);
        });
        if (name !== undefined) return name;
      } catch {
        // Not every package has both attributes.
      }
    }
    return undefined;
  }

  #nameOf(info: bigint, memory: SspiMemory): string | undefined {
    const { koffi, types, calls } = this.#library;
    try {
      const { name } = koffi.decode(info, types.packageInfo) as { name: bigint | null };
      if (name === null) return undefined;
      const text = memory.read(name, 64).toString('utf16le');
      return text.slice(0, Math.max(text.indexOf('\0'), 0));
    } finally {
      calls.freeBuffer(info);
    }
  }

  #readSizes(): Sizes {
    return this.#query(ATTRIBUTE.sizes, 'SECPKG_ATTR_SIZES', (memory, value) => {
      const sizes = memory.read(value, 16);
      return { block: sizes.readUInt32LE(8), trailer: sizes.readUInt32LE(12) };
    });
  }

  #query<T>(attribute: number, name: string, read: (memory: SspiMemory, value: bigint) => T): T {
    const memory = new SspiMemory(this.#library);
    try {
      const value = memory.allocate(64);
      const status = this.#library.calls.query(this.#context, attribute, value) as number;
      if (isFailure(status)) throw sspiFailure(name, status, this.#situation);
      return read(memory, value);
    } finally {
      memory.free();
    }
  }
}

function reason(status: number): string {
  return status >>> 0 === 0x80090310 ? 'it is out of order' : 'its signature does not match';
}

function altered(why: string, status = 0): Error {
  return authError('http.auth.sealed', `A sealed message was refused: ${why}`, {
    data: { status: `0x${(status >>> 0).toString(16)}` },
  });
}
