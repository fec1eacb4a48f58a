import { crc32cWithoutField } from '../../../../src/engine/base/bytes/crc32c.ts';

const HEADERS = [0x1_0000, 0x2_0000] as const;
const NAME_AT = 0x4_0000;

/** A small sound VHD Set, laid out as Windows does, whose bytes a test changes. */
export class VhdsVictim {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  put(at: number, value: bigint | number, width: 2 | 4 | 8): this {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
    this.bytes.set(bytes.subarray(0, width), at);
    return this;
  }

  /** Changes both headers, and their checksums. */
  header(at: number, value: bigint | number, width: 2 | 4 | 8): this {
    for (const header of HEADERS) {
      this.put(header + at, value, width);
      const bytes = this.bytes.subarray(header, header + 4096);
      this.put(header + 20, crc32cWithoutField(bytes, 20), 4);
    }
    return this;
  }

  /** Sets the name of the backing file. */
  name(text: string): this {
    const name = Buffer.from(text, 'utf16le');
    this.bytes.fill(0, NAME_AT, NAME_AT + 512).set(name, NAME_AT);
    return this.header(32, name.length, 4);
  }
}

/** A set that names a backing file, of which it is not known whether it exists. */
export function soundSet(backing = 'set_1.avhdx'): VhdsVictim {
  const set = new VhdsVictim(new Uint8Array(NAME_AT + 4096));
  set.bytes.set(Buffer.from('vhdsetv1', 'latin1'));
  set.bytes.set(Buffer.from('Refpoint', 'utf16le'), 8);
  for (const [i, header] of HEADERS.entries()) {
    set.bytes.set(Buffer.from('shdr', 'latin1'), header);
    set
      .put(header + 4, 0xffffe000, 4)
      .put(header + 8, i, 8)
      .put(header + 16, 1, 4);
    set.put(header + 24, 7, 4).put(header + 28, NAME_AT, 4);
  }
  return set.name(backing);
}
