import { NativeMemory } from '../../../native/native-memory.ts';
import type { GssLibrary } from './gss-library.ts';

/** Object identifiers in DER, without tag and length (RFC 4121, RFC 4178, RFC 2744 4). */
export const OID = {
  kerberos: Buffer.from('2a864886f712010202', 'hex'),
  spnego: Buffer.from('2b0601050502', 'hex'),
  /** GSS_C_NT_USER_NAME */
  userName: Buffer.from('2a864886f71201020101', 'hex'),
  /** GSS_C_NT_HOSTBASED_SERVICE */
  hostService: Buffer.from('2a864886f71201020104', 'hex'),
  /** GSS_C_INQ_SSPI_SESSION_KEY of MIT's gssapi_ext.h */
  sessionKey: Buffer.from('2a864886f7120102020505', 'hex'),
} as const;

/** Builds the structs of gssapi.h for one call, and reads those that it returned. */
export class GssMemory extends NativeMemory {
  readonly #library: GssLibrary;

  constructor(library: GssLibrary) {
    super(library.koffi);
    this.#library = library;
  }

  /** Returns a gss_buffer_t with a copy of the bytes; without bytes it is empty. */
  buffer(bytes?: Buffer): bigint {
    const { buffer } = this.#library.types;
    if (bytes === undefined) return this.struct(buffer, { length: 0, value: null });
    return this.struct(buffer, { length: bytes.length, value: this.bytes(bytes) });
  }

  /** Returns a gss_OID. */
  oid(bytes: Buffer): bigint {
    const { oid } = this.#library.types;
    return this.struct(oid, { length: bytes.length, elements: this.bytes(bytes) });
  }

  /** Returns a gss_OID_set. */
  oids(all: readonly Buffer[]): bigint {
    const { koffi, types } = this.#library;
    const size = koffi.sizeof(types.oid);
    const elements = this.allocate(size * all.length);
    all.forEach((bytes, at) => {
      const value = { length: bytes.length, elements: this.bytes(bytes) };
      koffi.encode(elements, at * size, types.oid, value);
    });
    return this.struct(types.set, { count: all.length, elements });
  }

  /** Returns a gss_key_value_set_desc with one pair. */
  pair(key: string, value: string): bigint {
    const { pair, pairs } = this.#library.types;
    const text = (each: string): bigint => this.bytes(Buffer.from(`${each}\0`));
    const elements = this.struct(pair, { key: text(key), value: text(value) });
    return this.struct(pairs, { count: 1, elements });
  }

  /** Returns channel bindings with application data and without addresses (RFC 5929 4); null without. */
  bindings(applicationData: Buffer | undefined): bigint | null {
    if (applicationData === undefined) return null;
    const empty = { length: 0, value: null };
    return this.struct(this.#library.types.bindings, {
      initiator_addrtype: 0,
      initiator_address: empty,
      acceptor_addrtype: 0,
      acceptor_address: empty,
      application_data: { length: applicationData.length, value: this.bytes(applicationData) },
    });
  }

  /** Copies a gss_buffer_t that the library filled, and releases the library's memory. */
  take(pointer: bigint): Buffer {
    const { koffi, types, calls } = this.#library;
    const { length, value } = koffi.decode(pointer, types.buffer) as BufferDesc;
    try {
      return this.read(value, Number(length));
    } finally {
      calls.releaseBuffer([0], pointer);
    }
  }

  /** Copies the first element of a gss_buffer_set_t; undefined if it is empty. */
  firstOf(set: bigint): Buffer | undefined {
    const { koffi, types } = this.#library;
    const { count, elements } = koffi.decode(set, types.set) as SetDesc;
    if (Number(count) < 1 || elements === null) return undefined;
    const { length, value } = koffi.decode(elements, types.buffer) as BufferDesc;
    return this.read(value, Number(length));
  }

  /** Copies an OID of the library; undefined for a null pointer. */
  readOid(pointer: bigint | null): Buffer | undefined {
    if (pointer === null) return undefined;
    const { koffi, types } = this.#library;
    const { length, elements } = koffi.decode(pointer, types.oid) as OidDesc;
    return this.read(elements, length);
  }
}

interface BufferDesc {
  readonly length: number | bigint;
  readonly value: bigint | null;
}

interface SetDesc {
  readonly count: number | bigint;
  readonly elements: bigint | null;
}

interface OidDesc {
  readonly length: number;
  readonly elements: bigint | null;
}
