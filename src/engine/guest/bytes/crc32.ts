/**
 * CRC-32 of IEEE 802.3 (reflected 0xEDB88320), as GPT uses it; not the CRC-32C of VHDX. "123456789"
 * gives 0xCBF43926.
 */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc >>> 0;
});

export function crc32(bytes: Uint8Array): number {
  let state = 0xffff_ffff;
  for (const byte of bytes) state = (state >>> 8) ^ (TABLE[(state ^ byte) & 0xff] as number);
  return ~state >>> 0;
}
