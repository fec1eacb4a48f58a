/**
 * CRC-32C (Castagnoli): reflected polynomial 0x82F63B78, initial value and final xor all ones.
 * Check value: "123456789" gives 0xE3069283. Uses slicing by eight tables. VHDX uses it for headers
 * (4 KiB), region tables (64 KiB) and log entries.
 */
const TABLES = makeTables();

function makeTables(): readonly Uint32Array[] {
  const tables = Array.from({ length: 8 }, () => new Uint32Array(256));
  const first = tables[0] as Uint32Array;
  for (let i = 0; i < 256; i++) {
    let crc = i;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    first[i] = crc >>> 0;
  }
  for (let t = 1; t < 8; t++) {
    const previous = tables[t - 1] as Uint32Array;
    const table = tables[t] as Uint32Array;
    for (let i = 0; i < 256; i++) {
      const value = previous[i] as number;
      table[i] = ((value >>> 8) ^ (first[value & 0xff] as number)) >>> 0;
    }
  }
  return tables;
}

/** Continues `crc` (0 at the start) over `bytes`. */
export function crc32c(bytes: Uint8Array, crc = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES as unknown as Tables;
  let state = ~crc >>> 0;
  let i = 0;
  for (const end = bytes.length - 7; i < end; i += 8) {
    const low =
      state ^
      ((bytes[i] as number) |
        ((bytes[i + 1] as number) << 8) |
        ((bytes[i + 2] as number) << 16) |
        ((bytes[i + 3] as number) << 24));
    state =
      (t7[low & 0xff] as number) ^
      (t6[(low >>> 8) & 0xff] as number) ^
      (t5[(low >>> 16) & 0xff] as number) ^
      (t4[low >>> 24] as number) ^
      (t3[bytes[i + 4] as number] as number) ^
      (t2[bytes[i + 5] as number] as number) ^
      (t1[bytes[i + 6] as number] as number) ^
      (t0[bytes[i + 7] as number] as number);
  }
  for (; i < bytes.length; i++) {
    state = (state >>> 8) ^ (t0[(state ^ (bytes[i] as number)) & 0xff] as number);
  }
  return ~state >>> 0;
}

type Tables = readonly [
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
];

/**
 * Returns the CRC-32C of `bytes`, with the four bytes at `fieldOffset` (the checksum field itself)
 * taken as zero.
 */
export function crc32cWithoutField(bytes: Uint8Array, fieldOffset: number): number {
  let crc = crc32c(bytes.subarray(0, fieldOffset));
  crc = crc32c(new Uint8Array(4), crc);
  return crc32c(bytes.subarray(fieldOffset + 4), crc);
}
