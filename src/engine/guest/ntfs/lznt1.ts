import { guestError } from '../bytes/guest-errors.ts';

const CHUNK = 4096;

/**
 * Unpacks LZNT1 (MS-XCA 2.5): chunks with a header of two bytes (size less one in 12 bits, signature
 * 3 in 3 bits, 1 if compressed), each for up to 4096 bytes. A compressed chunk holds groups
 * of a byte of flags and eight elements: a byte, or two bytes with a distance and a length, whose
 * bits depend on the place in the chunk. Chunks that are missing at the end are zeros. Throws
 * `guest.damaged`.
 */
export function unpackLznt1(packed: Uint8Array, size: number, what: string): Uint8Array {
  const out = new Uint8Array(size);
  let to = 0;
  for (let at = 0; at + 2 <= packed.length && to < size;) {
    const header = (packed[at] as number) | ((packed[at + 1] as number) << 8);
    if (header === 0) break;
    const end = at + 2 + (header & 0xfff) + 1;
    if (((header >> 12) & 0x7) !== 3 || end > packed.length) throw damaged(what, at);
    const chunk = packed.subarray(at + 2, end);
    const target = out.subarray(to, Math.min(size, to + CHUNK));
    if ((header & 0x8000) === 0) target.set(chunk.subarray(0, target.length));
    else unpackChunk(chunk, target, what);
    to += CHUNK;
    at = end;
  }
  return out;
}

function unpackChunk(chunk: Uint8Array, out: Uint8Array, what: string): void {
  let to = 0;
  for (let at = 0; at < chunk.length;) {
    const flags = chunk[at++] as number;
    for (let bit = 0; bit < 8 && at < chunk.length; bit++) {
      if ((flags & (1 << bit)) === 0) {
        if (to >= out.length) throw damaged(what, at);
        out[to++] = chunk[at++] as number;
        continue;
      }
      if (at + 2 > chunk.length) throw damaged(what, at);
      const element = (chunk[at] as number) | ((chunk[at + 1] as number) << 8);
      at += 2;
      // The distance has as many bits as the place needs, at least four.
      let lengthBits = 12;
      while (lengthBits > 4 && 2 ** (16 - lengthBits) < to) lengthBits--;
      const length = (element & (2 ** lengthBits - 1)) + 3;
      const distance = (element >> lengthBits) + 1;
      if (distance > to || to + length > out.length) throw damaged(what, at);
      for (let i = 0; i < length; i++, to++) out[to] = out[to - distance] as number;
    }
  }
}

const damaged = (what: string, offset: number): Error =>
  guestError('guest.damaged', `${what} has invalid compressed data`, { data: { what, offset } });
