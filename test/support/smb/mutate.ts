/** Returns the next number below a limit. */
export type Random = (below: number) => number;

/** Reproducible numbers (mulberry32). */
export function random(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) % below;
  };
}

const NASTY = [0, 1, 7, 8, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff] as const;

/** Fields lie in so many bytes. */
const MOST_BYTES = 286;
/** Bytes at the start of the header that stay those of SMB. */
const START = 14;

/**
 * Changes some fields, cuts or extends.
 * @param from fields before it stay
 */
export function mutate(message: Buffer, next: Random, from = START): Buffer {
  const grown =
    next(8) === 0 ? Buffer.concat([message, Buffer.alloc(next(64), next(256))]) : message;
  const cut = next(6) === 0 ? grown.subarray(0, next(grown.length + 1)) : grown;
  const bytes = Buffer.from(cut);
  for (let n = next(4) + 1; n > 0 && bytes.length > from + 2; n--) {
    const at = from + next(Math.min(bytes.length, from + MOST_BYTES) - from);
    const value = NASTY[next(NASTY.length)] ?? 0;
    const size = Math.min(1 << next(3), bytes.length - at);
    if (size === 4) bytes.writeUInt32LE(value, at);
    else if (size === 2) bytes.writeUInt16LE(value & 0xffff, at);
    else bytes.writeUInt8(next(256), at);
  }
  return bytes;
}
