import { Buffer } from 'node:buffer';

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/** A round: its mixing function, its constant, the order of the words, the rotations. */
interface Round {
  readonly mix: (x: number, y: number, z: number) => number;
  readonly constant: number;
  readonly order: readonly number[];
  readonly shifts: readonly [number, number, number, number];
}

/** Rounds of RFC 1320 section 3.4. */
const ROUNDS: readonly Round[] = [
  {
    mix: (x, y, z) => (x & y) | (~x & z),
    constant: 0,
    order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    shifts: [3, 7, 11, 19],
  },
  {
    mix: (x, y, z) => (x & y) | (x & z) | (y & z),
    constant: 0x5a827999,
    order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
    shifts: [3, 5, 9, 13],
  },
  {
    mix: (x, y, z) => x ^ y ^ z,
    constant: 0x6ed9eba1,
    order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
    shifts: [3, 9, 11, 15],
  },
];

/**
 * Returns the MD4 digest of a message (RFC 1320). NTLM hashes passwords with it; OpenSSL 3 no longer
 * offers it by default. Not fast: it hashes passwords only.
 */
export function md4(message: Uint8Array): Buffer {
  const padded = pad(message);
  const state = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]);
  const words = new Int32Array(16);
  for (let block = 0; block < padded.length; block += 64) {
    for (let i = 0; i < 16; i++) words[i] = padded.readInt32LE(block + i * 4);
    addBlock(state, words);
  }
  const digest = Buffer.alloc(16);
  state.forEach((value, i) => digest.writeInt32LE(value, i * 4));
  return digest;
}

/** Appends 0x80, zeros, and the length in bits, up to a multiple of 64 bytes. */
function pad(message: Uint8Array): Buffer {
  const padded = Buffer.alloc(Math.ceil((message.length + 9) / 64) * 64);
  padded.set(message);
  padded[message.length] = 0x80;
  padded.writeBigUInt64LE(BigInt(message.length) * 8n, padded.length - 8);
  return padded;
}

function addBlock(state: Int32Array, words: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (const { mix, constant, order, shifts } of ROUNDS) {
    for (let i = 0; i < 16; i++) {
      const sum = (a + mix(b, c, d) + (words[order[i] as number] as number) + constant) | 0;
      [a, d, c, b] = [d, c, b, rotate(sum, shifts[i % 4] as number)];
    }
  }
  state.forEach((value, i) => {
    state[i] = value + ([a, b, c, d][i] as number);
  });
}
