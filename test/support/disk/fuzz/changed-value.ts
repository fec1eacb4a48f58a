/** Values at which lengths, counts and offsets break. */
const VALUES = [
  ...[0n, 1n, 2n, 3n, 7n, 0x7fn, 0xffn, 511n, 512n, 4095n, 4096n, 0x7fffn, 0xffffn, 0x1_0000n],
  ...[0xf_ffffn, 0x10_0000n, 0x7fff_ffffn, 0xffff_fe00n, 0xffff_ffffn, 0x1_0000_0000n, 2n ** 40n],
  ...[2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n],
];

/**
 * Changes a number of one to eight bytes.
 * @param fileSize bound of plausible offsets
 */
export function changeValue(
  bytes: Uint8Array,
  at: number,
  width: number,
  bigEndian: boolean,
  fileSize: number,
  random: () => number,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, width);
  const old = read(view, width, bigEndian);
  write(view, width, bigEndian, BigInt.asUintN(width * 8, nextValue(old, fileSize, random)));
}

function read(view: DataView, width: number, bigEndian: boolean): bigint {
  if (width === 1) return BigInt(view.getUint8(0));
  if (width === 2) return BigInt(view.getUint16(0, !bigEndian));
  return width === 4 ? BigInt(view.getUint32(0, !bigEndian)) : view.getBigUint64(0, !bigEndian);
}

function write(view: DataView, width: number, bigEndian: boolean, value: bigint): void {
  if (width === 1) view.setUint8(0, Number(value));
  else if (width === 2) view.setUint16(0, Number(value), !bigEndian);
  else if (width === 4) view.setUint32(0, Number(value), !bigEndian);
  else view.setBigUint64(0, value, !bigEndian);
}

function nextValue(old: bigint, fileSize: number, random: () => number): bigint {
  const dice = random();
  if (dice < 0.45) return VALUES[Math.floor(random() * VALUES.length)] as bigint;
  if (dice < 0.6) return old ^ (1n << BigInt(Math.floor(random() * 64)));
  if (dice < 0.75) return old + BigInt(Math.floor(random() * 9) - 4);
  if (dice < 0.85) return BigInt(Math.floor(random() * fileSize));
  if (dice < 0.95) return BigInt(Math.floor((random() * fileSize) / 4096) * 4096);
  return BigInt(Math.floor(random() * 2 ** 32));
}
