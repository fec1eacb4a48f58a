import type { PageImage } from '../../files/page-storage.ts';
import type { FuzzSubject } from './fuzz-subjects.ts';

/** Values at which lengths, counts and offsets break. */
const VALUES = [
  0n,
  1n,
  2n,
  3n,
  7n,
  0x7fn,
  0xffn,
  511n,
  512n,
  4095n,
  4096n,
  0x7fffn,
  0xffffn,
  0x1_0000n,
  0xf_ffffn,
  0x10_0000n,
  0x7fff_ffffn,
  0xffff_fe00n,
  0xffff_ffffn,
  0x1_0000_0000n,
  2n ** 40n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/**
 * Returns a copy of the image of a subject with some values of its structures changed, mostly with
 * the checksums made right again, and sometimes cut off.
 */
export function mutated(subject: FuzzSubject, random: () => number): PageImage {
  const image = subject.image.clone();
  const changes = 1 + Math.floor(random() ** 2 * 5);
  for (let n = 0; n < changes; n++) change(image, subject, random);
  if (random() < 0.85) subject.seal(image);
  if (random() < 0.06) image.resize(Math.floor(random() * image.size));
  return image;
}

function change(image: PageImage, { hot, bigEndian }: FuzzSubject, random: () => number): void {
  const { start, length } = hot[Math.floor(random() * hot.length)] as FuzzSubject['hot'][number];
  const width = 2 ** Math.floor(random() * 4);
  const at = start + Math.floor((random() * length) / width) * width;
  if (at + 8 > image.size) return;
  const bytes = new Uint8Array(8);
  image.read(at, bytes);
  const view = new DataView(bytes.buffer);
  const shift = BigInt(64 - width * 8);
  const old = bigEndian
    ? view.getBigUint64(0) >> shift
    : BigInt.asUintN(width * 8, view.getBigUint64(0, true));
  const next = BigInt.asUintN(width * 8, nextValue(old, image.size, random));
  const low = bytes.slice(width);
  if (bigEndian) view.setBigUint64(0, next << shift);
  else view.setBigUint64(0, next, true);
  bytes.set(low, width);
  image.write(at, bytes);
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
