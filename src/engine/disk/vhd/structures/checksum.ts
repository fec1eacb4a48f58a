/**
 * Returns the checksum of a footer or a dynamic header: the ones' complement of the sum of all
 * bytes, the four bytes of the checksum itself as zero.
 */
export function vhdChecksum(bytes: Uint8Array, fieldOffset: number): number {
  let sum = 0;
  for (const [i, byte] of bytes.entries()) {
    if (i < fieldOffset || i >= fieldOffset + 4) sum += byte;
  }
  return ~sum >>> 0;
}

export const hex32 = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;
