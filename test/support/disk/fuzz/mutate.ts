import type { PageImage } from '../../files/page-storage.ts';
import { changeValue } from './changed-value.ts';
import type { FuzzSubject } from './fuzz-subjects.ts';

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
  if (at + width > image.size) return;
  const bytes = new Uint8Array(width);
  image.read(at, bytes);
  changeValue(bytes, 0, width, bigEndian, image.size, random);
  image.write(at, bytes);
}
