import type { Guid } from '../../../base/guid.ts';

/**
 * Decodes the 16 bytes of a unique ID in their order. A VHD has them as a big-endian UUID, unlike
 * the GUIDs of a VHDX.
 */
export function idFromBytes(bytes: Uint8Array): Guid {
  const hex = Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0'));
  const at = (from: number, to: number): string => hex.slice(from, to).join('');
  return [at(0, 4), at(4, 6), at(6, 8), at(8, 10), at(10, 16)].join('-') as Guid;
}

/** Encodes an ID, the inverse of {@link idFromBytes}. */
export function idToBytes(id: Guid): Uint8Array {
  const hex = id.replaceAll('-', '');
  return Uint8Array.from({ length: 16 }, (_, i) =>
    Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16),
  );
}
