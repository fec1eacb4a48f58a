/** `disk compare` of two equal images with 2 GiB of data, beside `qemu-img compare`. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Cost,
  GIB,
  inFolder,
  makeRaw,
  measured,
  median,
  report,
  seconds,
  timed,
  touchMemory,
} from './measure.ts';

await inFolder(async (dir) => {
  const raw = join(dir, 'disk.raw');
  const images = ['a.vhdx', 'b.vhdx'].map((name) => join(dir, name));
  makeRaw(
    raw,
    4 * GIB,
    Array.from({ length: 2048 }, (_, i) => i * 2),
  );
  for (const image of images) timed('qemu-img', ['convert', '-f', 'raw', '-O', 'vhdx', raw, image]);
  rmSync(raw);
  const pairs: (readonly [Cost, Cost])[] = [];
  for (let pair = 0; pair <= 5; pair++) {
    touchMemory();
    // The files are read once before, so that both find them in memory.
    for (const image of images) timed('sha1sum', [image]);
    const ours = measured(['disk', 'compare', ...images]);
    const theirs = timed('qemu-img', ['compare', '-f', 'vhdx', '-F', 'vhdx', ...images]);
    if (pair > 0) pairs.push([ours, theirs] as const);
  }
  const of = (which: 0 | 1, figure: 'wall' | 'cpu'): number =>
    median(pairs.map((pair) => pair[which][figure]));
  report(
    `disk compare of equal images: ${seconds(of(0, 'wall'))}, processor ${seconds(of(0, 'cpu'))}; qemu-img ${seconds(of(1, 'wall'))}, processor ${seconds(of(1, 'cpu'))}, ratio ${(of(0, 'wall') / of(1, 'wall')).toFixed(2)} (at most 1.0)`,
  );
});
